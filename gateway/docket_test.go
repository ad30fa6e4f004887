package gateway

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/clock/clocktest"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/principal"
)

var noon = time.Date(2026, 9, 3, 4, 0, 0, 0, time.UTC)

// docket keeps obligations and notifications as each of the services does: sorted,
// with page tokens that only it can make, bound to the query and the caller.
type docket struct {
	obligationv1.UnimplementedObligationServiceServer
	obligationv1.UnimplementedObligationDecisionServiceServer
	obligationv1.UnimplementedNotificationServiceServer
	service string
	pager   *page.Pager

	mu     sync.Mutex
	rows   []*obligationv1.Obligation
	sent   []*obligationv1.Notification
	served []string // method and name of what was asked of one object
	denied string   // the bearer that has nothing here
	locked bool
	down   bool
}

// newDocket starts a service and connects to it.
func newDocket(t *testing.T, service string) (*docket, *grpc.ClientConn) {
	t.Helper()
	key := bytes.Repeat([]byte(service[:1]), 32)
	d := &docket{service: service, pager: must(page.New(key, clocktest.Fixed(noon)))(t)}
	server := grpc.NewServer(grpc.UnaryInterceptor(d.answer(must(faultstatus.NewCatalogue(service + ".xunshi"))(t))))
	obligationv1.RegisterObligationServiceServer(server, d)
	obligationv1.RegisterObligationDecisionServiceServer(server, d)
	obligationv1.RegisterNotificationServiceServer(server, d)
	lis := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///"+service, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return d, conn
}

// answer judges the caller by his bearer and puts faults on the wire.
func (d *docket) answer(catalogue *faultstatus.Catalogue) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		md, _ := metadata.FromIncomingContext(ctx)
		bearer := strings.Join(md.Get("authorization"), "")
		resp, err := d.judge(ctx, bearer, req, info, next)
		if err == nil {
			return resp, nil
		}
		s, _ := catalogue.Status(err, strings.Join(md.Get("accept-language"), ""), "")
		return nil, s.Err()
	}
}

func (d *docket) judge(ctx context.Context, bearer string, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	switch {
	case d.down:
		return nil, fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	case bearer == "":
		return nil, fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid)
	case bearer == d.denied:
		return nil, fault.New(fault.Denied, fault.ReasonMethodNotGranted, "permission", info.FullMethod)
	case d.locked: // by its own database, see pg.Fault
		return nil, fault.New(fault.Denied, fault.ReasonMethodNotGranted)
	}
	if r, ok := req.(interface{ GetName() string }); ok {
		d.served = append(d.served, info.FullMethod[strings.LastIndexByte(info.FullMethod, '/')+1:]+" "+r.GetName())
	}
	return next(principal.With(ctx, principal.Principal{Subject: bearer}), req)
}

// keep adds an obligation due so many days after the first, and its notification.
func (d *docket) keep(id string, day int) {
	due := noon.AddDate(0, 0, day)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rows = insert(d.rows, dueKey, &obligationv1.Obligation{
		Name: "provinces/51/obligations/" + d.service + "-" + id, Etag: `"1"`,
		Duty: obligationv1.Obligation_Duty(1 + day%10), Article: fmt.Sprint(1 + day%10),
		DueDate: &date.Date{Year: int32(due.Year()), Month: int32(due.Month()), Day: int32(due.Day())},
	})
	d.sent = insert(d.sent, madeKey, &obligationv1.Notification{
		Name: "provinces/51/notifications/" + d.service + "-" + id, Etag: `"1"`, CreateTime: timestamppb.New(due),
	})
}

// insert keeps rows sorted by key.
func insert[T any](rows []T, key func(T) string, row T) []T {
	i, _ := slices.BinarySearchFunc(rows, key(row), func(r T, k string) int { return cmp.Compare(key(r), k) })
	return slices.Insert(rows, i, row)
}

// dueKey and madeKey sort as the lists must.
func dueKey(o *obligationv1.Obligation) string {
	return fmt.Sprintf("%04d-%02d-%02d %s", o.GetDueDate().GetYear(), o.GetDueDate().GetMonth(), o.GetDueDate().GetDay(), o.GetName())
}

func madeKey(n *obligationv1.Notification) string {
	return n.GetCreateTime().AsTime().Format(time.RFC3339) + " " + n.GetName()
}

// cut gives a page, the token behind each of its rows and that of the next page.
func cut[T any](ctx context.Context, p *page.Pager, req page.Request, all []T, key func(T) string) (rows []T, tokens []string, next string, err error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, nil, "", err
	}
	cursor, err := p.Parse(ctx, req)
	if err != nil {
		return nil, nil, "", err
	}
	start, found := slices.BinarySearchFunc(all, cursor.ID, func(r T, k string) int { return cmp.Compare(key(r), k) })
	if found {
		start++
	}
	for _, row := range all[start:] {
		if len(rows) == size {
			return rows, tokens, tokens[size-1], nil
		}
		token, err := p.Next(ctx, req, key(row))
		if err != nil {
			return nil, nil, "", err
		}
		rows, tokens = append(rows, row), append(tokens, token)
	}
	return rows, tokens, "", nil
}

