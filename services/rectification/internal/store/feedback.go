package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type feedbackRow struct {
	ID                   string
	Place                place `gorm:"embedded"`
	ReportID             string
	SupersedesID         row.Text
	SupersedeReason      string
	Summary              string
	Problems             []problemDoc `gorm:"serializer:json"`
	Sources              []sourceDoc  `gorm:"serializer:json"`
	Warnings             []warningDoc `gorm:"serializer:json"`
	State                string
	DecisionID           row.Text
	ConsultDate          row.Day
	ConsultOpinion       string
	ConsultDissent       bool
	ConsultNotApplicable string
	ConsultForm          string
	ConsultRecord        string
	DocumentNumber       string
	MeetingDate          row.Day
	Attendees            []attendeeDoc `gorm:"serializer:json"`
	MeetingNotApplicable string
	PrincipalDate        row.Day
	CopyNotApplicable    string
	Version              int64
	CreateTime           time.Time
	UpdateTime           time.Time
}

func (feedbackRow) TableName() string { return "feedback" }

func toFeedbackRow(r domain.FeedbackRecord) feedbackRow {
	return feedbackRow{
		ID: r.ID, Place: toPlace(r.Place), ReportID: r.Report, Summary: r.Summary,
		SupersedesID: row.Text(r.Supersedes), SupersedeReason: r.SupersedeReason,
		Problems: row.Convert(r.Problems, toProblem), Sources: row.Convert(r.Sources, toSource),
		Warnings: row.Convert(r.Warnings, toWarning), State: string(r.State), DecisionID: row.Text(r.Decision),
		ConsultDate: row.Day(r.Consultation.Date), ConsultOpinion: r.Consultation.Opinion,
		ConsultDissent: r.Consultation.Dissent, ConsultNotApplicable: string(r.Consultation.NotApplicable),
		ConsultForm: string(r.Consultation.Form), ConsultRecord: r.Consultation.Record,
		MeetingNotApplicable: string(r.Meeting.NotApplicable), PrincipalDate: row.Day(r.Meeting.PrincipalDate),
		DocumentNumber: r.DocumentNumber, MeetingDate: row.Day(r.Meeting.Date),
		Attendees: row.Convert(r.Meeting.Attendees, toAttendee), CopyNotApplicable: string(r.CopyNotApplicable),
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (r feedbackRow) domain(known beside) *domain.Feedback {
	return domain.RehydrateFeedback(domain.FeedbackRecord{
		ID: r.ID, Place: r.Place.domain(), Report: r.ReportID,
		Supersedes: string(r.SupersedesID), SupersedeReason: r.SupersedeReason, SupersededBy: known.supersededBy,
		FeedbackText: domain.FeedbackText{
			Summary: r.Summary, Problems: row.Convert(r.Problems, fromProblem), Sources: row.Convert(r.Sources, fromSource),
		},
		Warnings: row.Convert(r.Warnings, fromWarning), State: domain.FeedbackState(r.State),
		Decision: string(r.DecisionID),
		Consultation: domain.Consultation{
			Date: workday.Date(r.ConsultDate), Opinion: r.ConsultOpinion, Dissent: r.ConsultDissent,
			NotApplicable: domain.NotApplicable(r.ConsultNotApplicable),
			Form:          domain.ConsultationForm(r.ConsultForm), Record: r.ConsultRecord,
		},
		DocumentNumber: r.DocumentNumber,
		Meeting: domain.Meeting{
			Date: workday.Date(r.MeetingDate), Attendees: row.Convert(r.Attendees, fromAttendee),
			NotApplicable: domain.NotApplicable(r.MeetingNotApplicable), PrincipalDate: workday.Date(r.PrincipalDate),
		},
		CopyNotApplicable: domain.NotApplicable(r.CopyNotApplicable),
		Receipt:           known.receipt, RuleSet: known.ruleSet, Attended: known.attended,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// AddFeedback keeps a new feedback. A second one of the same inspection exists
// already, and so does a second one in the place of another.
func AddFeedback(tx *pg.Tx, f *domain.Feedback) error {
	return row.Insert(tx, toFeedbackRow(f.Record()))
}

// Feedback gives a feedback by its id.
func Feedback(tx *pg.Tx, id string) (*domain.Feedback, error) {
	return oneFeedback(tx, "id = ?", id)
}

// FeedbackOf gives the feedback of an inspection that stands: the first, until one that
// supersedes it is given.
func FeedbackOf(tx *pg.Tx, inspection string) (*domain.Feedback, error) {
	return oneFeedback(tx, "inspection_id = ? AND state <> 'SUPERSEDED' AND (supersedes_id IS NULL OR state IN ('GIVEN', 'COPIED'))", inspection)
}

func oneFeedback(tx *pg.Tx, where, id string) (*domain.Feedback, error) {
	found, err := row.One(tx, scoped[feedbackRow](tx, byPlace(), always).Where(where, id), row.Missing())
	if err != nil {
		return nil, err
	}
	all, err := withReceipts(tx, []feedbackRow{found})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Feedbacks lists feedbacks in order of creation.
func Feedbacks(tx *pg.Tx, q Query) ([]*domain.Feedback, error) {
	rows, err := list(tx, scoped[feedbackRow](tx, byPlace(), always), q, "id")
	if err != nil {
		return nil, err
	}
	return withReceipts(tx, rows)
}

// beside is what is known of a feedback and stands elsewhere.
type beside struct {
	receipt      domain.Receipt
	ruleSet      string
	attended     []domain.Attendance
	supersededBy string
}

// withReceipts adds what the county's signature on its delivery tells. The county
// cannot write in the table of feedbacks, so it is not stored there. And it adds who
// attended the meetings of several counties on that day.
func withReceipts(tx *pg.Tx, rows []feedbackRow) ([]*domain.Feedback, error) {
	ids := row.Convert(rows, func(r feedbackRow) string { return r.ID })
	if len(ids) == 0 {
		return nil, nil
	}
	deliveries, err := scoped[deliveryRow](tx, byAddressee(), always).
		Where("kind = ? AND feedback_id IN ?", string(domain.DeliverFeedback), ids).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	known := make(map[string]beside, len(deliveries))
	for _, d := range deliveries {
		b := beside{ruleSet: d.RuleSet}
		if at := time.Time(d.ReceiveTime); !at.IsZero() {
			b.receipt = domain.Receipt{Time: at, Rectification: string(d.RectificationID)}
		}
		known[string(d.FeedbackID)] = b
	}
	if err := addAttendance(tx, known, ids); err != nil {
		return nil, err
	}
	if err := addSuccessors(tx, known, ids); err != nil {
		return nil, err
	}
	return row.Convert(rows, func(r feedbackRow) *domain.Feedback { return r.domain(known[r.ID]) }), nil
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
	err := row.Update(tx, scoped[feedbackRow](tx, byPlace(), always).Where("id = ?", r.ID), toFeedbackRow(r), old,
		"summary", "problems", "sources", "warnings", "state", "decision_id", "consult_date", "consult_opinion", "consult_dissent",
		"consult_not_applicable", "consult_form", "consult_record", "document_number", "meeting_date", "attendees",
		"meeting_not_applicable", "principal_date", "copy_not_applicable", "update_time")
	if err != nil {
		return err
	}
	*f = *domain.RehydrateFeedback(r)
	return nil
}
