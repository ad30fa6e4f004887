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

type inspectionRow struct {
	Province            string `gorm:"primaryKey"`
	ID                  string `gorm:"primaryKey"`
	BatchID             string
	CountyCode          string
	CityCode            row.Text
	State               string
	PlannedEntryDate    row.Day
	PlannedEndDate      row.Day
	PeriodReason        string
	GroupID             row.Text
	RuleSet             row.Text
	EntryDate           row.Day
	OnSiteEndDate       row.Day
	FeedbackReceiveDate row.Day
	CloseDate           row.Day
	CreateTime          time.Time
	UpdateTime          time.Time
	Version             int64
}

// TableName implements gorm's Tabler.
func (inspectionRow) TableName() string { return "inspection" }

func rowOfInspection(r domain.InspectionRecord) inspectionRow {
	return inspectionRow{
		Province: r.Province, ID: r.ID, BatchID: r.Batch, CountyCode: r.County, CityCode: row.Text(r.City),
		State: string(r.State), PlannedEntryDate: row.Day(r.PlannedEntry), PlannedEndDate: row.Day(r.PlannedEnd),
		PeriodReason: r.PeriodReason, GroupID: row.Text(r.Group), RuleSet: row.Text(r.RuleSet),
		EntryDate: row.Day(r.EntryDate), OnSiteEndDate: row.Day(r.OnSiteEndDate),
		FeedbackReceiveDate: row.Day(r.FeedbackReceiveDate), CloseDate: row.Day(r.CloseDate),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r inspectionRow) inspection() *domain.Inspection {
	return domain.RehydrateInspection(domain.InspectionRecord{
		Province: r.Province, ID: r.ID, Batch: r.BatchID, County: r.CountyCode, City: string(r.CityCode),
		State: domain.InspectionState(r.State), PlannedEntry: workday.Date(r.PlannedEntryDate),
		PlannedEnd: workday.Date(r.PlannedEndDate), PeriodReason: r.PeriodReason,
		Group: string(r.GroupID), RuleSet: string(r.RuleSet),
		EntryDate: workday.Date(r.EntryDate), OnSiteEndDate: workday.Date(r.OnSiteEndDate),
		FeedbackReceiveDate: workday.Date(r.FeedbackReceiveDate), CloseDate: workday.Date(r.CloseDate),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

func inspectionScope(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{County: "county_code", City: "city_code", Inspection: "id"})
}

// Inspection reads an inspection.
func Inspection(tx *pg.Tx, province, id string) (*domain.Inspection, error) {
	stored, err := one[inspectionRow](tx, inspectionScope(tx), key{province, id, domain.InspectionName})
	if err != nil {
		return nil, err
	}
	return stored.inspection(), nil
}

// InspectionForUpdate reads an inspection and keeps others from changing it.
func InspectionForUpdate(tx *pg.Tx, province, id string) (*domain.Inspection, error) {
	stored, err := one[inspectionRow](tx, inspectionScope(tx), key{province, id, domain.InspectionName}, row.ForUpdate())
	if err != nil {
		return nil, err
	}
	return stored.inspection(), nil
}

// RequireInspections refuses if one of the inspections is not there for the caller, and
// names the first that is not.
func RequireInspections(tx *pg.Tx, province string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	found, err := gorm.G[inspectionRow](tx.Gorm()).Where(inspectionScope(tx)).
		Where("province = ? AND id IN ?", province, ids).Find(tx.Context())
	if err != nil {
		return fmt.Errorf("inspections of decision: %w", err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(i inspectionRow) bool { return i.ID == id }) {
			return fault.Missing(domain.InspectionName(province, id))
		}
	}
	return nil
}

// Inspections lists inspections in order of creation.
func Inspections(tx *pg.Tx, q Query) ([]*domain.Inspection, error) {
	rows, err := many[inspectionRow](tx, inspectionScope(tx), q, "id")
	return row.Convert(rows, inspectionRow.inspection), err
}

// InsertInspection stores a new inspection. A county stands once in a batch.
func InsertInspection(tx *pg.Tx, i *domain.Inspection) error {
	return row.Instead(row.Insert(tx, rowOfInspection(i.Record())), "inspection_once_per_batch",
		fault.New(fault.Exists, fault.ReasonAlreadyExists, fault.MetaArticle, "2"))
}

// SaveInspection stores a changed inspection. The group can only be in one county
// at a time, by its plans and by where it is (art. 4).
func SaveInspection(tx *pg.Tx, i *domain.Inspection) error {
	r := i.Record()
	stored := rowOfInspection(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Province, r.ID, r.Version,
		"state", "planned_entry_date", "planned_end_date", "period_reason", "group_id", "rule_set",
		"entry_date", "on_site_end_date", "feedback_receive_date", "close_date", "update_time")
	if err != nil {
		busy := fault.Refuse("4", domain.ReasonGroupDoubleBooked)
		return row.Instead(row.Instead(err, "inspection_group_free", busy), "inspection_group_on_site", busy)
	}
	i.Saved()
	return nil
}

const selectOnSite = `
SELECT count(*) FILTER (WHERE on_site_end_date IS NULL), max(on_site_end_date)
FROM inspection WHERE province = ? AND batch_id = ? AND id <> ?`

// OnSiteProgress tells how many inspections of a batch, beside the given one,
// have not left their county, and the last on-site day of those that have.
func OnSiteProgress(tx *pg.Tx, province, batch, beside string) (open int, latest workday.Date, err error) {
	var last row.Day
	if err := tx.Gorm().Raw(selectOnSite, province, batch, beside).Row().Scan(&open, &last); err != nil {
		return 0, workday.Date{}, fmt.Errorf("progress of batch: %w", err)
	}
	return open, workday.Date(last), nil
}

// SchemeOf tells how many inspections a batch has, and when one last changed.
func SchemeOf(tx *pg.Tx, province, batch string) (domain.Scheme, error) {
	var s domain.Scheme
	var last row.Instant
	err := tx.Gorm().Raw("SELECT count(*), max(update_time) FROM inspection WHERE province = ? AND batch_id = ?", province, batch).
		Row().Scan(&s.Inspections, &last)
	if err != nil {
		return domain.Scheme{}, fmt.Errorf("scheme of batch: %w", err)
	}
	s.ChangeTime = time.Time(last)
	return s, nil
}

// OpenTasksOfGroup lists the ids of the tasks of a group that are not closed.
func OpenTasksOfGroup(tx *pg.Tx, province, group string) ([]string, error) {
	var ids []string
	err := tx.Gorm().Raw("SELECT id::text FROM inspection WHERE province = ? AND group_id = ? AND state <> ? ORDER BY id",
		province, group, string(domain.InspectionClosed)).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("tasks of group: %w", err)
	}
	return ids, nil
}
