package docketserver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/calendars"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/docket/dockettest"
	"github.com/xunshi/xunshi/services/kit/docketserver"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// The bodies of the tests, written as tokens: party, area, person.
const (
	office    = "INSPECTION_OFFICE provinces/51 office"
	leading   = "LEADING_GROUP provinces/51 chair"
	county    = "COUNTY_COMMITTEE provinces/51/counties/510104 county"
	neighbour = "COUNTY_COMMITTEE provinces/51/counties/510105 neighbour"
	city      = "CITY_COMMITTEE provinces/51/cities/510100 city"
	liaison   = "CITY_LIAISON_BODY provinces/51/cities/510100 liaison"
	otherCity = "CITY_COMMITTEE provinces/51/cities/511300 other"

	service  = "rectification"
	ruleSet  = "CN-COUNTY-2012"
	decision = "provinces/51/decisions/0198c0de-0000-7000-8000-00000000000d"
)

func jinjiang() obligation.Place {
	return obligation.Place{Province: "51", City: "510100", County: "510104", Inspection: "0198c0de-0000-7000-8000-000000000001"}
}

// bearer takes a token at its word.
type bearer struct{}

// Verify implements grpcserver.Verifier.
func (bearer) Verify(_ context.Context, token string) (principal.Principal, error) {
	parts := strings.Split(token, " ")
	if len(parts) != 3 {
		return principal.Principal{}, fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid).Wrap(errors.New("not a token of the tests"))
	}
	p, _ := principal.From(pgtest.As(context.Background(), principal.Party(parts[0]), parts[1], parts[2]))
	return p, nil
}

// world is a service that keeps obligations, as a process runs it.
type world struct {
	t      *testing.T
	clock  *clocktest.Manual
	book   *regulation.Book
	db     *pg.DB
	docket *docket.Docket
	// decided are the items of the one decision that there is.
	decided map[docketserver.Action]string
	// away is when scheduling does not answer.
	away bool
	data *pgtest.Database
	edge *grpc.ClientConn
	peer *grpc.ClientConn // scheduling, in its own name
}

func newWorld(t *testing.T, today string) *world {
	t.Helper()
	base := must(workday.National())(t)
	w := &world{t: t, clock: clocktest.Fixed(noon(t, today)), book: must(regulation.Load())(t), decided: map[docketserver.Action]string{}}
	w.data = pgtest.New(t, pgtest.Service{Name: service, Migrations: dockettest.Migrations(service)})
	w.db = w.data.Open(t)
	w.docket = docket.New(service, w.book, calendars.New(base), w.clock)
	w.serve()
	return w
}

func (w *world) serve() {
	w.t.Helper()
	ca := must(servertest.NewCA(w.t.TempDir()))(w.t)
	files := must(ca.Issue(service))(w.t)
	cfg := grpcserver.DefaultConfig()
	cfg.Callers = grpcserver.Callers{People: []string{"gateway"}, Services: []string{"scheduling"}}
	var registered error
	server, err := grpcserver.New(cfg, grpcserver.Deps{
		Logger: slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Tracer: noop.NewTracerProvider(), Registry: prometheus.NewRegistry(), TLS: must(files.Server())(w.t),
		Verifier: bearer{}, Catalogue: must(faultstatus.NewCatalogue(service + ".xunshi"))(w.t),
		Ready: func(context.Context) error { return nil },
	}, func(r grpc.ServiceRegistrar) {
		registered = docketserver.Register(r, docketserver.Deps{
			DB: w.db, Docket: w.docket, Book: w.book, Clock: w.clock, Decisions: w.decisions,
			MovedBy: map[regulation.DutyName]string{regulation.DutyOnSitePeriod: "ExtendOnSite"},
			Pager:   must(page.New([]byte(strings.Repeat("k", 32)), w.clock))(w.t),
		})
	})
	if err := errors.Join(err, registered); err != nil {
		w.t.Fatal(err)
	}
	lis := must(net.Listen("tcp", "127.0.0.1:0"))(w.t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, lis) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	dial := func(name string) *grpc.ClientConn {
		conn := must(grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(credentials.NewTLS(w.clientTLS(ca, name)))))(w.t)
		w.t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	w.edge, w.peer = dial("gateway"), dial("scheduling")
}

