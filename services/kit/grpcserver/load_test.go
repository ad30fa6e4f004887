package grpcserver_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/grpcserver"
)

// blocking gives a handler that says when it has begun and waits to be let go.
func blocking(t *testing.T, started chan<- struct{}, release <-chan struct{}) handler {
	return func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		started <- struct{}{}
		<-release
		return message(t, "Plan", `text: "done"`), nil
	}
}

// TestOverloadSheds is input 90 (D9): of four calls on a server for one plus one
// waiting, the first runs, the second waits and is refused after the bound, the
// rest are refused at once.
func TestOverloadSheds(t *testing.T) {
	cfg := config()
	cfg.Admission = grpcserver.Admission{Running: 1, Waiting: 1, MaxWait: 50 * time.Millisecond}
	w := start(t, cfg)
	conn := w.dial(t, "gateway")
	started, release := make(chan struct{}, 4), make(chan struct{})
	w.serve(blocking(t, started, release))

	first := make(chan error, 1)
	go func() { first <- submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`) }()
	<-started
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			err := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
			want(t, err, codes.ResourceExhausted, "OVERLOADED")
			if !strings.Contains(status.Convert(err).Proto().String(), "RetryInfo") {
				t.Error("the refusal does not say when to try again")
			}
		})
	}
	wg.Wait()
	close(release)
	want(t, <-first, codes.OK, "")
	want(t, submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`), codes.OK, "")
}

// TestQueueAdmitsInTime shows that waiting is worth it when a place becomes free.
func TestQueueAdmitsInTime(t *testing.T) {
	cfg := config()
	cfg.Admission = grpcserver.Admission{Running: 1, Waiting: 1, MaxWait: 5 * time.Second}
	w := start(t, cfg)
	conn := w.dial(t, "gateway")
	started, release := make(chan struct{}, 2), make(chan struct{})
	w.serve(blocking(t, started, release))
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`) }()
	}
	<-started
	close(release)
	want(t, <-results, codes.OK, "")
	want(t, <-results, codes.OK, "")
}

func TestGracefulStopLetsARunningCallFinish(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	started, release := make(chan struct{}, 1), make(chan struct{})
	w.serve(blocking(t, started, release))
	result := make(chan error, 1)
	go func() { result <- submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`) }()
	<-started
	w.stop()
	select {
	case err := <-w.stopped:
		t.Fatalf("the server ended before its call: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	want(t, <-result, codes.OK, "")
	err := <-w.stopped
	if err != nil {
		t.Errorf("serve: %v", err)
	}
	w.stopped <- nil
}

func TestStopGivesUpOnAStuckCall(t *testing.T) {
	cfg := config()
	cfg.StopTimeout = 100 * time.Millisecond
	w := start(t, cfg)
	conn := w.dial(t, "gateway")
	started := make(chan struct{}, 1)
	w.serve(func(ctx context.Context, _ string, _ *dynamicpb.Message) (proto.Message, error) {
		started <- struct{}{}
		<-ctx.Done() // what a query in the database does
		return nil, ctx.Err()
	})
	result := make(chan error, 1)
	go func() { result <- submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`) }()
	<-started
	w.stop()
	if err := <-w.stopped; err != nil {
		t.Errorf("serve: %v", err)
	}
	w.stopped <- nil
	want(t, <-result, codes.Unavailable, "")
}

// TestTooLargeIsRefused is the limits of §5.1 for messages and headers.
func TestTooLargeIsRefused(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	big := submit(t, as(t, "county"), conn, `name: "`+ownPlan+`" text: "`+strings.Repeat("a", 1<<20)+`"`)
	want(t, big, codes.ResourceExhausted, "")
	headers := submit(t, as(t, "county", "x-much", strings.Repeat("a", 17<<10)), conn, `name: "`+ownPlan+`"`)
	if status.Code(headers) == codes.OK {
		t.Error("a header block over 16 KiB was accepted")
	}
}
