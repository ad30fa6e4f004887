package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

type caseFileRow struct {
	Province          string `gorm:"primaryKey"`
	ID                string `gorm:"primaryKey"`
	CountyCode        string
	CityCode          string
	CountyDisplayName string
	RuleSet           string
	EntryDate         row.Day
	OnSiteEndDate     row.Day
	CreateTime        time.Time
	UpdateTime        time.Time
	Version           int64
}

// TableName implements gorm's Tabler.
func (caseFileRow) TableName() string { return "case_file" }

// memberRow is of the kit's table, by which authz.tasks() knows who acts where.
type memberRow struct {
	Province     string `gorm:"primaryKey"`
	InspectionID string `gorm:"primaryKey"`
	Subject      string `gorm:"primaryKey"`
	DisplayName  string
	Leader       bool
}

// TableName implements gorm's Tabler.
func (memberRow) TableName() string { return "task_member" }

type counterRow struct {
	Province     string `gorm:"primaryKey"`
	InspectionID string `gorm:"primaryKey"`
	Last         int32
}

// TableName implements gorm's Tabler.
func (counterRow) TableName() string { return "petition_counter" }

func caseFileScope(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{Inspection: "id"})
}

// CaseFile reads a case file with its members.
func CaseFile(tx *pg.Tx, province, id string) (*domain.CaseFile, error) {
	stored, err := one[caseFileRow](tx, caseFileScope(tx), byID, province, id)
	if err != nil {
		return nil, err
	}
	found, err := withMembers(tx, province, []caseFileRow{stored})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// CaseFiles lists the case files of a province in order of creation.
func CaseFiles(tx *pg.Tx, q Query) ([]*domain.CaseFile, error) {
	rows, err := many[caseFileRow](tx, caseFileScope(tx), q, byCreation()...)
	if err != nil {
		return nil, err
	}
	return withMembers(tx, q.Province, rows)
}

func withMembers(tx *pg.Tx, province string, rows []caseFileRow) ([]*domain.CaseFile, error) {
	ids := row.Convert(rows, func(r caseFileRow) string { return r.ID })
	members, err := gorm.G[memberRow](tx.Gorm()).
		Where("province = ? AND inspection_id IN ?", province, ids).
		Order("inspection_id, leader DESC, subject COLLATE \"C\"").
		Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("members of case files: %w", err)
	}
	of := make(map[string][]domain.Member, len(rows))
	for _, m := range members {
		of[m.InspectionID] = append(of[m.InspectionID],
			domain.Member{Subject: m.Subject, DisplayName: m.DisplayName, Leader: m.Leader})
	}
	return row.Convert(rows, func(r caseFileRow) *domain.CaseFile {
		return domain.RehydrateCaseFile(domain.CaseFileRecord{
			Province: r.Province, ID: r.ID, County: r.CountyCode, City: r.CityCode, CountyDisplayName: r.CountyDisplayName,
			RuleSet: r.RuleSet, Members: of[r.ID], EntryDate: workday.Date(r.EntryDate),
			OnSiteEndDate: workday.Date(r.OnSiteEndDate), CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
			Version: r.Version,
		})
	}), nil
}

// InsertCaseFile stores a new case file with its members, and with the counter of
// its petitions.
func InsertCaseFile(tx *pg.Tx, c *domain.CaseFile) error {
	r := c.Record()
	stored := caseFileRow{
		Province: r.Province, ID: r.ID, CountyCode: r.County, CityCode: r.City, CountyDisplayName: r.CountyDisplayName,
		RuleSet: r.RuleSet, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
	if err := row.Insert(tx, stored); err != nil {
		return err
	}
	if err := row.Insert(tx, counterRow{Province: r.Province, InspectionID: r.ID}); err != nil {
		return err
	}
	return insertMembers(tx, r)
}

// SaveCaseFile stores a changed case file. The members are replaced as a whole:
// whoever is not among them any more reads nothing with his next call.
func SaveCaseFile(tx *pg.Tx, c *domain.CaseFile) error {
	r := c.Record()
	stored := caseFileRow{
		EntryDate: row.Day(r.EntryDate), OnSiteEndDate: row.Day(r.OnSiteEndDate),
		UpdateTime: r.UpdateTime, Version: r.Version + 1,
	}
	err := update(tx, stored, r.Version, []string{"entry_date", "on_site_end_date", "update_time"},
		byID, r.Province, r.ID)
	if err != nil {
		return err
	}
	c.Saved()
	_, err = gorm.G[memberRow](tx.Gorm()).
		Where(byFile, r.Province, r.ID).Delete(tx.Context())
	if err != nil {
		return fmt.Errorf("end membership: %w", err)
	}
	return insertMembers(tx, r)
}

func insertMembers(tx *pg.Tx, r domain.CaseFileRecord) error {
	return row.InsertAll(tx, row.Convert(r.Members, func(m domain.Member) memberRow {
		return memberRow{
			Province: r.Province, InspectionID: r.ID, Subject: m.Subject,
			DisplayName: m.DisplayName, Leader: m.Leader,
		}
	}))
}
