package docketserver_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// TestShownLater: a city that is shown an obligation learns nothing of the time
// before, neither by its history nor by asking as of then (arts 11, 17).
func TestShownLater(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	name := w.open(regulation.DutyPlan, "2026-03-02")
	w.clock.Set(noon(t, "2026-03-05"))
	before := timestamppb.New(w.clock.Now())
	w.clock.Advance(time.Hour)
	w.write(func(tx *pg.Tx, at obligation.Moment) error { // another duty of the same task is not shown
		return w.docket.ShowToCity(tx, at, jinjiang().Inspection, regulation.DutyReport)
	})
	if _, err := w.obligations().GetObligation(w.as(city), &obligationv1.GetObligationRequest{Name: name}); err == nil {
		t.Error("the city was shown what it was not meant to see")
	}
	w.write(func(tx *pg.Tx, at obligation.Moment) error {
		return w.docket.ShowToCity(tx, at, jinjiang().Inspection, regulation.DutyPlan)
	})
	w.clock.Advance(time.Hour)
	explain := func(who string, at *timestamppb.Timestamp) (*obligationv1.ObligationExplanation, error) {
		return w.obligations().ExplainObligation(w.as(who), &obligationv1.ExplainObligationRequest{Name: name, AsOfTime: at})
	}
	e := must(explain(city, nil))(t)
	if len(e.GetChanges()) != 1 || e.GetChanges()[0].GetKind() != obligationv1.ObligationChange_KIND_SHOWN_TO_CITY {
		t.Errorf("the city reads the history %v", e.GetChanges())
	}
	if e := must(explain(county, nil))(t); len(e.GetChanges()) != 2 {
		t.Errorf("the county reads the history %v", e.GetChanges())
	}
	for _, who := range []string{city, liaison} {
		_, err := explain(who, before)
		refused(t, err, "NOT_FOUND")
		_, err = w.obligations().GetObligation(w.as(who), &obligationv1.GetObligationRequest{Name: name, AsOfTime: before})
		refused(t, err, "NOT_FOUND")
		l := must(w.obligations().ListObligations(w.as(who), &obligationv1.ListObligationsRequest{Parent: "provinces/51", AsOfTime: before}))(t)
		c := must(w.obligations().SummarizeCompliance(w.as(who), &obligationv1.SummarizeComplianceRequest{Parent: "provinces/51", AsOfTime: before}))(t)
		if len(l.GetObligations()) > 0 || len(c.GetCompliances()) > 0 {
			t.Errorf("%s lists %v and counts %v of the time before", who, l.GetObligations(), c.GetCompliances())
		}
	}
}

// TestMalformed: what no service can answer is refused in its shape.
func TestMalformed(t *testing.T) {
	w := newWorld(t, "2026-03-02")
	for _, name := range []string{"", "x", "provinces/51/obligations/rectification", "provinces/51/obligations/0198c0de-0000-7000-8000-000000000009", "provinces/5/obligations/rectification-0198c0de-0000-7000-8000-000000000009"} {
		for what, call := range map[string]func() error{
			"get": func() error {
				_, err := w.obligations().GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name})
				return err
			},
			"extend": func() error {
				_, err := w.decider().ExtendObligation(w.as(office), &obligationv1.ExtendObligationRequest{
					Name: name, Decision: decision, Days: 1, Etag: `"1"`, RequestId: uuid.NewString(),
				})
				return err
			},
		} {
			if err := call(); status.Code(err) != codes.InvalidArgument {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
	for _, days := range []int32{0, -1, 401} {
		_, err := w.decider().ExtendObligation(w.as(office), &obligationv1.ExtendObligationRequest{
			Name:     "provinces/51/obligations/rectification-0198c0de-0000-7000-8000-000000000009",
			Decision: decision, Days: days, Etag: `"1"`, RequestId: uuid.NewString(),
		})
		refused(t, err, "FIELD_INVALID")
	}
	client := obligationv1.NewRecomputationServiceClient(w.peer)
	for what, change := range map[string]func(*obligationv1.PreviewRecomputationRequest){
		"a day twice": func(r *obligationv1.PreviewRecomputationRequest) { r.Days = append(r.Days, r.GetDays()[0]) },
		"no days":     func(r *obligationv1.PreviewRecomputationRequest) { r.Days = nil },
		"no date":     func(r *obligationv1.PreviewRecomputationRequest) { r.PublishDate = nil },
		"no day":      func(r *obligationv1.PreviewRecomputationRequest) { r.Days[0].Date = nil },
	} {
		req := &obligationv1.PreviewRecomputationRequest{
			Parent: "provinces/51", NoticeNumber: "SC-2026-X", PublishDate: day(t, "2026-03-01"),
			Days: []*obligationv1.NoticeDay{{Date: day(t, "2026-03-24")}},
		}
		change(req)
		if _, err := client.PreviewRecomputation(w.plain(), req); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", what, err)
		}
	}
}
