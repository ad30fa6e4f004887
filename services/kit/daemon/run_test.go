package daemon

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcclient"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

func entered() *eventv1.InspectionEntered {
	return &eventv1.InspectionEntered{Inspection: aggregate, EntryDate: &date.Date{Year: 2026, Month: 9, Day: 3}}
}

func delivery(t *testing.T) *eventv1.DeliverEventRequest {
	t.Helper()
	payload, err := anypb.New(entered())
	if err != nil {
		t.Fatal(err)
	}
	return &eventv1.DeliverEventRequest{
		EventId: uuid.NewString(), Aggregate: aggregate, Sequence: 1,
		OccurTime: timestamppb.New(time.Date(2026, 9, 3, 1, 0, 0, 0, time.UTC)), Payload: payload,
	}
}

// readyz gives the status code of the admin server; 0 if it does not answer.
func (w *site) readyz(t *testing.T) int {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + w.cfg.Admin + "/readyz")
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// TestServeWaitsForTheMigration: serve never migrates, is not ready below the
// required version, and goes on by itself once the owner has migrated.
func TestServeWaitsForTheMigration(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	taken := make(chan proto.Message, 1)
	p := probe(taken)
	p.Migrations = migrations()
	lis := listen(t)
	proc := w.start(t, p, WithListener(lis))

	eventually(t, "the admin server says no", func() bool { return w.readyz(t) == http.StatusServiceUnavailable })
	client := w.client(t, "scheduling", lis.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := client.DeliverEvent(ctx, delivery(t)); err == nil {
		t.Fatal("a call was answered before the migration")
	}
	if strings.Contains(proc.log.String(), `"msg":"serving"`) {
		t.Fatal("the process serves an old database")
	}

	if err := Migrate(t.Context(), p, w.cfg.Database); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the process is ready", func() bool { return w.readyz(t) == http.StatusOK })
	ctx, cancel = context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if _, err := client.DeliverEvent(ctx, delivery(t)); err != nil {
		t.Fatalf("%v; log:\n%s", err, proc.log)
	}
	if got := <-taken; !proto.Equal(got, entered()) {
		t.Errorf("took %v", got)
	}
	if _, err := w.client(t, "stranger", lis.Addr().String()).DeliverEvent(ctx, delivery(t)); status.Code(err) != codes.Unauthenticated {
		t.Errorf("a stranger got %v", err)
	}
	if strings.Count(proc.log.String(), "waiting until ready") != 1 {
		t.Errorf("the cause is told once, not at every look:\n%s", proc.log)
	}
	if err := proc.stop(); err != nil {
		t.Error(err)
	}
}

// TestServeRefusesARoleThatGetsRoundRowSecurity (security.md D3): the gate looks
// at the rights of our own roles.
func TestServeRefusesARoleThatGetsRoundRowSecurity(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	admin := w.db.Admin(t)
	strong := service + "_strong"
	t.Cleanup(func() { _, _ = admin.Exec("DROP OWNED BY " + strong + "; DROP ROLE " + strong) })
	if _, err := admin.Exec("CREATE ROLE " + strong + " LOGIN BYPASSRLS; GRANT CONNECT ON DATABASE " + w.db.Name + " TO " + strong); err != nil {
		t.Fatal(err)
	}
	w.cfg.Database.Outside.DSN = strings.Replace(w.cfg.Database.Outside.DSN, service+"_outside", strong, 1)
	proc := w.start(t, probe(nil))
	eventually(t, "the cause is told", func() bool { return strings.Contains(proc.log.String(), strong+" can get round") })
	if code := w.readyz(t); code != http.StatusServiceUnavailable {
		t.Errorf("readyz answers %d", code)
	}
}

// announcer is a service that announces one event to itself when it starts.
func announcer(taken chan<- proto.Message) Program {
	p := probe(taken)
	p.Peers = []string{service}
	inner := p.New
	p.New = func(ctx context.Context, rt *Runtime) (Service, error) {
		s, err := inner(ctx, rt)
		s.Background = append(s.Background, func(ctx context.Context) error {
			ctx = principal.With(ctx, principal.Principal{Subject: service, Party: principal.Service, Province: "51"})
			err := rt.DB.Write(ctx, func(tx *pg.Tx) error {
				return outbox.Add(tx, outbox.Event{
					Destinations: []string{service}, Aggregate: aggregate, Payload: entered(), OccurTime: rt.Clock.Now(),
				})
			})
			if err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		})
		return s, err
	}
	return p
}

// TestEventsTravelAndNothingStaysBehind runs all parts at once: background task,
// outbox, River, mutual TLS, inbox; and then counts the goroutines.
func TestEventsTravelAndNothingStaysBehind(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	before := goleak.IgnoreCurrent()
	taken := make(chan proto.Message, 1)
	lis := listen(t)
	w.cfg.Peers = map[string]grpcclient.Config{service: {Target: lis.Addr().String(), ServerName: service}}
	proc := w.start(t, announcer(taken), WithListener(lis))
	select {
	case got := <-taken:
		if !proto.Equal(got, entered()) {
			t.Errorf("took %v", got)
		}
	case <-time.After(deadline):
		t.Fatalf("no event came; log:\n%s", proc.log)
	}
	if err := proc.stop(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

// TestNeverReachesTheServer: the program bans a party that the proto grants.
func TestNeverReachesTheServer(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	p := probe(make(chan proto.Message, 1))
	p.Never = []principal.Party{principal.Service}
	lis := listen(t)
	w.start(t, p, WithListener(lis))
	client := w.client(t, "scheduling", lis.Addr().String())
	eventually(t, "the call is refused", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.DeliverEvent(ctx, &eventv1.DeliverEventRequest{Aggregate: aggregate})
		return fault.Is(faultstatus.FromStatus(err), fault.ReasonMethodNotGranted)
	})
}

func TestOneFailureEndsTheProcess(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	broken := errors.New("the sweeper broke")
	p := probe(nil)
	inner := p.New
	p.New = func(ctx context.Context, rt *Runtime) (Service, error) {
		s, err := inner(ctx, rt)
		s.Background = append(s.Background, func(context.Context) error { return broken })
		return s, err
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := Run(ctx, p, w.cfg, WithLogs(&logs{})); !errors.Is(err, broken) {
		t.Errorf("Run = %v", err)
	}
}

func TestOnlyTheOptionSetsTheClock(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	virtual := clocktest.Fixed(time.Date(2012, 9, 3, 0, 0, 0, 0, time.UTC))
	stop := errors.New("seen")
	for name, tt := range map[string]struct {
		opts []Option
		want clock.Clock
	}{
		"none":      {nil, clock.System()},
		"WithClock": {[]Option{WithClock(virtual)}, virtual},
	} {
		var got clock.Clock
		p := Program{Name: service, New: func(_ context.Context, rt *Runtime) (Service, error) {
			got = rt.Clock
			return Service{}, stop
		}}
		if err := Run(t.Context(), p, w.cfg, append(tt.opts, WithLogs(&logs{}))...); !errors.Is(err, stop) {
			t.Fatalf("%s: %v", name, err)
		}
		if got != tt.want {
			t.Errorf("%s: clock %v, want %v", name, got, tt.want)
		}
	}
}

func TestRunTellsAllThatIsMissing(t *testing.T) {
	p := Program{Name: service, Peers: []string{"casefile"}}
	err := Run(t.Context(), p, Config{Listen: "nowhere"})
	for _, want := range []string{
		"listen:", "admin:", "callers:", "admission.running:", "peers.casefile: is required", "page_key_file: is required",
		"audit.key_file: is required", "audit.checkpoint_file: is required",
		"database.inside: is required", "database.outside: is required", "database.job: is required", "database.scope_key_file: is required",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q: %v", want, err)
		}
	}
}

func TestServiceThatRegistersNothingIsRefused(t *testing.T) {
	w := newSite(t, pgtest.Service{Name: service})
	for _, s := range []Service{{}, {Register: func(grpc.ServiceRegistrar) {}}} {
		p := Program{Name: service, New: func(context.Context, *Runtime) (Service, error) { return s, nil }}
		if err := Run(t.Context(), p, w.cfg, WithLogs(&logs{})); err == nil {
			t.Error("it ran")
		}
	}
}

// parked puts an event on the shelf as a failed delivery would.
func parked(t *testing.T, db *sql.DB) string {
	t.Helper()
	id := uuid.NewString()
	if _, err := db.ExecContext(t.Context(), `UPDATE outbox SET parked_time = now(), attempts = 20, last_error = 'INTERNAL', id = $1`, id); err != nil {
		t.Fatal(err)
	}
	return id
}
