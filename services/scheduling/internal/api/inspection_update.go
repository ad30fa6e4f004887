package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/form"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/scheduling/internal/store"
)

// UpdateInspection changes the planned dates or the reason before entry (arts 3,
// 12(2)).
func (s *inspectionServer) UpdateInspection(ctx context.Context, req *schedulingv1.UpdateInspectionRequest) (*schedulingv1.Inspection, error) {
	name, err := s.names.inspection.parse("inspection.name", req.GetInspection().GetName())
	if err != nil {
		return nil, err
	}
	fields, err := maskedFields(req.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*schedulingv1.Inspection, error) {
		inspection, law, err := s.load(tx, name, req.GetEtag())
		if err != nil {
			return nil, err
		}
		merged := encodeInspection(shownInspection{Inspection: inspection})
		merge(merged, req.GetInspection(), fields)
		if err := form.Check("inspection", merged); err != nil {
			return nil, err
		}
		period, err := decodePeriod(merged)
		if err != nil {
			return nil, err
		}
		from := inspection.Record().PlannedEntry
		if err := inspection.Replan(law, period); err != nil {
			return nil, err
		}
		if err := store.SaveInspection(tx, inspection); err != nil {
			return nil, err
		}
		notices, err := store.NoticesOf(tx, name.province, name.id)
		if err != nil {
			return nil, err
		}
		if err := s.keep(tx, law, inspection.DutiesOfReplan(from, notices)); err != nil {
			return nil, err
		}
		return s.showInspection(tx, inspection)
	})
}

const (
	plannedEntry = "planned_entry_date"
	plannedEnd   = "planned_end_date"
	periodReason = "period_reason"
)

// maskedFields reads which fields change. A part of a date stands for the date:
// the REST edge names the leaves of what was sent. The name and the etag say which
// object is meant and change nothing.
func maskedFields(paths []string) ([]string, error) {
	var fields []string
	for _, path := range paths {
		field, part, _ := strings.Cut(path, ".")
		isDate := field == plannedEntry || field == plannedEnd
		switch {
		case isDate && (part == "" || slices.Contains([]string{"year", "month", "day"}, part)), path == periodReason:
			if !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		case path == "name", path == "etag":
		default:
			return nil, fault.InvalidField("update_mask", "PATH_INVALID",
				fmt.Sprintf("%q cannot be changed; of %s, %s, %s", path, plannedEntry, plannedEnd, periodReason))
		}
	}
	if len(fields) == 0 {
		return nil, fault.InvalidField("update_mask", "REQUIRED", "name at least one field to change")
	}
	return fields, nil
}

func merge(into, from *schedulingv1.Inspection, fields []string) {
	for _, field := range fields {
		switch field {
		case plannedEntry:
			into.PlannedEntryDate = from.GetPlannedEntryDate()
		case plannedEnd:
			into.PlannedEndDate = from.GetPlannedEndDate()
		case periodReason:
			into.PeriodReason = from.GetPeriodReason()
		}
	}
}
