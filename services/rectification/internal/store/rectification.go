package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type rectificationRow struct {
	ID               string
	Place            place `gorm:"embedded"`
	DeliveryID       string
	RuleSet          string
	Problems         []problemDoc `gorm:"serializer:json"`
	State            string
	ReceiveDate      date
	PlanDue          dueColumns `gorm:"embedded;embeddedPrefix:plan_due_"`
	PlanSubmitDate   date
	ReportDue        dueColumns `gorm:"embedded;embeddedPrefix:report_due_"`
	ReportSubmitDate date
	DecisionID       *string
	CloseDate        date
	CityMaySee       bool
	Version          int64
	CreateTime       time.Time
	UpdateTime       time.Time
}

func (rectificationRow) TableName() string { return "rectification" }

// dueColumns are a statutory date; its rule set is that of the case.
type dueColumns struct {
	Date        date
	Start       date
	Provisional bool
	Article     string
	Calendar    string
}

func toDue(d domain.StatutoryDate) dueColumns {
	return dueColumns{date{d.Date}, date{d.Start}, d.Provisional, d.Article, d.Calendar}
}

func (d dueColumns) domain(ruleSet string) domain.StatutoryDate {
	if d.Date.IsZero() {
		return domain.StatutoryDate{}
	}
	return domain.StatutoryDate{
		Date: d.Date.Date, Start: d.Start.Date, Provisional: d.Provisional,
		Article: d.Article, RuleSet: ruleSet, Calendar: d.Calendar,
	}
}

func toRectificationRow(r domain.RectificationRecord) rectificationRow {
	return rectificationRow{
		ID: r.ID, Place: toPlace(r.Place), DeliveryID: r.Delivery, RuleSet: r.RuleSet,
		Problems: mapped(r.Problems, toProblem), State: string(r.State), ReceiveDate: date{r.ReceiveDate},
		PlanDue: toDue(r.PlanDue), PlanSubmitDate: date{r.PlanSubmitDate},
		ReportDue: toDue(r.ReportDue), ReportSubmitDate: date{r.ReportSubmitDate},
		DecisionID: optional(r.Decision), CloseDate: date{r.CloseDate}, CityMaySee: r.CityMaySee,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (row rectificationRow) domain() *domain.Rectification {
	return domain.RehydrateRectification(domain.RectificationRecord{
		ID: row.ID, Place: row.Place.domain(), Delivery: row.DeliveryID, RuleSet: row.RuleSet,
		Problems: mapped(row.Problems, fromProblem), State: domain.RectificationState(row.State),
		ReceiveDate: row.ReceiveDate.Date, PlanDue: row.PlanDue.domain(row.RuleSet),
		PlanSubmitDate: row.PlanSubmitDate.Date, ReportDue: row.ReportDue.domain(row.RuleSet),
		ReportSubmitDate: row.ReportSubmitDate.Date, Decision: orEmpty(row.DecisionID),
		CloseDate: row.CloseDate.Date, CityMaySee: row.CityMaySee,
		Version: row.Version, CreateTime: row.CreateTime, UpdateTime: row.UpdateTime,
	})
}

// Rectification gives a case by its id.
func Rectification(tx *pg.Tx, id string) (*domain.Rectification, error) {
	return rectification(tx, id, clause.Expr{SQL: "true"})
}

// RectificationForShare also keeps the case as it is until the transaction ends,
// for a step that depends on its state and does not change it.
func RectificationForShare(tx *pg.Tx, id string) (*domain.Rectification, error) {
	return rectification(tx, id, clause.Locking{Strength: clause.LockingStrengthShare})
}

func rectification(tx *pg.Tx, id string, locking clause.Expression) (*domain.Rectification, error) {
	query := gorm.G[rectificationRow](tx.Gorm())
	if lock, ok := locking.(clause.Locking); ok {
		query = gorm.G[rectificationRow](tx.Gorm(), lock)
	}
	row, err := query.Where(tx.Own(byPlace())).Where(onceCopied(tx)).
		Where("province = ? AND id = ?", tx.Principal().Province, id).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("rectification: %w", err)
	}
	return row.domain(), nil
}

// Rectifications lists cases in order of creation.
func Rectifications(tx *pg.Tx, q Query) ([]*domain.Rectification, error) {
	rows, err := list[rectificationRow](tx, byPlace(), onceCopied, q, "id")
	if err != nil {
		return nil, fmt.Errorf("rectifications: %w", err)
	}
	return mapped(rows, rectificationRow.domain), nil
}

// SaveByCounty writes what the county's submissions change of a case. The outside
// role may write no other columns.
func SaveByCounty(tx *pg.Tx, r *domain.Rectification) error {
	return saveRectification(tx, r, "PlanSubmitDate",
		"report_due_date", "report_due_start", "report_due_provisional", "report_due_article", "report_due_calendar",
		"ReportSubmitDate", "Version", "UpdateTime")
}

// SaveRectification writes what group, office and leading group change of a case.
func SaveRectification(tx *pg.Tx, r *domain.Rectification) error {
	return saveRectification(tx, r, "State",
		"report_due_date", "report_due_start", "report_due_provisional", "report_due_article", "report_due_calendar",
		"DecisionID", "CloseDate", "Version", "UpdateTime")
}

func saveRectification(tx *pg.Tx, r *domain.Rectification, column string, more ...any) error {
	record := r.Record()
	old := record.Version
	record.Version++
	chain := scoped[rectificationRow](tx, byPlace(), onceCopied).Where("id = ? AND version = ?", record.ID, old)
	if err := update(tx, chain, toRectificationRow(record), column, more...); err != nil {
		return fmt.Errorf("save rectification: %w", err)
	}
	*r = *domain.RehydrateRectification(record)
	return nil
}

// ShowToCity lets the city see the case and its items, once the feedback was
// copied to it (art. 11). It is no change of the case itself, whose version stays.
func ShowToCity(tx *pg.Tx, id string) error {
	ctx, province := tx.Context(), tx.Principal().Province
	n, err := gorm.G[rectificationRow](tx.Gorm()).Where(tx.Own(byPlace())).
		Where("province = ? AND id = ?", province, id).Update(ctx, "city_may_see", true)
	if err != nil {
		return fmt.Errorf("show case to city: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("show case to city: %w", gorm.ErrRecordNotFound)
	}
	_, err = gorm.G[itemRow](tx.Gorm()).Where(tx.Own(byPlace())).
		Where("province = ? AND rectification_id = ?", province, id).Update(ctx, "city_may_see", true)
	if err != nil {
		return fmt.Errorf("show items to city: %w", err)
	}
	return nil
}
