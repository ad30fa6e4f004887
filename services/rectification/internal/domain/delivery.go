package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// DeliveryKind is what was handed over.
type DeliveryKind string

// The kinds of delivery: feedback and notices of immediate rectification to the county,
// and copies to the city (抄送, 抄报: arts 9, 11, 17).
const (
	DeliverFeedback     DeliveryKind = "FEEDBACK"
	DeliverFeedbackCopy DeliveryKind = "FEEDBACK_COPY"
	DeliverPlanCopy     DeliveryKind = "PLAN_COPY"
	DeliverReportCopy   DeliveryKind = "REPORT_COPY"
	DeliverImmediate    DeliveryKind = "IMMEDIATE_RECTIFICATION"
)

// DeliveryKinds lists them.
func DeliveryKinds() []DeliveryKind {
	return []DeliveryKind{DeliverFeedback, DeliverFeedbackCopy, DeliverPlanCopy, DeliverReportCopy, DeliverImmediate}
}

// ToCounty reports whether the county is the addressee; else the city is.
func (k DeliveryKind) ToCounty() bool { return k == DeliverFeedback || k == DeliverImmediate }

func (k DeliveryKind) article() string {
	if k == DeliverImmediate {
		return artImmediate
	}
	return artFeedback
}

// Content is a copy of what was handed over. Which fields are set follows from
// the kind.
type Content struct {
	Summary    string
	Problems   []Problem
	Submission int32 // which submission of plan or report, from 1
	Measures   []Measure
	Accounts   []Account
	Notice     Notice
}

// Delivery is a document handed to one body: a copy that does not change, not a
// view of the original.
type Delivery struct{ r DeliveryRecord }

// DeliveryRecord is what is known of a delivery.
type DeliveryRecord struct {
	ID             string
	Place          Place
	Kind           DeliveryKind
	Feedback       string // id; set for the feedback and its copy
	Rectification  string // id; empty until the feedback is received
	Immediate      string // id; set for a notice of immediate rectification
	RuleSet        string // of what the county signs for: by it the clock of its receipt runs
	Supersedes     string // id of the one that it takes the place of, if any
	SupersededBy   string // id of the one that took its place
	DocumentNumber string
	PrincipalDate  workday.Date // of a feedback: when the principal was told, where that was another day
	Content        Content
	DeliverTime    time.Time
	ReceiveTime    time.Time // zero until signed for
	Receiver       string
	Answers        []Answer // of the county to a notice, oldest first
	Steps          []Step   // of the submission of which it is a copy, oldest first
	Version        int64
}

func newDelivery(r DeliveryRecord) *Delivery {
	r.Version = 1
	return &Delivery{r}
}

// RehydrateDelivery is for the store only.
func RehydrateDelivery(r DeliveryRecord) *Delivery { return &Delivery{r} }

// Record is a copy of what is known of it.
func (d *Delivery) Record() DeliveryRecord { return d.r }

// Acknowledge signs for it, once: the first signature starts the clock, and a
// second one must not move it (arts 9, 11, 17).
func (d *Delivery) Acknowledge(receiver string, now time.Time) error {
	if !d.r.ReceiveTime.IsZero() {
		return fault.Refuse(d.r.Kind.article(), "DELIVERY_ALREADY_RECEIVED")
	}
	d.r.Receiver, d.r.ReceiveTime = receiver, now
	return nil
}

// Opened is what the county's receipt of the feedback opens.
type Opened struct {
	Rectification *Rectification
	Plan          *Plan
	Report        *Report
	Dues          Dues // of the case
	FeedbackDues  Dues // of the feedback
}

// OpensCase reports whether its receipt opens a rectification case: the county's
// receipt of the feedback does, a copy's does not.
func (d *Delivery) OpensCase() bool { return d.r.Kind == DeliverFeedback }

// Open opens the rectification case by the county's receipt of the feedback: the
// plan is due thirty working days from it (自收到巡视组反馈意见之日起, art. 17).
func (d *Delivery) Open(id string, rules *regulation.RuleSet) (*Opened, error) {
	now := d.r.ReceiveTime
	received := workday.DateOf(now)
	dues, err := d.receivedDues(received, rules)
	if err != nil {
		return nil, err
	}
	d.r.Rectification = id
	return &Opened{
		Rectification: &Rectification{RectificationRecord{
			ID: id, Place: d.r.Place, Delivery: d.r.ID, RuleSet: d.r.RuleSet,
			Problems: d.r.Content.Problems, State: RectificationPlanning,
			ReceiveDate: received, Version: 1, CreateTime: now, UpdateTime: now,
		}},
		Plan:         &Plan{PlanRecord{Submission: newSubmission(id, d.r.Place, now)}},
		Report:       &Report{ReportRecord{Submission: newSubmission(id, d.r.Place, now)}},
		Dues:         dues,
		FeedbackDues: d.copyDues(received),
	}, nil
}