func (w *world) clientTLS(ca *servertest.CA, name string) *tls.Config {
	files := must(ca.Issue(name))(w.t)
	return must(files.Client(service))(w.t)
}

// decisions is what scheduling would answer.
func (w *world) decisions(_ context.Context, name string, action docketserver.Action, of string) (bool, error) {
	if w.away {
		return false, fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	}
	if name != decision {
		return false, fault.Missing(name)
	}
	return w.decided[action] == of, nil
}

func (w *world) obligations() obligationv1.ObligationServiceClient {
	return obligationv1.NewObligationServiceClient(w.edge)
}

func (w *world) decider() obligationv1.ObligationDecisionServiceClient {
	return obligationv1.NewObligationDecisionServiceClient(w.edge)
}

func (w *world) notifications() obligationv1.NotificationServiceClient {
	return obligationv1.NewNotificationServiceClient(w.edge)
}

// as gives a context in which the body with this token calls.
func (w *world) as(token string) context.Context {
	return metadata.AppendToOutgoingContext(w.plain(), "authorization", "Bearer "+token)
}

// plain gives a context without a person: a service calls in its own name.
func (w *world) plain() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

// write runs what a handler of the service would do, for the office.
func (w *world) write(f func(tx *pg.Tx, at obligation.Moment) error) {
	w.t.Helper()
	ctx := pgtest.As(w.t.Context(), principal.InspectionOffice, "provinces/51", "office")
	err := w.db.Write(ctx, func(tx *pg.Tx) error {
		at, err := w.docket.Moment(tx, ruleSet)
		if err != nil {
			return err
		}
		return f(tx, at)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// open opens an obligation of Jinjiang that started on a day, and gives its name.
func (w *world) open(duty regulation.DutyName, start string, change ...func(*obligation.Opening)) string {
	w.t.Helper()
	in := obligation.Opening{
		ID: must(uuid.NewV7())(w.t).String(), Duty: duty, Place: jinjiang(), CountySees: true,
		Start: must(workday.ParseDate(start))(w.t),
	}
	in.Subject = "provinces/51/rectifications/" + in.ID
	for _, c := range change {
		c(&in)
	}
	w.write(func(tx *pg.Tx, at obligation.Moment) error { return w.docket.Open(tx, at, in) })
	return w.docket.Name(in.ID, "51")
}

func seenByCity(in *obligation.Opening) { in.CitySees = true }

func in(place obligation.Place) func(*obligation.Opening) {
	return func(o *obligation.Opening) { o.Place = place }
}

func (w *world) meet(name string, duty regulation.DutyName, on string) {
	w.t.Helper()
	id := name[len("provinces/51/obligations/"+service+"-"):]
	w.write(func(tx *pg.Tx, at obligation.Moment) error {
		return w.docket.Meet(tx, at, docket.Key{Subject: "provinces/51/rectifications/" + id, Duty: duty}, must(workday.ParseDate(on))(w.t))
	})
}

func (w *world) get(name string) *obligationv1.Obligation {
	w.t.Helper()
	return must(w.obligations().GetObligation(w.as(office), &obligationv1.GetObligationRequest{Name: name}))(w.t)
}

func noon(t *testing.T, day string) time.Time {
	t.Helper()
	return must(workday.ParseDate(day))(t).Time().Add(12 * time.Hour)
}

func text(d *date.Date) string {
	if d == nil {
		return ""
	}
	return workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}.String()
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return v
	}
}

// refused tests that a call was refused with the reason.
func refused(t *testing.T, err error, reason string) {
	t.Helper()
	if f, ok := fault.As(faultstatus.FromStatus(err)); !ok || f.Reason != reason {
		t.Errorf("got %v, want the reason %s", err, reason)
	}
}
