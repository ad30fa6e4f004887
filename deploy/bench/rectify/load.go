package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
)

// call does one request as one of so many clients; turn counts its requests.
type call func(ctx context.Context, client, turn int) error

// rateAndCount is what one measurement gave.
type rateAndCount struct {
	perSecond   float64
	count       int
	median, p99 time.Duration // of a request; zero where it is not known
}

// drive lets so many clients call one after the other for a while.
func drive(ctx context.Context, do call, clients int, d time.Duration) (rateAndCount, error) {
	machine := clock.System()
	start := machine.Now()
	end := start.Add(d)
	took := make([][]time.Duration, clients)
	faults := make([]error, clients)
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for turn := 0; ; turn++ {
				before := machine.Now()
				if !before.Before(end) {
					return
				}
				if err := do(ctx, c, turn); err != nil {
					faults[c] = fmt.Errorf("client %d, request %d: %w", c, turn, err)
					return
				}
				took[c] = append(took[c], machine.Now().Sub(before))
			}
		})
	}
	all.Wait()
	elapsed := machine.Now().Sub(start)
	for _, err := range faults {
		if err != nil {
			return rateAndCount{}, err
		}
	}
	each := slices.Concat(took...)
	slices.Sort(each)
	if len(each) == 0 {
		return rateAndCount{}, fmt.Errorf("no request ended within %v", d)
	}
	return rateAndCount{
		perSecond: float64(len(each)) / elapsed.Seconds(), count: len(each),
		median: each[len(each)/2], p99: each[len(each)*99/100],
	}, nil
}
