package docket_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// What a worker process is told; without them the binary runs tests.
var (
	processInside  = flag.String("docket.inside", "", "run as a worker over this database, inside role")
	processOutside = flag.String("docket.outside", "", "the same, outside role")
	processKey     = flag.String("docket.key", "", "scope key, hexadecimal")
	processClock   = flag.String("docket.clock", "", "file that the business clock stands in")
)

// fileClock stands where a file says, so that processes share it.
type fileClock string

func (f fileClock) Now() time.Time {
	text, err := os.ReadFile(string(f))
	if err != nil {
		panic(err)
	}
	now, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		panic(err)
	}
	return now
}

// set moves the clock; nobody reads half a time.
func (f fileClock) set(t testing.TB, now time.Time) {
	t.Helper()
	next := string(f) + ".next"
	if err := os.WriteFile(next, []byte(now.Format(time.RFC3339)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, string(f)); err != nil {
		t.Fatal(err)
	}
}

// TestWorkerProcess is the body of a worker process: it connects, waits for a line,
// and works until it is killed. Among the other tests it is nothing.
func TestWorkerProcess(t *testing.T) {
	if *processInside == "" {
		return
	}
	key := must(hex.DecodeString(*processKey))(t)
	db := must(pg.Open(t.Context(), pg.Config{InsideDSN: *processInside, OutsideDSN: *processOutside, ScopeKey: key, MaxConns: 1}))(t)
	d := docket.New("docketprobe", must(regulation.Load())(t), calendars.New(must(workday.National())(t)), fileClock(*processClock))
	fmt.Println("ready")
	_ = must(bufio.NewReader(os.Stdin).ReadString('\n'))(t)
	err := docket.NewWorker(db, d, slog.New(slog.DiscardHandler), time.Millisecond).Run(t.Context())
	t.Fatal("the worker ended by itself:", err)
}

// process is a worker that waits for its line.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ready chan error
}

func (w *world) process(clock fileClock) *process {
	w.t.Helper()
	cmd := exec.Command(must(os.Executable())(w.t), "-test.run=^TestWorkerProcess$", "-test.timeout=2m",
		"-docket.inside="+w.base.DSNs.Inside, "-docket.outside="+w.base.DSNs.Outside,
		"-docket.key="+hex.EncodeToString(w.base.ScopeKey), "-docket.clock="+string(clock))
	p := &process{cmd: cmd, stdin: must(cmd.StdinPipe())(w.t), ready: make(chan error, 1)}
	stdout := must(cmd.StdoutPipe())(w.t)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		out := bufio.NewReader(stdout)
		line, err := out.ReadString('\n')
		if err == nil && line != "ready\n" {
			rest, _ := io.ReadAll(out)
			err = errors.New(line + string(rest))
		}
		p.ready <- err
	}()
	w.t.Cleanup(p.kill)
	return p
}

func (p *process) work(t testing.TB) {
	t.Helper()
	if err := <-p.ready; err != nil {
		t.Fatal("a worker did not come up:", err)
	}
	if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
		t.Fatal(err)
	}
}

// kill is SIGKILL: the process gets no chance to tidy up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be dead already
	_ = p.cmd.Wait()
}

// TestEachRungOnceUnderKills: two worker processes at once over one database, while
// the clock moves over days of rungs, both killed at seeded moments; afterwards one
// worker finishes. Everybody was told exactly what a slow count says, once each.
func TestEachRungOnceUnderKills(t *testing.T) {
	const runs = 200
	w := newWorld(t, "2026-01-05")
	clock := fileClock(filepath.Join(t.TempDir(), "now"))
	clock.set(t, w.clock.Now())
	next := []*process{w.process(clock), w.process(clock)}
	var killedAtWork, stored int
	for seed := range uint64(runs) {
		pair := next
		if seed+1 < runs {
			next = []*process{w.process(clock), w.process(clock)} // they start while these work
		}
		r := &killRun{world: w, rng: rand.New(rand.NewPCG(seed, 3)), fileClock: clock, slow: newSlow(t)}
		r.open()
		for _, p := range pair {
			p.work(t)
		}
		r.moveAndKill(pair)
		if r.unfinished() && len(w.told("true")) > 0 {
			killedAtWork++ // and not before or after it
		}
		r.finish()
		want, got := r.want(), w.told("true")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-slow +stored):\n%s", seed, diff)
		}
		stored += len(got)
		// TRUNCATE is forbidden; as a replica the superuser is not asked.
		if _, err := w.admin.Exec(`BEGIN; SET LOCAL session_replication_role = replica;
			TRUNCATE notification, obligation_change, obligation; COMMIT`); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d runs, %d of them killed in the midst of the work, %d notices", runs, killedAtWork, stored)
	if killedAtWork < runs/4 {
		t.Errorf("only %d of %d runs were killed at work", killedAtWork, runs)
	}
}

