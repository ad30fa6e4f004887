package store

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type deliveryRow struct {
	ID              string
	Place           place `gorm:"embedded"`
	Addressee       string
	Kind            string
	Submission      int32
	FeedbackID      row.Text
	RectificationID row.Text
	ImmediateID     row.Text
	SupersedesID    row.Text
	RuleSet         string
	DocumentNumber  string
	PrincipalDate   row.Day
	Content         contentDoc `gorm:"serializer:json"`
	DeliverTime     time.Time
	ReceiveTime     row.Instant
	Receiver        string
	Version         int64
}

func (deliveryRow) TableName() string { return "delivery" }

type contentDoc struct {
	Summary  string       `json:"summary,omitempty"`
	Problems []problemDoc `json:"problems,omitempty"`
	Measures []measureDoc `json:"measures,omitempty"`
	Accounts []accountDoc `json:"accounts,omitempty"`
	Notice   *noticeDoc   `json:"notice,omitempty"`
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
		Submission: r.Content.Submission, FeedbackID: row.Text(r.Feedback),
		RectificationID: row.Text(r.Rectification), ImmediateID: row.Text(r.Immediate), SupersedesID: row.Text(r.Supersedes),
		RuleSet: r.RuleSet, DocumentNumber: r.DocumentNumber, PrincipalDate: row.Day(r.PrincipalDate),
		Content: contentDoc{
			Summary: r.Content.Summary, Problems: row.Convert(r.Content.Problems, toProblem),
			Measures: row.Convert(r.Content.Measures, toMeasure), Accounts: row.Convert(r.Content.Accounts, toAccount),
			Notice: toNotice(r.Content.Notice),
		},
		DeliverTime: r.DeliverTime, ReceiveTime: row.Instant(r.ReceiveTime), Receiver: r.Receiver, Version: r.Version,
	}
}

func (r deliveryRow) domain(answers []domain.Answer, steps []domain.Step, supersededBy string) *domain.Delivery {
	return domain.RehydrateDelivery(domain.DeliveryRecord{
		ID: r.ID, Place: r.Place.domain(), Kind: domain.DeliveryKind(r.Kind),
		Feedback: string(r.FeedbackID), Rectification: string(r.RectificationID), Immediate: string(r.ImmediateID),
		Supersedes: string(r.SupersedesID), SupersededBy: supersededBy,
		RuleSet: r.RuleSet, DocumentNumber: r.DocumentNumber, PrincipalDate: workday.Date(r.PrincipalDate),
		Content: domain.Content{
			Summary: r.Content.Summary, Problems: row.Convert(r.Content.Problems, fromProblem),
			Submission: r.Submission, Measures: row.Convert(r.Content.Measures, fromMeasure),
			Accounts: row.Convert(r.Content.Accounts, fromAccount), Notice: fromNotice(r.Content.Notice),
		},
		DeliverTime: r.DeliverTime, ReceiveTime: time.Time(r.ReceiveTime), Receiver: r.Receiver, Answers: answers, Steps: steps,
		Version: r.Version,
	})
}

// AddDelivery hands a document over; nil, where there is nobody to hand it to,
// does nothing. The giver need not be able to read it afterwards.
func AddDelivery(tx *pg.Tx, d *domain.Delivery) error {
	if d == nil {
		return nil
	}
	return row.Insert(tx, toDeliveryRow(d.Record()))
}

// Delivery gives a delivery by its id.
func Delivery(tx *pg.Tx, id string) (*domain.Delivery, error) {
	found, err := row.One(tx, scoped[deliveryRow](tx, byAddressee(), always).Where("id = ?", id), row.Missing())
	if err != nil {
		return nil, err
	}
	all, err := withAnswers(tx, []deliveryRow{found})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Deliveries lists deliveries in order of creation.
func Deliveries(tx *pg.Tx, q Query) ([]*domain.Delivery, error) {
	rows, err := list(tx, scoped[deliveryRow](tx, byAddressee(), always), q, "id")
	if err != nil {
		return nil, err
	}
	return withAnswers(tx, rows)
}

// SaveReceipt keeps the signature and what it opened, if anything. The addressee
// writes it, with no right to anything but these columns and its own case.
func SaveReceipt(tx *pg.Tx, d *domain.Delivery, opened *domain.Opened) error {
	r := d.Record()
	old := r.Version
	r.Version++
	query := scoped[deliveryRow](tx, byAddressee(), always).Where("id = ?", r.ID)
	err := row.Update(tx, query, toDeliveryRow(r), old, "receive_time", "receiver", "rectification_id")
	if err != nil {
		return err
	}
	if opened != nil { // after the signature, without which the table takes no case
		if err := open(tx, opened); err != nil {
			return err
		}
	}
	*d = *domain.RehydrateDelivery(r)
	return nil
}

func open(tx *pg.Tx, o *domain.Opened) error {
	if err := row.Insert(tx, toRectificationRow(o.Rectification.Record())); err != nil {
		return err
	}
	return row.InsertAll(tx, []submissionRow{toPlanRow(o.Plan.Record()), toReportRow(o.Report.Record())})
}
