package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"
)

const warmUp = time.Second

// measure goes round the contenders of an action again and again, so that what else
// the machine does meets all of them. A peer that fails is left out of the rest of the
// action; a failure of the service ends the run.
func (b *bench) measure(ctx context.Context) (*results, error) {
	out := newResults(b.plan)
	for _, action := range b.Actions {
		for _, clients := range b.Clients {
			for round := range b.Rounds + 1 {
				if err := b.round(ctx, out, action, clients, round == 0); err != nil {
					return nil, err
				}
			}
			fmt.Fprintf(os.Stderr, "%s at %d clients: done\n", action, clients)
		}
	}
	return out, nil
}

func (b *bench) round(ctx context.Context, out *results, action string, clients int, warm bool) error {
	for _, c := range slices.Clone(b.contenders[action]) {
		d := b.Duration
		if warm {
			d = warmUp
		}
		f, err := b.one(ctx, c, clients, d)
		if err != nil {
			err = fmt.Errorf("%s by %s at %d clients: %w", action, c.name, clients, err)
			if !c.peer || ctx.Err() != nil {
				return err
			}
			out.drop(action, c.name, clients, err)
			b.contenders[action] = slices.DeleteFunc(b.contenders[action], func(o contender) bool { return o.name == c.name })
			continue
		}
		if !warm {
			out.add(action, c.name, clients, f)
		}
	}
	return nil
}

// one measures one contender once.
func (b *bench) one(ctx context.Context, c contender, clients int, d time.Duration) (figure, error) {
	if c.prepare != nil {
		if err := c.prepare(ctx); err != nil {
			return figure{}, err
		}
	}
	before, err := b.cpu(c)
	if err != nil {
		return figure{}, err
	}
	rate, err := c.run(ctx, clients, d)
	if err != nil {
		return figure{}, err
	}
	after, err := b.cpu(c)
	if err != nil {
		return figure{}, err
	}
	f := figure{rate, map[string]time.Duration{}}
	for name := range maps.Keys(after) {
		f.cpu[name] = (after[name] - before[name]) / time.Duration(rate.count)
	}
	return f, nil
}

// cpu is what PostgreSQL and the processes of a contender have taken so far.
func (b *bench) cpu(c contender) (map[string]time.Duration, error) {
	now := map[string]time.Duration{}
	var err error
	if now["postgres"], err = usage(b.postmaster, true); err != nil {
		return nil, err
	}
	for name, pid := range c.processes {
		if now[name], err = usage(pid, false); err != nil {
			return nil, err
		}
	}
	return now, nil
}
