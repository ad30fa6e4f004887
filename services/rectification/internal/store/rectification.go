package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type rectificationRow struct {
	ID               string
	Place            place `gorm:"embedded"`
	DeliveryID       string
	RuleSet          string
	Problems         row.Docs[problemDoc] `gorm:"type:jsonb"`
	CityProblems     []problemDoc         `gorm:"serializer:json"`
	State            string
	ReceiveDate      row.Day
	PlanSubmitDate   row.Day
	ReportSubmitDate row.Day
	DecisionID       row.Text
	CloseDate        row.Day
	CityMaySee       bool
	Version          int64
	CreateTime       time.Time
	UpdateTime       time.Time
}

func (rectificationRow) TableName() string { return "rectification" }

func toRectificationRow(r domain.RectificationRecord) rectificationRow {
	return rectificationRow{
		ID: r.ID, Place: toPlace(r.Place), DeliveryID: r.Delivery, RuleSet: r.RuleSet,
		Problems: row.Convert(r.Problems, toProblem), CityProblems: cityProblems(r.CityProblems),
		State: string(r.State), ReceiveDate: row.Day(r.ReceiveDate),
		PlanSubmitDate: row.Day(r.PlanSubmitDate), ReportSubmitDate: row.Day(r.ReportSubmitDate),
		DecisionID: row.Text(r.Decision), CloseDate: row.Day(r.CloseDate), CityMaySee: r.CityMaySee,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

// cityProblems are NULL where the city has the problems of the case.
func cityProblems(problems []domain.Problem) []problemDoc {
	if problems == nil {
		return nil
	}
	return row.Convert(problems, toProblem)
}

// domain gives a case as the caller may know it: a city the problems that were copied to it.
func (r rectificationRow) domain(tx *pg.Tx) *domain.Rectification {
	var forCity []domain.Problem
	if r.CityProblems != nil {
		forCity = row.Convert(r.CityProblems, fromProblem)
		if tx.Principal().City != "" {
			r.Problems = r.CityProblems
		}
	}
	return domain.RehydrateRectification(domain.RectificationRecord{
		ID: r.ID, Place: r.Place.domain(), Delivery: r.DeliveryID, RuleSet: r.RuleSet,
		Problems: row.Convert(r.Problems, fromProblem), CityProblems: forCity, State: domain.RectificationState(r.State),
		ReceiveDate: workday.Date(r.ReceiveDate), PlanSubmitDate: workday.Date(r.PlanSubmitDate),
		ReportSubmitDate: workday.Date(r.ReportSubmitDate), Decision: string(r.DecisionID),
		CloseDate: workday.Date(r.CloseDate), CityMaySee: r.CityMaySee,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// Rectification gives a case by its id.
func Rectification(tx *pg.Tx, id string) (*domain.Rectification, error) {
	found, err := row.One(tx, scoped[rectificationRow](tx, byPlace(), onceCopied).Where("id = ?", id), row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(tx), nil
}

// HoldRectification has a step that depends on the state of a case exclude all that
// change the case at the same time: it writes the row, for a row that is only locked
// fails nobody who read it before.
func HoldRectification(tx *pg.Tx, id string) error {
	n, err := scoped[rectificationRow](tx, byPlace(), onceCopied).Where("id = ?", id).
		Update(tx.Context(), "update_time", gorm.Expr("update_time"))
	if err != nil {
		return fmt.Errorf("hold case: %w", err)
	}
	if n == 0 {
		return row.Missing()
	}
	return nil
}

// Rectifications lists cases in order of creation.
func Rectifications(tx *pg.Tx, q Query) ([]*domain.Rectification, error) {
	rows, err := list(tx, scoped[rectificationRow](tx, byPlace(), onceCopied), q, "id")
	return row.Convert(rows, func(r rectificationRow) *domain.Rectification { return r.domain(tx) }), err
}

// SaveByCounty writes what the county's submissions change of a case. The outside
// role may write no other columns.
func SaveByCounty(tx *pg.Tx, r *domain.Rectification) error {
	return saveRectification(tx, r, "plan_submit_date", "report_submit_date", "update_time")
}

// SaveRectification writes what group, office and leading group change of a case.
func SaveRectification(tx *pg.Tx, r *domain.Rectification) error {
	return saveRectification(tx, r, "state", "decision_id", "close_date", "update_time")
}

func saveRectification(tx *pg.Tx, r *domain.Rectification, columns ...string) error {
	record := r.Record()
	old := record.Version
	record.Version++
	query := scoped[rectificationRow](tx, byPlace(), onceCopied).Where("id = ?", record.ID)
	if err := row.Update(tx, query, toRectificationRow(record), old, columns...); err != nil {
		return err
	}
	*r = *domain.RehydrateRectification(record)
	return nil
}

// ShowToCity lets the city see the case, once the feedback was copied to it
// (art. 11), with the problems of that feedback; its items come later. It is no change of the case itself, whose
// version stays.
func ShowToCity(tx *pg.Tx, id string) error {
	shown := tx.Gorm().Model(&rectificationRow{}).Where(tx.Own(byPlace())).
		Where("province = ? AND id = ?", tx.Principal().Province, id).
		Updates(map[string]any{"city_may_see": true, "city_problems": nil})
	if shown.Error != nil {
		return fmt.Errorf("show case to city: %w", shown.Error)
	}
	if shown.RowsAffected != 1 {
		return fmt.Errorf("show case to city: %w", gorm.ErrRecordNotFound)
	}
	return nil
}
