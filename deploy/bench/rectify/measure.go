package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"time"
)

const warmUp = time.Second

// measure goes round the contenders of an action again and again, so that what else
// the machine does meets all of them.
func (b *bench) measure(ctx context.Context) (*results, error) {
	out := newResults(b.plan)
	for _, action := range b.Actions {
		for _, clients := range b.Clients {
			for round := range b.Rounds + 1 {
				for _, c := range b.contenders[action] {
					d := b.Duration
					if round == 0 {
						d = warmUp
					}
					f, err := b.one(ctx, c, clients, d)
					if err != nil {
						return nil, fmt.Errorf("%s by %s at %d clients: %w", action, c.name, clients, err)
					}
					if round > 0 {
						out.add(action, c.name, clients, f)
					}
				}
			}
			fmt.Fprintf(os.Stderr, "%s at %d clients: done\n", action, clients)
		}
	}
	return out, nil
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
