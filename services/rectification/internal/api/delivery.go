package api

import (
	"context"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// DeliveryServer answers DeliveryService (arts 9, 11, 17).
type DeliveryServer struct {
	rectificationv1.UnimplementedDeliveryServiceServer
	Deps
}

// GetDelivery reads a delivery.
func (s *DeliveryServer) GetDelivery(ctx context.Context, req *rectificationv1.GetDeliveryRequest) (*rectificationv1.Delivery, error) {
	return get(ctx, s.Deps, deliveryName, req, func(tx *pg.Tx, ids map[string]string) (*domain.Delivery, error) {
		return store.Delivery(tx, ids["delivery"])
	}, one(encodeDelivery))
}

// ListDeliveries lists deliveries in order of creation.
func (s *DeliveryServer) ListDeliveries(ctx context.Context, req *rectificationv1.ListDeliveriesRequest) (*rectificationv1.ListDeliveriesResponse, error) {
	if _, err := parse(ctx, provinceName, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	deliveries := listing[*domain.Delivery, *rectificationv1.Delivery]{
		read: store.Deliveries, encode: each(encodeDelivery),
		sort: func(d *domain.Delivery) (string, []string) { return d.Record().ID, nil },
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.ListDeliveriesResponse, error) {
		page, next, err := deliveries.page(ctx, s.Pager, req, filter.Condition{}, tx)
		return &rectificationv1.ListDeliveriesResponse{Deliveries: page, NextPageToken: next}, err
	})
}

// AcknowledgeDelivery signs for a delivery. The county's receipt of the feedback
// opens the case in the same transaction, under the county's own scope.
func (s *DeliveryServer) AcknowledgeDelivery(ctx context.Context, req *rectificationv1.AcknowledgeDeliveryRequest) (*rectificationv1.Delivery, error) {
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return s.change(ctx, req, func(tx *pg.Tx, d *domain.Delivery) error { return s.sign(tx, d, req.GetReceiver(), id) })
}

// AnswerDelivery answers a notice of immediate rectification, which meets the duty.
func (s *DeliveryServer) AnswerDelivery(ctx context.Context, req *rectificationv1.AnswerDeliveryRequest) (*rectificationv1.Delivery, error) {
	return s.change(ctx, req, func(tx *pg.Tx, d *domain.Delivery) error {
		at, err := s.Docket.Moment(tx, d.Record().RuleSet)
		if err != nil {
			return err
		}
		answer, dues, err := d.Answer(req.GetText(), req.GetSigner(), at.Now)
		if err != nil {
			return err
		}
		if err := store.AddAnswer(tx, d, answer); err != nil {
			return err
		}
		return s.settle(tx, at, req.GetName(), dues)
	})
}

// change takes a step of the addressee with a delivery.
func (s *DeliveryServer) change(ctx context.Context, req matter, step func(tx *pg.Tx, d *domain.Delivery) error) (*rectificationv1.Delivery, error) {
	ids, err := parse(ctx, deliveryName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Delivery, error) {
		d, err := store.Delivery(tx, ids["delivery"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), d.Edition()); err != nil {
			return nil, err
		}
		if err := step(tx, d); err != nil {
			return nil, err
		}
		return encodeDelivery(d), nil
	})
}

// sign signs for a delivery.
func (s *DeliveryServer) sign(tx *pg.Tx, d *domain.Delivery, receiver, id string) error {
	switch {
	case d.OpensCase() && d.Record().Supersedes != "":
		return s.follow(tx, d, receiver)
	case d.OpensCase():
		return s.open(tx, d, receiver, id)
	case d.AsksAnswer():
		return s.takeNotice(tx, d, receiver)
	}
	if err := d.Acknowledge(receiver, s.now()); err != nil {
		return err
	}
	return store.SaveReceipt(tx, d, nil)
}

