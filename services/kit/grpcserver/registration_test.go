package grpcserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
)

// newWith tries to build a server of these services.
func newWith(t *testing.T, names ...string) error {
	t.Helper()
	ca, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{ca: ca, log: &buffer{}, registry: prometheus.NewRegistry()}
	_, err = grpcserver.New(config(), w.deps(t), func(r grpc.ServiceRegistrar) {
		for _, name := range names {
			for i := range descriptors(t).Services().Len() {
				if s := descriptors(t).Services().Get(i); string(s.Name()) == name {
					r.RegisterService(serviceDesc(s, func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
						return nil, errors.New("not called")
					}), nil)
				}
			}
		}
	})
	return err
}

func TestNewRefusesAMethodWithoutPolicy(t *testing.T) {
	if err := newWith(t, "PlanService"); err != nil {
		t.Errorf("PlanService is complete, but: %v", err)
	}
	err := newWith(t, "PlanService", "NakedService")
	if err == nil || !strings.Contains(err.Error(), "grpcservertest.v1.NakedService.GetPlan") {
		t.Errorf("error = %v, want one that names the method", err)
	}
}

func TestNewRefusesAStreamWithoutPolicy(t *testing.T) {
	if err := newWith(t, "PlanService", "StreamService"); err != nil {
		t.Errorf("StreamService is complete, but: %v", err)
	}
	err := newWith(t, "PlanService", "NakedStreamService")
	if err == nil || !strings.Contains(err.Error(), "grpcservertest.v1.NakedStreamService.WatchPlan") {
		t.Errorf("error = %v, want one that names the stream", err)
	}
}

func TestNewRefusesNoServiceAndMissingDeps(t *testing.T) {
	if err := newWith(t); err == nil {
		t.Error("a server without a service was built")
	}
	if _, err := grpcserver.New(config(), grpcserver.Deps{}, func(grpc.ServiceRegistrar) {}); err == nil {
		t.Error("a server without dependencies was built")
	}
}

func TestConfigReportsEveryFault(t *testing.T) {
	bad := grpcserver.Config{
		Callers:     grpcserver.Callers{People: []string{"gateway", ""}, Services: []string{"gateway"}},
		Admission:   grpcserver.Admission{Running: 0, Waiting: -1, MaxWait: -1},
		StopTimeout: -1,
	}
	if got := bad.Validate(); len(got) != 6 {
		t.Errorf("%d faults, want 6: %v", len(got), got)
	}
	if got := grpcserver.DefaultConfig().Validate(); len(got) != 1 {
		t.Errorf("the default lacks only callers, got %v", got)
	}
	if got := config().Validate(); len(got) != 0 {
		t.Errorf("faults = %v", got)
	}
}
