package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type deliveryRow struct {
	ID              string
	Place           place `gorm:"embedded"`
	Addressee       string
	Kind            string
	Submission      int32
	FeedbackID      *string
	RectificationID *string
	RuleSet         string
	DocumentNumber  string
	Content         contentDoc `gorm:"serializer:json"`
	DeliverTime     time.Time
	ReceiveTime     *time.Time
	Receiver        string
	Version         int64
}

func (deliveryRow) TableName() string { return "delivery" }

type contentDoc struct {
	Summary  string       `json:"summary,omitempty"`
	Problems []problemDoc `json:"problems,omitempty"`
	Measures []measureDoc `json:"measures,omitempty"`
	Accounts []accountDoc `json:"accounts,omitempty"`
}

func byAddressee() pg.Columns {
	c := byPlace()
	c.Addressee = "addressee"
	return c
}

// addressee is the resource name of the jurisdiction, as a caller's scope has it.
func addressee(k domain.DeliveryKind, p domain.Place) string {
	if k.ToCounty() {
		return "provinces/" + p.Province + "/counties/" + p.County
	}
	return "provinces/" + p.Province + "/cities/" + p.City
}

func toDeliveryRow(r domain.DeliveryRecord) deliveryRow {
	return deliveryRow{
		ID: r.ID, Place: toPlace(r.Place), Addressee: addressee(r.Kind, r.Place), Kind: string(r.Kind),
		Submission: r.Content.Submission, FeedbackID: optional(r.Feedback),
		RectificationID: optional(r.Rectification), RuleSet: r.RuleSet, DocumentNumber: r.DocumentNumber,
		Content: contentDoc{
			Summary: r.Content.Summary, Problems: mapped(r.Content.Problems, toProblem),
			Measures: mapped(r.Content.Measures, toMeasure), Accounts: mapped(r.Content.Accounts, toAccount),
		},
		DeliverTime: r.DeliverTime, ReceiveTime: optionalTime(r.ReceiveTime), Receiver: r.Receiver, Version: r.Version,
	}
}

func (row deliveryRow) domain() *domain.Delivery {
	return domain.RehydrateDelivery(domain.DeliveryRecord{
		ID: row.ID, Place: row.Place.domain(), Kind: domain.DeliveryKind(row.Kind),
		Feedback: orEmpty(row.FeedbackID), Rectification: orEmpty(row.RectificationID),
		RuleSet: row.RuleSet, DocumentNumber: row.DocumentNumber,
		Content: domain.Content{
			Summary: row.Content.Summary, Problems: mapped(row.Content.Problems, fromProblem),
			Submission: row.Submission, Measures: mapped(row.Content.Measures, fromMeasure),
			Accounts: mapped(row.Content.Accounts, fromAccount),
		},
		DeliverTime: row.DeliverTime, ReceiveTime: orZero(row.ReceiveTime), Receiver: row.Receiver, Version: row.Version,
	})
}

// AddDelivery hands a document over; nil, where there is nobody to hand it to,
// does nothing. The giver need not be able to read it afterwards.
func AddDelivery(tx *pg.Tx, d *domain.Delivery) error {
	if d == nil {
		return nil
	}
	row := toDeliveryRow(d.Record())
	if err := insert(tx, &row); err != nil {
		return fmt.Errorf("add delivery: %w", err)
	}
	return nil
}

// Delivery gives a delivery by its id.
func Delivery(tx *pg.Tx, id string) (*domain.Delivery, error) {
	row, err := scoped[deliveryRow](tx, byAddressee(), always).Where("id = ?", id).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	return row.domain(), nil
}

// Deliveries lists deliveries in order of creation.
func Deliveries(tx *pg.Tx, q Query) ([]*domain.Delivery, error) {
	rows, err := list[deliveryRow](tx, byAddressee(), always, q, "id")
	if err != nil {
		return nil, fmt.Errorf("deliveries: %w", err)
	}
	return mapped(rows, deliveryRow.domain), nil
}

// SaveReceipt keeps the signature and what it opened, if anything. The addressee
// writes it, with no right to anything but these columns and its own case.
func SaveReceipt(tx *pg.Tx, d *domain.Delivery, opened *domain.Opened) error {
	if opened != nil {
		if err := open(tx, opened); err != nil {
			return err
		}
	}
	r := d.Record()
	old := r.Version
	r.Version++
	err := update(tx, scoped[deliveryRow](tx, byAddressee(), always).Where("id = ? AND version = ?", r.ID, old), toDeliveryRow(r),
		"ReceiveTime", "Receiver", "RectificationID", "Version")
	if err != nil {
		return fmt.Errorf("save receipt: %w", err)
	}
	*d = *domain.RehydrateDelivery(r)
	return nil
}

func open(tx *pg.Tx, o *domain.Opened) error {
	rectification := toRectificationRow(o.Rectification.Record())
	if err := insert(tx, &rectification); err != nil {
		return fmt.Errorf("open rectification: %w", err)
	}
	plan, report := toPlanRow(o.Plan.Record()), toReportRow(o.Report.Record())
	for _, row := range []*submissionRow{&plan, &report} {
		if err := insert(tx, row); err != nil {
			return fmt.Errorf("open plan and report: %w", err)
		}
	}
	return nil
}
