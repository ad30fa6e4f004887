package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// contender is one way to do an action.
type contender struct {
	name    string
	peer    bool
	prepare func(ctx context.Context) error // before each measurement; may be nil
	run     func(ctx context.Context, clients int, d time.Duration) (rateAndCount, error)
	// processes are those whose CPU is told beside PostgreSQL's.
	processes map[string]int
}

// figure is one measurement.
type figure struct {
	rateAndCount
	cpu map[string]time.Duration // of each process for one request
}

// bench is a run.
type bench struct {
	plan
	subject    *subject
	callers    *callers
	postmaster int
	contenders map[string][]contender // by action
	peers      []*peer
}

func run(ctx context.Context, dir string, p plan) (err error) {
	s, err := startSubject(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(context.WithoutCancel(ctx))) }()
	if err := s.seed(ctx, p); err != nil {
		return err
	}
	b := &bench{plan: p, subject: s, contenders: map[string][]contender{}}
	if b.postmaster, err = s.postmaster(ctx); err != nil {
		return err
	}
	if b.callers, err = newCallers(ctx, s, p); err != nil {
		return err
	}
	conn, err := s.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := b.enter(ctx, newOverGRPC(b.callers, conn), newOverREST(b.callers, s.Stack.Gateway)); err != nil {
		return err
	}
	var absent []string
	if b.Peers {
		defer b.stopPeers()
		if absent, err = b.enterPeers(ctx); err != nil {
			return err
		}
	}
	results, err := b.measure(ctx)
	if err != nil {
		return err
	}
	results.Absent = append(absent, results.Absent...)
	if err := results.write(dir, os.Stdout); err != nil || !b.Profile {
		return err
	}
	return b.profile(ctx, dir, os.Stdout)
}

// enter makes the contenders of each action, pgbench with what gRPC was seen to do.
func (b *bench) enter(ctx context.Context, g *overGRPC, r *overREST) error {
	if err := g.turnPages(ctx); err != nil {
		return err
	}
	if err := b.reload(ctx); err != nil {
		return err
	}
	lists := func(ctx context.Context, l list) error { _, err := g.readList(ctx, l); return err }
	for _, action := range []struct {
		name, role string
		grpc, rest func(clients int) call
		once       []once
	}{
		{"W", "rectification_outside", b.callers.writer(g.write), b.callers.writer(r.write),
			b.perCounty(func(ctx context.Context, t target) error { return g.write(ctx, t, t.item(1), 50) })},
		{"R1", "rectification_outside", b.callers.reader(g.readCase), b.callers.reader(r.readCase), b.perCounty(g.readCase)},
		{"R2", "rectification_inside", b.callers.lister(lists), b.callers.lister(r.readList), b.perList(lists)},
	} {
		if !slices.Contains(b.Actions, action.name) {
			continue
		}
		pgbench, err := b.pgbench(ctx, action.name, action.role, action.once)
		if err != nil {
			return fmt.Errorf("%s: %w", action.name, err)
		}
		b.contenders[action.name] = []contender{pgbench, b.ours("gRPC", action.grpc, "service"), b.ours("REST", action.rest, "service", "edge")}
	}
	return nil
}

// once is one call to be captured.
type once struct {
	do func(ctx context.Context) error
	of *target
}

func (b *bench) perCounty(do func(ctx context.Context, t target) error) []once {
	var all []once
	for i := range 2 {
		t := b.callers.targets[i*perCounty]
		all = append(all, once{func(ctx context.Context) error { return do(ctx, t) }, &t})
	}
	return all
}

func (b *bench) perList(do func(ctx context.Context, l list) error) []once {
	var all []once
	for _, l := range b.callers.lists {
		all = append(all, once{func(ctx context.Context) error { return do(ctx, l) }, nil})
	}
	return all
}

// pgbench captures the calls and replays them.
func (b *bench) pgbench(ctx context.Context, action, role string, calls []once) (contender, error) {
	subject := asCounty
	if role == "rectification_inside" {
		subject = asOffice
	}
	transactions, err := b.subject.capture(ctx, subject, func() error {
		for _, c := range calls {
			if err := c.do(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return contender{}, err
	}
	if len(transactions) == 0 || len(transactions)%len(calls) != 0 {
		return contender{}, fmt.Errorf("%d transactions in the log of %d calls", len(transactions), len(calls))
	}
	perCall := len(transactions) / len(calls)
	var samples []sample
	for i, c := range calls {
		samples = append(samples, sample{slices.Concat(transactions[i*perCall : (i+1)*perCall]...), c.of})
	}
	r, err := b.subject.newReplay(ctx, b.plan, action, role, samples)
	if err != nil {
		return contender{}, err
	}
	fmt.Fprintf(os.Stderr, "%s: %d statements in %d transactions\n", action, r.roundTrips, perCall)
	return contender{name: "pgbench", run: r.run}, nil
}

// ours is the service by one of its ways in.
func (b *bench) ours(name string, do func(clients int) call, processes ...string) contender {
	pids := map[string]int{"service": b.subject.Stack.Services["rectification"], "edge": b.subject.cmd.Process.Pid}
	c := contender{name: name, processes: map[string]int{}, prepare: b.reload}
	for _, p := range processes {
		c.processes[p] = pids[p]
	}
	c.run = func(ctx context.Context, clients int, d time.Duration) (rateAndCount, error) {
		return drive(ctx, do(clients), clients, d)
	}
	return c
}

// reload reads the versions of the items, which pgbench changes too.
func (b *bench) reload(ctx context.Context) (err error) {
	b.callers.written, err = b.subject.versions(ctx, "item")
	return err
}
