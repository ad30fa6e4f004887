package store

import (
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type batchRow struct {
	Province    string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	DisplayName string
	TermID      string
	State       string
	DecisionID  row.Text
	EndDate     row.Day
	HearingDate row.Day
	CreateTime  time.Time
	UpdateTime  time.Time
	Version     int64
}

// TableName implements gorm's Tabler.
func (batchRow) TableName() string { return "batch" }

func rowOfBatch(r domain.BatchRecord) batchRow {
	return batchRow{
		Province: r.Province, ID: r.ID, DisplayName: r.DisplayName, TermID: r.Term, State: string(r.State),
		DecisionID: row.Text(r.Decision), EndDate: row.Day(r.EndDate), HearingDate: row.Day(r.HearingDate),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r batchRow) batch() *domain.Batch {
	return domain.RehydrateBatch(domain.BatchRecord{
		Province: r.Province, ID: r.ID, DisplayName: r.DisplayName, Term: r.TermID,
		State: domain.BatchState(r.State), Decision: string(r.DecisionID),
		EndDate: workday.Date(r.EndDate), HearingDate: workday.Date(r.HearingDate),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

// Batch reads a batch.
func Batch(tx *pg.Tx, province, id string) (*domain.Batch, error) { return readBatch(tx, province, id) }

// BatchForUpdate reads a batch and keeps others from changing it.
func BatchForUpdate(tx *pg.Tx, province, id string) (*domain.Batch, error) {
	return readBatch(tx, province, id, row.ForUpdate())
}

// BatchForShare reads a batch and keeps its state as it is until the end of the
// transaction.
func BatchForShare(tx *pg.Tx, province, id string) (*domain.Batch, error) {
	return readBatch(tx, province, id, row.ForShare())
}

// RequireBatches refuses if one of the batches is not there for the caller, and
// names the first that is not.
func RequireBatches(tx *pg.Tx, province string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	found, err := gorm.G[batchRow](tx.Gorm()).Where(tx.Own(pg.Columns{})).
		Where("province = ? AND id IN ?", province, ids).Find(tx.Context())
	if err != nil {
		return fmt.Errorf("batches of decision: %w", err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(b batchRow) bool { return b.ID == id }) {
			return fault.Missing(domain.BatchName(province, id))
		}
	}
	return nil
}

func readBatch(tx *pg.Tx, province, id string, lock ...clause.Expression) (*domain.Batch, error) {
	stored, err := one[batchRow](tx, tx.Own(pg.Columns{}), key{province, id, domain.BatchName}, lock...)
	if err != nil {
		return nil, err
	}
	return stored.batch(), nil
}

// Batches lists batches in order of creation.
func Batches(tx *pg.Tx, q Query) ([]*domain.Batch, error) {
	rows, err := many[batchRow](tx, tx.Own(pg.Columns{}), q, "id")
	return row.Convert(rows, batchRow.batch), err
}

// InsertBatch stores a new batch of an existing term.
func InsertBatch(tx *pg.Tx, b *domain.Batch) error {
	stored := rowOfBatch(b.Record())
	return row.Instead(row.Insert(tx, stored), "batch_term_fk",
		fault.Missing(domain.TermName(stored.Province, stored.TermID)))
}

// SaveBatch stores a changed batch. It counts the version up even where nothing
// changed: of two inspections that leave at the same time, one must see the other.
func SaveBatch(tx *pg.Tx, b *domain.Batch) error {
	r := b.Record()
	stored := rowOfBatch(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Province, r.ID, r.Version,
		"state", "decision_id", "end_date", "update_time")
	if err != nil {
		return err
	}
	b.Saved()
	return nil
}

// SaveHearing stores when the leading group heard the report.
func SaveHearing(tx *pg.Tx, b *domain.Batch) error {
	r := b.Record()
	stored := rowOfBatch(r)
	stored.Version = r.Version + 1
	if err := update(tx, stored, r.Province, r.ID, r.Version, "hearing_date", "update_time"); err != nil {
		return err
	}
	b.Saved()
	return nil
}
