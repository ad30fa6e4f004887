package casefile_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/daemon"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// A service that lacks something must not start, least of all without anybody to
// ask for the leading group's decision (art. 10).
func TestNewRefusesAMissingDependency(t *testing.T) {
	key := bytes.Repeat([]byte("k"), 32)
	for name, deps := range map[string]casefile.Deps{
		"database":  {Clock: clock.System(), PageKey: key},
		"clock":     {DB: &pg.DB{}, PageKey: key},
		"page key":  {DB: &pg.DB{}, Clock: clock.System()},
		"decisions": {DB: &pg.DB{}, Clock: clock.System(), PageKey: key},
	} {
		if _, err := casefile.New(deps); err == nil {
			t.Errorf("it starts without %s", name)
		}
	}
}

func TestProgramNamesItsPeers(t *testing.T) {
	p := casefile.Program()
	if p.Name != "casefile" || len(p.Peers) != 1 || p.Peers[0] != "scheduling" || p.New == nil || p.Migrations == nil {
		t.Errorf("got %+v", p)
	}
	want := []principal.Party{principal.CityCommittee, principal.CityLiaisonBody, principal.CountyCommittee}
	if diff := cmp.Diff(want, p.Never); diff != "" {
		t.Errorf("who may never call it (-want +got):\n%s", diff)
	}
}

// What runs without a caller is there: the worker of the dates.
func TestProgramRunsTheWorker(t *testing.T) {
	s, err := casefile.Program().New(t.Context(), &daemon.Runtime{
		DB: &pg.DB{}, Clock: clock.System(), PageKey: bytes.Repeat([]byte("k"), 32), Logger: slog.New(slog.DiscardHandler),
		Peers: map[string]grpc.ClientConnInterface{"scheduling": &grpc.ClientConn{}},
	})
	if err != nil || len(s.Background) != 1 {
		t.Errorf("%d tasks, %v", len(s.Background), err)
	}
}
