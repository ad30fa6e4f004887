package api

import (
	"context"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

type noticeServer struct {
	schedulingv1.UnimplementedEntryNoticeServiceServer
	*core
}

// IssueEntryNotices notifies the county and its city in writing (art. 12(2)).
func (s *noticeServer) IssueEntryNotices(ctx context.Context, req *schedulingv1.IssueEntryNoticesRequest) (*schedulingv1.IssueEntryNoticesResponse, error) {
	name, err := s.names.inspection.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	toCounty, err := newID()
	if err != nil {
		return nil, err
	}
	toCity, err := newID()
	if err != nil {
		return nil, err
	}
	ids := domain.NoticeIDs{County: toCounty, City: toCity}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.IssueEntryNoticesResponse, error) {
		inspection, law, err := s.load(tx, name, req.GetEtag())
		if err != nil {
			return nil, err
		}
		notices, err := inspection.IssueNotices(law, req.GetDocumentNumber(), ids)
		if err != nil {
			return nil, err
		}
		if err := store.SaveInspection(tx, inspection); err != nil {
			return nil, err
		}
		if err := store.InsertNotices(tx, notices); err != nil {
			return nil, err
		}
		r := inspection.Record()
		liaison, err := store.HasLiaisonBody(tx, r.Province, r.City)
		if err != nil {
			return nil, err
		}
		if err := s.keep(tx, law, inspection.DutiesOfNotices(law.Today(), liaison)); err != nil {
			return nil, err
		}
		return &schedulingv1.IssueEntryNoticesResponse{EntryNotices: encodeAll(notices, encodeNotice)}, nil
	})
}

// AcknowledgeEntryNotice signs for a notice, once (art. 12(2)).
func (s *noticeServer) AcknowledgeEntryNotice(ctx context.Context, req *schedulingv1.AcknowledgeEntryNoticeRequest) (*schedulingv1.EntryNotice, error) {
	name, err := s.names.notice.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.EntryNotice, error) {
		notice, err := store.EntryNotice(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := etag.Check(req.GetEtag(), notice.Record().Version); err != nil {
			return nil, err
		}
		if err := notice.Acknowledge(req.GetReceiver(), s.now()); err != nil {
			return nil, err
		}
		if err := store.SaveReceipt(tx, notice); err != nil {
			return nil, err
		}
		running, err := s.runningFor(tx, regulation.DutyEntryNotice, notice.Record().County)
		if err != nil {
			return nil, err
		}
		if err := s.keepRunning(tx, running, notice.DutiesOfReceipt()); err != nil {
			return nil, err
		}
		return encodeNotice(notice), nil
	})
}

// GetEntryNotice reads a notice (art. 12(2)).
func (s *noticeServer) GetEntryNotice(ctx context.Context, req *schedulingv1.GetEntryNoticeRequest) (*schedulingv1.EntryNotice, error) {
	return get(ctx, s.core, req, s.names.notice, store.EntryNotice, encodeNotice)
}

// ListEntryNotices lists notices; an addressee sees its own (art. 12(2)).
func (s *noticeServer) ListEntryNotices(ctx context.Context, req *schedulingv1.ListEntryNoticesRequest) (*schedulingv1.ListEntryNoticesResponse, error) {
	return list(ctx, s.core, req, listing[*domain.EntryNotice, *schedulingv1.EntryNotice, *schedulingv1.ListEntryNoticesResponse]{
		read: store.EntryNotices, key: func(n *domain.EntryNotice) string { return n.Record().ID }, encode: encodeNotice,
		answer: func(notices []*schedulingv1.EntryNotice, next string) *schedulingv1.ListEntryNoticesResponse {
			return &schedulingv1.ListEntryNoticesResponse{EntryNotices: notices, NextPageToken: next}
		},
	})
}

func encodeNotice(n *domain.EntryNotice) *schedulingv1.EntryNotice {
	r := n.Record()
	return &schedulingv1.EntryNotice{
		Name: r.Name(), Inspection: domain.InspectionName(r.Province, r.Inspection),
		County: domain.CountyName(r.Province, r.County), Addressee: r.AddresseeName(),
		DocumentNumber:   r.DocumentNumber,
		PlannedEntryDate: wire.Date(r.PlannedEntry), PlannedEndDate: wire.Date(r.PlannedEnd),
		IssueTime: wire.Time(r.IssueTime), ReceiveTime: wire.Time(r.ReceiveTime), Receiver: r.Receiver,
		Etag: etag.Format(r.Version),
	}
}
