package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type decisionRow struct {
	Province       string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	DocumentNumber string
	DecideDate     row.Day
	CreateTime     time.Time
}

// TableName implements gorm's Tabler.
func (decisionRow) TableName() string { return "decision" }

type decisionItemRow struct {
	Province   string `gorm:"primaryKey"`
	DecisionID string `gorm:"primaryKey"`
	Position   int    `gorm:"primaryKey"`
	Kind       string
	Subject    string
	Text       string
}

// TableName implements gorm's Tabler.
func (decisionItemRow) TableName() string { return "decision_item" }

// Decision reads a decision with its items.
func Decision(tx *pg.Tx, province, id string) (*domain.Decision, error) {
	stored, err := one[decisionRow](tx, tx.Own(pg.Columns{}), key{province, id, domain.DecisionName})
	if err != nil {
		return nil, err
	}
	found, err := withItems(tx, province, []decisionRow{stored})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Decisions lists decisions in order of creation.
func Decisions(tx *pg.Tx, q Query) ([]*domain.Decision, error) {
	rows, err := many[decisionRow](tx, tx.Own(pg.Columns{}), q, "id")
	if err != nil {
		return nil, err
	}
	return withItems(tx, q.Province, rows)
}

func withItems(tx *pg.Tx, province string, rows []decisionRow) ([]*domain.Decision, error) {
	ids := row.Convert(rows, func(r decisionRow) string { return r.ID })
	items, err := gorm.G[decisionItemRow](tx.Gorm()).
		Where("province = ? AND decision_id IN ?", province, ids).
		Order("decision_id, position").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("items of decisions: %w", err)
	}
	of := make(map[string][]domain.DecisionItem, len(rows))
	for _, i := range items {
		of[i.DecisionID] = append(of[i.DecisionID],
			domain.DecisionItem{Kind: domain.DecisionKind(i.Kind), Subject: i.Subject, Text: i.Text})
	}
	return row.Convert(rows, func(r decisionRow) *domain.Decision {
		return domain.RehydrateDecision(domain.DecisionRecord{
			Province: r.Province, ID: r.ID, DocumentNumber: r.DocumentNumber,
			DecideDate: workday.Date(r.DecideDate), Items: of[r.ID], CreateTime: r.CreateTime,
		})
	}), nil
}

// InsertDecision stores a new decision. Its number is unique in the province.
func InsertDecision(tx *pg.Tx, d *domain.Decision) error {
	r := d.Record()
	stored := decisionRow{
		Province: r.Province, ID: r.ID, DocumentNumber: r.DocumentNumber,
		DecideDate: row.Day(r.DecideDate), CreateTime: r.CreateTime,
	}
	if err := row.Insert(tx, stored); err != nil {
		return row.Instead(err, "decision_number",
			fault.New(fault.Exists, fault.ReasonAlreadyExists, "document_number", r.DocumentNumber))
	}
	items := make([]decisionItemRow, 0, len(r.Items))
	for n, i := range r.Items {
		items = append(items, decisionItemRow{
			Province: r.Province, DecisionID: r.ID, Position: n,
			Kind: string(i.Kind), Subject: i.Subject, Text: i.Text,
		})
	}
	return row.InsertAll(tx, items)
}
