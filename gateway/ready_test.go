package gateway

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/connectivity"

	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
)

// TestReadyNeedsEveryService: a probe connects what is idle, and one service that
// is away makes the edge not ready.
func TestReadyNeedsEveryService(t *testing.T) {
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{service: &logFile{}}
	up := h.serve(t, ca)
	// It takes connections and never speaks.
	silent := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer silent.Close()
	gone := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		third string
		ready bool
	}{
		"all are there":        {up, true},
		"one is not there":     {gone.Addr().String(), false},
		"one does not answer":  {silent.Addr().String(), false},
		"one is another party": {h.serve(t, must(servertest.NewCA(t.TempDir()))(t)), false},
	} {
		t.Run(name, func(t *testing.T) {
			conns := connections{dial(t, ca, up), dial(t, ca, up), dial(t, ca, tt.third)}
			if s := conns[0].GetState(); s != connectivity.Idle {
				t.Fatalf("connected before it was asked: %s", s)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := conns.ready(ctx)
			if (err == nil) != tt.ready {
				t.Fatalf("ready: %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.third) {
				t.Errorf("%v does not name %s", err, tt.third)
			}
		})
	}
}
