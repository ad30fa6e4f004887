package auditlog

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// What a sequencer process is told; without it the binary runs tests.
var (
	processDSN  = flag.String("auditlog.dsn", "", "run as a sequencer over this database, job role")
	processFile = flag.String("auditlog.file", "", "the checkpoint file")
)

// TestSequencerProcess is the body of a sequencer process. Among the other tests it is
// nothing.
func TestSequencerProcess(t *testing.T) {
	if *processDSN == "" {
		return
	}
	s, err := NewSequencer(t.Context(), SequencerConfig{
		DSN: *processDSN, Key: testKey(t, 7), File: NewFile(*processFile), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal("the sequencer ended by itself:", s.Run(t.Context(), time.Millisecond))
}

// TestKilledSequencerLosesAndDoublesNothing: processes are killed with SIGKILL at
// seeded moments while entries come in; what they leave holds, and the next goes on.
func TestKilledSequencerLosesAndDoublesNothing(t *testing.T) {
	const kills = 12
	w := newWorld(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	total := 0
	for seed := range kills {
		cmd := exec.Command(self, "-test.run=^TestSequencerProcess$", "-test.timeout=2m",
			"-auditlog.dsn="+w.base.DSNs.Job, "-auditlog.file="+w.file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		before := w.number("SELECT count(*) FROM audit_leaf")
		n := 20 + rng.IntN(40)
		total += n
		var acting sync.WaitGroup
		acting.Go(func() { w.act(n) })
		for end := time.Now().Add(30 * time.Second); w.number("SELECT count(*) FROM audit_leaf") == before; {
			if time.Now().After(end) {
				t.Fatal("the process sequences nothing")
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rng.IntN(20_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		acting.Wait()
		outside := []Checkpoint{Empty(w.key.Name())}
		if _, err := os.Stat(w.file); err == nil { // else it was killed before its first line
			outside = append(outside, w.outside()...)
		}
		if _, err := w.verifier().Verify(w.export(), outside); err != nil {
			t.Fatalf("kill %d: %v", seed, err)
		}
	}
	w.drain()
	if n := w.number("SELECT count(*) FROM audit_leaf"); n != total {
		t.Errorf("%d of %d entries have a place", n, total)
	}
	if err := w.verify(); err != nil {
		t.Error(err)
	}
	sizes := map[string]bool{}
	for _, c := range w.outside() {
		if key := fmt.Sprint(c.Size); sizes[key] {
			t.Errorf("the checkpoint of %s stands twice outside", key)
		} else {
			sizes[key] = true
		}
	}
}
