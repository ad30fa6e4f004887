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
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
	"github.com/xunshi/xunshi/services/rectification/internal/store"
)

// DeliveryServer answers DeliveryService (arts 11, 17).
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
	ids, err := parse(ctx, deliveryName, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*rectificationv1.Delivery, error) {
		d, err := store.Delivery(tx, ids["delivery"])
		if err != nil {
			return nil, named(err, req.GetName())
		}
		if err := etag.Check(req.GetEtag(), d.Record().Version); err != nil {
			return nil, err
		}
		if err := s.sign(tx, d, req.GetReceiver(), id); err != nil {
			return nil, err
		}
		return encodeDelivery(d), nil
	})
}

// sign signs for a delivery.
func (s *DeliveryServer) sign(tx *pg.Tx, d *domain.Delivery, receiver, id string) error {
	if d.OpensCase() {
		return s.open(tx, d, receiver, id)
	}
	if err := d.Acknowledge(receiver, s.now()); err != nil {
		return err
	}
	return store.SaveReceipt(tx, d, nil)
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
	opened := d.Open(id)
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
		Inspection: inspectionOf(place), ReceiveDate: encodeDate(at.Today()),
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
		DeliverTime:    encodeTime(r.DeliverTime),
		ReceiveTime:    encodeTime(r.ReceiveTime),
		Receiver:       r.Receiver,
		Rectification:  nameOf(rectificationName, r.Place.Province, r.Rectification),
		Etag:           etag.Format(r.Version),
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
	}
}