// takeNotice signs for a notice of immediate rectification and starts the clock of the
// answer (art. 9).
func (s *DeliveryServer) takeNotice(tx *pg.Tx, d *domain.Delivery, receiver string) error {
	at, err := s.Docket.Moment(tx, d.Record().RuleSet)
	if err != nil {
		return err
	}
	if err := d.Acknowledge(receiver, at.Now); err != nil {
		return err
	}
	if err := store.SaveReceipt(tx, d, nil); err != nil {
		return err
	}
	return s.settle(tx, at, deliveryName.Format(d.Record().Place.Province, d.Record().ID), d.AnswerDues())
}

// open signs for the feedback and opens the case with the dates that run from the
// receipt, and announces it: the county is covered from now on (art. 2).
func (s *DeliveryServer) open(tx *pg.Tx, d *domain.Delivery, receiver, id string) error {
	at, err := s.Docket.Moment(tx, d.Record().RuleSet)
	if err != nil {
		return err
	}
	if err := d.Acknowledge(receiver, at.Now); err != nil {
		return err
	}
	opened, err := d.Open(id, at.Rules)
	if err != nil {
		return err
	}
	if err := store.SaveReceipt(tx, d, opened); err != nil {
		return err
	}
	if err := s.settle(tx, at, caseName(opened.Rectification), opened.Dues); err != nil {
		return err
	}
	place := d.Record().Place
	feedback := feedbackName.Format(place.Province, d.Record().Feedback)
	if err := s.settle(tx, at, feedback, opened.FeedbackDues); err != nil {
		return err
	}
	return announce(tx, place, at.Now, &eventv1.FeedbackReceived{
		Inspection: inspectionOf(place), ReceiveDate: wire.Date(at.Today()),
	})
}

func encodeDelivery(d *domain.Delivery) *rectificationv1.Delivery {
	r := d.Record()
	m := &rectificationv1.Delivery{
		Name:           deliveryName.Format(r.Place.Province, r.ID),
		Addressee:      cityOf(r.Place),
		County:         countyOf(r.Place),
		Kind:           encodeEnum[rectificationv1.Delivery_Kind](r.Kind, prefixKind),
		DocumentNumber: r.DocumentNumber,
		DeliverTime:    wire.Time(r.DeliverTime),
		ReceiveTime:    wire.Time(r.ReceiveTime),
		Receiver:       r.Receiver,
		Supersedes:     nameOf(deliveryName, r.Place.Province, r.Supersedes),
		SupersededBy:   nameOf(deliveryName, r.Place.Province, r.SupersededBy),
		Rectification:  nameOf(rectificationName, r.Place.Province, r.Rectification),
		Answers:        mapped(r.Answers, encodeAnswer),
		Steps:          mapped(r.Steps, encodeStep),
		Etag:           etag.Format(d.Edition()),
	}
	if r.Kind.ToCounty() {
		m.Addressee = countyOf(r.Place)
	}
	encodeContent(m, r.Kind, r.Content)
	return m
}

func encodeContent(m *rectificationv1.Delivery, kind domain.DeliveryKind, c domain.Content) {
	switch kind {
	case domain.DeliverFeedback, domain.DeliverFeedbackCopy:
		m.Content = &rectificationv1.Delivery_Feedback{Feedback: &rectificationv1.FeedbackContent{
			Summary: c.Summary, Problems: mapped(c.Problems, encodeProblem),
		}}
	case domain.DeliverPlanCopy:
		m.Content = &rectificationv1.Delivery_Plan{Plan: &rectificationv1.PlanContent{
			Version: c.Submission, Measures: mapped(c.Measures, encodeMeasure),
		}}
	case domain.DeliverReportCopy:
		m.Content = &rectificationv1.Delivery_Report{Report: &rectificationv1.ReportContent{
			Version: c.Submission, Accounts: mapped(c.Accounts, encodeAccount),
		}}
	case domain.DeliverImmediate:
		m.Content = &rectificationv1.Delivery_ImmediateRectification{
			ImmediateRectification: &rectificationv1.ImmediateRectificationContent{
				Recipient: encodeEnum[rectificationv1.NoticeRecipient](c.Notice.Recipient, prefixRecipient),
				Problem:   c.Notice.Problem, Proposal: c.Notice.Proposal,
			},
		}
	}
}
