package api

import (
	"context"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

// AuthorizeInspection gives the task of an approved batch to a group, whose
// members act on it from then on (arts 4, 5).
func (s *inspectionServer) AuthorizeInspection(ctx context.Context, req *schedulingv1.AuthorizeInspectionRequest) (*schedulingv1.Inspection, error) {
	name, err := s.names.inspection.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	to, err := s.names.group.parseIn(name.province, "inspection_group", req.GetInspectionGroup())
	if err != nil {
		return nil, err
	}
	return s.step(ctx, req, func(tx *pg.Tx, i *domain.Inspection, law domain.Law) error {
		group, err := store.Group(tx, to.province, to.id)
		if err != nil {
			return err
		}
		batch, err := store.BatchForShare(tx, name.province, i.Record().Batch)
		if err != nil {
			return err
		}
		if err := i.Authorize(law, batch, group); err != nil {
			return err
		}
		if err := store.GiveTask(tx, name.id, group); err != nil {
			return err
		}
		if err := s.keep(tx, law, i.DutiesOfAuthorization()); err != nil {
			return err
		}
		return s.announceTask(tx, i, group, law)
	})
}

// announceTask opens the case file and makes the task known to rectification.
func (s *inspectionServer) announceTask(tx *pg.Tx, i *domain.Inspection, group *domain.Group, law domain.Law) error {
	r := i.Record()
	county, err := store.County(tx, r.Province, r.County, law.Today())
	if err != nil {
		return err
	}
	return announce(tx, r.Name(), &eventv1.TaskAuthorized{
		Inspection: r.Name(), County: domain.CountyName(r.Province, r.County), CountyDisplayName: county.DisplayName,
		City: domain.CityName(r.Province, r.City), Group: domain.GroupName(r.Province, r.Group),
		Members: encodeTaskMembers(group), RuleSet: r.RuleSet,
	}, law.Now, casefile, rectification)
}

// ConfirmEntry records that the group entered today (arts 3, 12(2), 12(4)).
func (s *inspectionServer) ConfirmEntry(ctx context.Context, req *schedulingv1.ConfirmEntryRequest) (*schedulingv1.Inspection, error) {
	return s.step(ctx, req, func(tx *pg.Tx, i *domain.Inspection, law domain.Law) error {
		r := i.Record()
		notices, err := store.NoticesOf(tx, r.Province, r.ID)
		if err != nil {
			return err
		}
		if err := i.ConfirmEntry(law, notices); err != nil {
			return err
		}
		if err := s.keep(tx, law, i.DutiesOfEntry()); err != nil {
			return err
		}
		entered := &eventv1.InspectionEntered{Inspection: r.Name(), EntryDate: wire.Date(law.Today())}
		return announce(tx, r.Name(), entered, law.Now, casefile, rectification)
	})
}

// ExtendOnSite moves the planned end of the stay by a decision, and the obligation with
// it (art. 3).
func (s *inspectionServer) ExtendOnSite(ctx context.Context, req *schedulingv1.ExtendOnSiteRequest) (*schedulingv1.Inspection, error) {
	name, err := s.names.inspection.parse("name", req.GetName())
	if err != nil {
		return nil, err
	}
	by, err := s.names.decision.parseIn(name.province, "decision", req.GetDecision())
	if err != nil {
		return nil, err
	}
	end, err := wire.Day("planned_end_date", req.GetPlannedEndDate())
	if err != nil {
		return nil, err
	}
	return s.step(ctx, req, func(tx *pg.Tx, i *domain.Inspection, law domain.Law) error {
		decision, err := store.Decision(tx, by.province, by.id)
		if err != nil {
			return err
		}
		used, err := s.extendedBy(tx, regulation.DutyOnSitePeriod, i.Record().Name(), req.GetDecision())
		if err != nil {
			return err
		}
		if err := i.ExtendOnSite(law, end, decision, used); err != nil {
			return err
		}
		return s.keep(tx, law, i.DutiesOfExtension(decision))
	})
}

// EndOnSite records that the stay ended today. The last one of a batch ends the
// batch and starts the hearing clock (arts 3, 5).
func (s *inspectionServer) EndOnSite(ctx context.Context, req *schedulingv1.EndOnSiteRequest) (*schedulingv1.Inspection, error) {
	return s.step(ctx, req, func(tx *pg.Tx, i *domain.Inspection, law domain.Law) error {
		if err := i.EndOnSite(law.Now); err != nil {
			return err
		}
		r := i.Record()
		if err := s.keep(tx, law, i.DutiesOfOnSiteEnd()); err != nil {
			return err
		}
		if err := s.leaveBatch(tx, r, law); err != nil {
			return err
		}
		ended := &eventv1.OnSiteEnded{Inspection: r.Name(), EndDate: wire.Date(r.OnSiteEndDate)}
		return announce(tx, r.Name(), ended, law.Now, casefile, rectification)
	})
}

// leaveBatch lets the batch know that one of its inspections left the county. The
// batch is written in any case: of two that leave at the same time, the second
// then runs again and sees the first.
func (s *inspectionServer) leaveBatch(tx *pg.Tx, left domain.InspectionRecord, law domain.Law) error {
	batch, err := store.BatchForUpdate(tx, left.Province, left.Batch)
	if err != nil {
		return err
	}
	open, latest, err := store.OnSiteProgress(tx, left.Province, left.Batch, left.ID)
	if err != nil {
		return err
	}
	if latest.Before(left.OnSiteEndDate) {
		latest = left.OnSiteEndDate
	}
	if err := batch.RecordOnSiteEnd(open, latest, law.Now); err != nil {
		return err
	}
	if err := store.SaveBatch(tx, batch); err != nil {
		return err
	}
	return s.keep(tx, law, batch.DutiesOfEnd())
}
