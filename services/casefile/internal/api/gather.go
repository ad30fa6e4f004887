package api

import (
	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/casefile/internal/store"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// openFile reads the case file that new source material goes into, and asks
// whether it may take any (arts 8, 10).
func openFile(tx *pg.Tx, key domain.Key, name string, may func(*domain.CaseFile, *domain.Report) error) (*domain.CaseFile, error) {
	file, err := store.CaseFile(tx, key.Province, key.CaseFile)
	if err != nil {
		return nil, as(name, err)
	}
	report, err := store.ReportOf(tx, key.Province, key.CaseFile)
	if err != nil {
		return nil, err
	}
	return file, may(file, report)
}