func (d *docket) ListObligations(ctx context.Context, req *obligationv1.ListObligationsRequest) (*obligationv1.ListObligationsResponse, error) {
	rows, tokens, next, err := cut(ctx, d.pager, req, d.rows, dueKey)
	return &obligationv1.ListObligationsResponse{Obligations: rows, ContinueTokens: tokens, NextPageToken: next}, err
}

func (d *docket) ListNotifications(ctx context.Context, req *obligationv1.ListNotificationsRequest) (*obligationv1.ListNotificationsResponse, error) {
	rows, tokens, next, err := cut(ctx, d.pager, req, d.sent, madeKey)
	return &obligationv1.ListNotificationsResponse{Notifications: rows, ContinueTokens: tokens, NextPageToken: next}, err
}

func (d *docket) find(name string) (*obligationv1.Obligation, error) {
	for _, o := range d.rows {
		if o.GetName() == name {
			return o, nil
		}
	}
	return nil, fault.Missing(name)
}

func (d *docket) GetObligation(_ context.Context, req *obligationv1.GetObligationRequest) (*obligationv1.Obligation, error) {
	return d.find(req.GetName())
}

func (d *docket) ExplainObligation(_ context.Context, req *obligationv1.ExplainObligationRequest) (*obligationv1.ObligationExplanation, error) {
	o, err := d.find(req.GetName())
	return &obligationv1.ObligationExplanation{Obligation: o}, err
}

func (d *docket) ExtendObligation(_ context.Context, req *obligationv1.ExtendObligationRequest) (*obligationv1.Obligation, error) {
	return d.find(req.GetName())
}

func (d *docket) SuspendObligation(_ context.Context, req *obligationv1.SuspendObligationRequest) (*obligationv1.Obligation, error) {
	return d.find(req.GetName())
}

func (d *docket) ResumeObligation(_ context.Context, req *obligationv1.ResumeObligationRequest) (*obligationv1.Obligation, error) {
	return d.find(req.GetName())
}

func (d *docket) ShortenObligation(_ context.Context, req *obligationv1.ShortenObligationRequest) (*obligationv1.Obligation, error) {
	return d.find(req.GetName())
}

func (d *docket) findSent(name string) (*obligationv1.Notification, error) {
	for _, n := range d.sent {
		if n.GetName() == name {
			return n, nil
		}
	}
	return nil, fault.Missing(name)
}

func (d *docket) GetNotification(_ context.Context, req *obligationv1.GetNotificationRequest) (*obligationv1.Notification, error) {
	return d.findSent(req.GetName())
}

func (d *docket) AcknowledgeNotification(_ context.Context, req *obligationv1.AcknowledgeNotificationRequest) (*obligationv1.Notification, error) {
	return d.findSent(req.GetName())
}

// SummarizeCompliance counts every row as kept, as of an instant of the service's
// own unless one is asked for.
func (d *docket) SummarizeCompliance(_ context.Context, req *obligationv1.SummarizeComplianceRequest) (*obligationv1.SummarizeComplianceResponse, error) {
	counts := make(map[obligationv1.Obligation_Duty]*obligationv1.Compliance)
	for _, o := range d.rows {
		if counts[o.GetDuty()] == nil {
			counts[o.GetDuty()] = &obligationv1.Compliance{Duty: o.GetDuty(), Article: o.GetArticle()}
		}
		counts[o.GetDuty()].DueCount++
		counts[o.GetDuty()].KeptCount++
	}
	resp := &obligationv1.SummarizeComplianceResponse{AsOfTime: req.GetAsOfTime()}
	for duty := range obligationv1.Obligation_Duty(11) {
		if counts[duty] != nil {
			resp.Compliances = append(resp.Compliances, counts[duty])
		}
	}
	if resp.AsOfTime == nil {
		resp.AsOfTime = timestamppb.New(noon.Add(time.Duration(len(d.service)) * time.Millisecond))
	}
	return resp, nil
}

// longSummary is folded within a character unless the folding knows UTF-8.
func longSummary(id string) string {
	return id + strings.Repeat(" 提交整改方案、限期十日；逾期提醒, ", 8) + "\n第十七条"
}

func (d *docket) ExportObligationCalendar(context.Context, *obligationv1.ExportObligationCalendarRequest) (*obligationv1.ObligationCalendar, error) {
	calendar := ics.NewCalendarFor("xunshi")
	for _, o := range d.rows {
		event := calendar.AddEvent(o.GetName())
		event.SetDtStampTime(noon)
		event.SetAllDayStartAt(time.Date(int(o.GetDueDate().GetYear()), time.Month(o.GetDueDate().GetMonth()), int(o.GetDueDate().GetDay()), 0, 0, 0, 0, time.UTC))
		event.SetSummary(longSummary(o.GetName()))
	}
	return &obligationv1.ObligationCalendar{Content: calendar.Serialize(ics.WithNewLineWindows)}, nil
}
