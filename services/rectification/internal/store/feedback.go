package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type feedbackRow struct {
	ID                   string
	Place                place `gorm:"embedded"`
	ReportID             string
	Summary              string
	Problems             []problemDoc `gorm:"serializer:json"`
	State                string
	DecisionID           *string
	ConsultDate          date
	ConsultOpinion       string
	ConsultDissent       bool
	ConsultNotApplicable string
	DocumentNumber       string
	MeetingDate          date
	Attendees            []attendeeDoc `gorm:"serializer:json"`
	CopyNotApplicable    string
	Version              int64
	CreateTime           time.Time
	UpdateTime           time.Time
}

func (feedbackRow) TableName() string { return "feedback" }

func toFeedbackRow(r domain.FeedbackRecord) feedbackRow {
	return feedbackRow{
		ID: r.ID, Place: toPlace(r.Place), ReportID: r.Report, Summary: r.Summary,
		Problems: mapped(r.Problems, toProblem), State: string(r.State), DecisionID: optional(r.Decision),
		ConsultDate: date{r.Consultation.Date}, ConsultOpinion: r.Consultation.Opinion,
		ConsultDissent: r.Consultation.Dissent, ConsultNotApplicable: string(r.Consultation.NotApplicable),
		DocumentNumber: r.DocumentNumber, MeetingDate: date{r.Meeting.Date},
		Attendees: mapped(r.Meeting.Attendees, toAttendee), CopyNotApplicable: string(r.CopyNotApplicable),
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (row feedbackRow) domain(receipt domain.Receipt) *domain.Feedback {
	return domain.RehydrateFeedback(domain.FeedbackRecord{
		ID: row.ID, Place: row.Place.domain(), Report: row.ReportID, Summary: row.Summary,
		Problems: mapped(row.Problems, fromProblem), State: domain.FeedbackState(row.State),
		Decision: orEmpty(row.DecisionID),
		Consultation: domain.Consultation{
			Date: row.ConsultDate.Date, Opinion: row.ConsultOpinion, Dissent: row.ConsultDissent,
			NotApplicable: domain.NotApplicable(row.ConsultNotApplicable),
		},
		DocumentNumber:    row.DocumentNumber,
		Meeting:           domain.Meeting{Date: row.MeetingDate.Date, Attendees: mapped(row.Attendees, fromAttendee)},
		CopyNotApplicable: domain.NotApplicable(row.CopyNotApplicable), Receipt: receipt,
		Version: row.Version, CreateTime: row.CreateTime, UpdateTime: row.UpdateTime,
	})
}

// AddFeedback keeps a new feedback. A second one of the same inspection exists
// already.
func AddFeedback(tx *pg.Tx, f *domain.Feedback) error {
	row := toFeedbackRow(f.Record())
	if err := insert(tx, &row); err != nil {
		return fmt.Errorf("add feedback: %w", err)
	}
	return nil
}

// Feedback gives a feedback by its id.
func Feedback(tx *pg.Tx, id string) (*domain.Feedback, error) {
	row, err := scoped[feedbackRow](tx, byPlace(), always).Where("id = ?", id).Take(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("feedback: %w", err)
	}
	all, err := withReceipts(tx, []feedbackRow{row})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Feedbacks lists feedbacks in order of creation.
func Feedbacks(tx *pg.Tx, q Query) ([]*domain.Feedback, error) {
	rows, err := list[feedbackRow](tx, byPlace(), always, q, "id")
	if err != nil {
		return nil, fmt.Errorf("feedbacks: %w", err)
	}
	return withReceipts(tx, rows)
}

// withReceipts adds what the county's signature on its delivery tells. The county
// cannot write in the table of feedbacks, so it is not stored there.
func withReceipts(tx *pg.Tx, rows []feedbackRow) ([]*domain.Feedback, error) {
	ids := mapped(rows, func(r feedbackRow) string { return r.ID })
	if len(ids) == 0 {
		return nil, nil
	}
	deliveries, err := scoped[deliveryRow](tx, byAddressee(), always).
		Where("kind = ? AND receive_time IS NOT NULL AND feedback_id IN ?", string(domain.DeliverFeedback), ids).
		Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	receipts := make(map[string]domain.Receipt, len(deliveries))
	for _, d := range deliveries {
		receipts[orEmpty(d.FeedbackID)] = domain.Receipt{
			Time: orZero(d.ReceiveTime), Rectification: orEmpty(d.RectificationID),
		}
	}
	return mapped(rows, func(r feedbackRow) *domain.Feedback { return r.domain(receipts[r.ID]) }), nil
}

// SaveFeedback writes what the moves of a feedback change.
func SaveFeedback(tx *pg.Tx, f *domain.Feedback) error {
	r := f.Record()
	if r.State == domain.FeedbackReceived {
		return fault.New(fault.Internal, fault.ReasonInternal).
			Wrap(fmt.Errorf("feedback %s: its receipt is stored with the delivery", r.ID))
	}
	old := r.Version
	r.Version++
	err := update(tx, scoped[feedbackRow](tx, byPlace(), always).Where("id = ? AND version = ?", r.ID, old), toFeedbackRow(r),
		"Summary", "Problems", "State", "DecisionID", "ConsultDate", "ConsultOpinion", "ConsultDissent",
		"ConsultNotApplicable", "DocumentNumber", "MeetingDate", "Attendees", "CopyNotApplicable", "Version", "UpdateTime")
	if err != nil {
		return fmt.Errorf("save feedback: %w", err)
	}
	*f = *domain.RehydrateFeedback(r)
	return nil
}
