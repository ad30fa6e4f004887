package rectification_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification"
)

// TestProgramServesEveryService of the package, and takes events.
func TestProgramServesEveryService(t *testing.T) {
	p := rectification.Program()
	s, err := p.New(t.Context(), &daemon.Runtime{
		Clock: &clocktest.Manual{}, PageKey: []byte(strings.Repeat("k", 32)), DB: &pg.DB{},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	s.Register(server)
	want := []string{
		"xunshi.event.v1.EventService",
		"xunshi.obligation.v1.NotificationService",
		"xunshi.obligation.v1.ObligationDecisionService",
		"xunshi.obligation.v1.ObligationService",
		"xunshi.obligation.v1.RecomputationService",
		"xunshi.rectification.v1.CityGuidanceService",
		"xunshi.rectification.v1.CityMeasureService",
		"xunshi.rectification.v1.DeliveryService",
		"xunshi.rectification.v1.FeedbackService",
		"xunshi.rectification.v1.ImmediateRectificationService",
		"xunshi.rectification.v1.RectificationItemService",
		"xunshi.rectification.v1.RectificationListsService",
		"xunshi.rectification.v1.RectificationPlanService",
		"xunshi.rectification.v1.RectificationPlanVersionService",
		"xunshi.rectification.v1.RectificationReportService",
		"xunshi.rectification.v1.RectificationService",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(server.GetServiceInfo()))); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if len(s.Background) != 1 {
		t.Errorf("%d tasks run by themselves, want the worker of the dates", len(s.Background))
	}
	if diff := cmp.Diff([]string{"scheduling", "casefile"}, p.Peers); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
}

// TestNewRefusesAShortPageKey, by which page tokens could be forged.
func TestNewRefusesAShortPageKey(t *testing.T) {
	if _, err := rectification.New(rectification.Deps{Clock: &clocktest.Manual{}, PageKey: []byte("short")}); err == nil {
		t.Error("a key of five bytes is taken")
	}
}