// killRun is one run.
type killRun struct {
	*world
	fileClock
	slow
	rng    *rand.Rand
	opened []obligation.Opening
	start  time.Time
	end    time.Time
}

// open opens a few obligations of several duties in two provinces.
func (r *killRun) open() {
	r.start = utc(date("2026-01-05")).AddDate(0, 0, r.rng.IntN(300))
	r.end = r.start
	r.on(legal(r.start))
	duties := []regulation.DutyName{
		regulation.DutyPlan, regulation.DutyReport, regulation.DutyFeedbackCopy, regulation.DutyHearing, regulation.DutyCoverage,
	}
	for _, place := range []obligation.Place{jinjiang(), {Province: "33", City: "330100", County: "330102"}} {
		ctx := as(principal.InspectionOffice, "provinces/"+place.Province, "office")
		r.do(ctx, func(tx *pg.Tx, at obligation.Moment) error {
			for n := range 1 + r.rng.IntN(4) {
				in := obligation.Opening{
					ID: uuid.NewString(), Duty: duties[r.rng.IntN(len(duties))], Place: place,
					Subject: fmt.Sprintf("provinces/%s/x/%d", place.Province, n), Start: at.Today(),
					CountySees: r.rng.IntN(4) > 0, CitySees: r.rng.IntN(2) > 0,
				}
				if in.Duty == regulation.DutyCoverage {
					in.Planned = at.Today().AddDays(500 + r.rng.IntN(200))
				}
				if err := r.docket.Open(tx, at, in); err != nil {
					return err
				}
				r.opened = append(r.opened, in)
			}
			return nil
		})
	}
	r.fileClock.set(r.t, r.clock.Now())
}

// moveAndKill moves the clock over some days or weeks at a time, waits a moment, and
// kills each of the workers at one: in most runs soon after the first was told, else
// at any moment from the start on.
func (r *killRun) moveAndKill(pair []*process) {
	r.move()
	if r.rng.IntN(5) > 0 {
		for r.unfinished() && r.number("SELECT count(*) FROM notification") == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	var killed sync.WaitGroup
	for _, p := range pair {
		after := time.Duration(r.rng.IntN(30_000)) * time.Microsecond
		killed.Go(func() {
			time.Sleep(after)
			p.kill()
		})
	}
	for range 4 + r.rng.IntN(6) {
		r.move()
		time.Sleep(time.Duration(r.rng.IntN(6_000)) * time.Microsecond)
	}
	killed.Wait()
}

func (r *killRun) move() {
	r.end = r.end.AddDate(0, 0, 1+r.rng.IntN(40))
	r.fileClock.set(r.t, noon(legal(r.end)))
}

const dueRungs = "SELECT count(*) FROM obligation WHERE rung_date <= $1"

func (r *killRun) unfinished() bool {
	return r.number(dueRungs, legal(r.end).String()) > 0
}

// finish works until nothing is due; what a dead worker held is free a little later.
func (r *killRun) finish() {
	r.t.Helper()
	r.on(legal(r.end))
	for deadline := time.Now().Add(10 * time.Second); r.unfinished(); {
		if err := r.worker().Round(context.Background()); err != nil {
			r.t.Fatal(err)
		}
		if time.Now().After(deadline) {
			r.t.Fatal("work is left over")
		}
	}
}

func (r *killRun) want() (lines []string) {
	for _, in := range r.opened {
		due := utc(in.Planned)
		if in.Planned.IsZero() {
			due = r.due(in.Duty, r.start)
		}
		lines = append(lines, r.tell(in, due, r.start, r.end)...)
	}
	slices.Sort(lines)
	return lines
}
