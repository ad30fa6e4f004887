package casefile_test

import (
	"bytes"
	"testing"

	"github.com/xunshi/xunshi/services/casefile"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/pg"
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
}
