package rectification_test

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification"
)

// TestProgramServesEveryService of the package, and takes events.
func TestProgramServesEveryService(t *testing.T) {
	p := rectification.Program()
	s, err := p.New(t.Context(), &daemon.Runtime{
		Clock: &clocktest.Manual{}, PageKey: []byte(strings.Repeat("k", 32)), DB: &pg.DB{}, Logger: slog.New(slog.DiscardHandler),
		Documents: documentConfig(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	s.Register(server)
	want := []string{
		"xunshi.document.v1.DocumentService",
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
		"xunshi.rectification.v1.RectificationFlagService",
		"xunshi.rectification.v1.RectificationItemService",
		"xunshi.rectification.v1.RectificationListsService",
		"xunshi.rectification.v1.RectificationPlanService",
		"xunshi.rectification.v1.RectificationPlanVersionService",
		"xunshi.rectification.v1.RectificationReportService",
		"xunshi.rectification.v1.RectificationReportVersionService",
		"xunshi.rectification.v1.RectificationReviewService",
		"xunshi.rectification.v1.RectificationService",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(server.GetServiceInfo()))); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if len(s.Background) != 2 {
		t.Errorf("%d tasks run by themselves, want the worker of the dates and the sweep of documents", len(s.Background))
	}
	if diff := cmp.Diff([]string{"scheduling", "casefile"}, p.Peers); diff != "" {
		t.Errorf("peers (-want +got):\n%s", diff)
	}
}

// documentConfig is a place for documents of this test.
func documentConfig(t *testing.T) document.Config {
	cfg := document.DefaultConfig()
	cfg.Directory, cfg.KeyFile = t.TempDir(), config.SecretFile(filepath.Join(t.TempDir(), "keys"))
	if err := os.WriteFile(string(cfg.KeyFile), []byte("k1 "+strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestNewRefusesAShortPageKey, by which page tokens could be forged.
func TestNewRefusesAShortPageKey(t *testing.T) {
	if _, err := rectification.New(rectification.Deps{Clock: &clocktest.Manual{}, PageKey: []byte("short")}); err == nil {
		t.Error("a key of five bytes is taken")
	}
}
