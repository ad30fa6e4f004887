package grpcserver_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const (
	watchPlan = "/grpcservertest.v1.StreamService/WatchPlan"
	sendPlan  = "/grpcservertest.v1.StreamService/SendPlan"
	head      = `head: {name: "` + ownPlan + `"}`
)

// send makes a client stream of the messages, in text form, and gives the answer.
func sendPieces(t *testing.T, ctx context.Context, conn *grpc.ClientConn, pieces ...string) (*dynamicpb.Message, error) {
	t.Helper()
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, sendPlan)
	if err != nil {
		return nil, err
	}
	for _, p := range pieces {
		if err := s.SendMsg(message(t, "Piece", p)); err != nil {
			break // the answer says why
		}
	}
	if err := s.CloseSend(); err != nil {
		return nil, err
	}
	answer := message(t, "Plan", "")
	return answer, s.RecvMsg(answer)
}

// watch makes a server stream and gives how many answers came.
func watch(t *testing.T, ctx context.Context, conn *grpc.ClientConn, request string) (n int, err error) {
	t.Helper()
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, watchPlan)
	if err != nil {
		return 0, err
	}
	if err := errors.Join(s.SendMsg(message(t, "SubmitPlanRequest", request)), s.CloseSend()); err != nil {
		return 0, err
	}
	for {
		err := s.RecvMsg(message(t, "Plan", ""))
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n++
	}
}

// TestStreamsPassTheSameChain: each step that refuses a single call refuses a stream, in
// both directions, and none reaches the handler.
func TestStreamsPassTheSameChain(t *testing.T) {
	w := start(t, config())
	conn, stranger := w.dial(t, "gateway"), w.dial(t, "stranger")
	reached := 0
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		reached++
		return message(t, "Plan", ""), nil
	})
	short, cancel := context.WithTimeout(as(t, "county"), 90*time.Millisecond)
	defer cancel()
	long, cancelLong := context.WithTimeout(context.WithoutCancel(as(t, "county")), 2*time.Hour)
	defer cancelLong()
	for name, tt := range map[string]struct {
		ctx     context.Context
		conn    *grpc.ClientConn
		request string
		code    codes.Code
		reason  string
	}{
		"no token":          {as(t, ""), conn, ownPlan, codes.Unauthenticated, "CREDENTIALS_INVALID"},
		"a wrong token":     {as(t, "nobody"), conn, ownPlan, codes.Unauthenticated, "CREDENTIALS_INVALID"},
		"not on the list":   {as(t, "county"), stranger, ownPlan, codes.Unauthenticated, "CREDENTIALS_INVALID"},
		"another party":     {as(t, "city"), conn, ownPlan, codes.PermissionDenied, "METHOD_NOT_GRANTED"},
		"another province":  {as(t, "county"), conn, "provinces/33/plans/1", codes.NotFound, "NOT_FOUND"},
		"no name":           {as(t, "county"), conn, "", codes.InvalidArgument, "FIELD_INVALID"},
		"no deadline":       {context.WithoutCancel(as(t, "county")), conn, ownPlan, codes.InvalidArgument, "DEADLINE_INVALID"},
		"too long":          {long, conn, ownPlan, codes.InvalidArgument, "DEADLINE_INVALID"},
		"a forbidden shape": {as(t, "county"), conn, ownPlan + `" text: "` + "\u202e", codes.InvalidArgument, "FIELD_INVALID"},
	} {
		_, err := sendPieces(t, tt.ctx, tt.conn, `head: {name: "`+tt.request+`"}`)
		want(t, err, tt.code, tt.reason)
		_, err = watch(t, tt.ctx, tt.conn, `name: "`+tt.request+`"`)
		want(t, err, tt.code, tt.reason)
		if reached != 0 {
			t.Errorf("%s: the handler was reached", name)
		}
	}
	<-short.Done()
	if _, err := watch(t, short, conn, `name: "`+ownPlan+`"`); err == nil || reached != 0 {
		t.Errorf("after its deadline: %v", err)
	}
}

// TestStreamsReachTheirHandler with what the chain found out, and longer than a single
// call may take.
func TestStreamsReachTheirHandler(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	var seen []string
	w.serve(func(ctx context.Context, method string, req *dynamicpb.Message) (proto.Message, error) {
		p, _ := principal.From(ctx)
		grant, _ := policy.GrantFrom(ctx)
		seen = append(seen, method+" "+p.Subject+" "+grant.Object+" "+strings.ReplaceAll(req.String(), "  ", " "))
		return message(t, "Plan", `text: "done"`), nil
	})
	ctx, cancel := context.WithTimeout(as(t, "county", "idempotency-key", "2b1c8c3e-6a51-4a3c-9c58-2f6f6f6f6f6f"), 50*time.Minute)
	defer cancel()
	answer, err := sendPieces(t, ctx, conn, head, `tail: "a"`, `tail: "b"`)
	want(t, err, codes.OK, "")
	if field(answer, "text") != "done" || len(seen) != 3 || !strings.HasPrefix(seen[0], "SendPlan li "+ownPlan) ||
		!strings.Contains(seen[0], "2b1c8c3e") || !strings.Contains(seen[2], `"b"`) {
		t.Errorf("answer %v, seen %q", answer, seen)
	}
	if n, err := watch(t, as(t, "county"), conn, `name: "`+ownPlan+`"`); n != 2 || err != nil {
		t.Errorf("%d answers, %v", n, err)
	}
	for _, method := range []string{sendPlan, watchPlan} {
		if !strings.Contains(w.log.String(), `"method":"`+method+`","code":"OK"`) {
			t.Errorf("no line of %s in the log", method)
		}
	}
}

// TestEveryMessageOfAStreamIsLookedAt, not the first alone.
func TestEveryMessageOfAStreamIsLookedAt(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	for _, tail := range []string{`tail: "` + strings.Repeat("x", 11) + `"`, "tail: \"\u202e\"", `head: {name: "` + ownPlan + `" kind: 7}`} {
		_, err := sendPieces(t, as(t, "county"), conn, head, tail)
		want(t, err, codes.InvalidArgument, "FIELD_INVALID")
	}
	_, err := sendPieces(t, as(t, "county"), conn)
	want(t, err, codes.InvalidArgument, "FIELD_INVALID")
}

// TestASilentStreamEnds (security.md §5.2, input 82), before its first message and after.
func TestASilentStreamEnds(t *testing.T) {
	w := start(t, config(), grpcservertest.WithStall(50*time.Millisecond))
	conn := w.dial(t, "gateway")
	for _, pieces := range [][]string{nil, {head}, {head, `tail: "a"`}} {
		s, err := conn.NewStream(as(t, "county"), &grpc.StreamDesc{ClientStreams: true}, sendPlan)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pieces {
			if err := s.SendMsg(message(t, "Piece", p)); err != nil {
				t.Fatal(err)
			}
		}
		want(t, s.RecvMsg(message(t, "Plan", "")), codes.DeadlineExceeded, "UPLOAD_STALLED")
	}
}

// TestAPanicInAStreamEndsItAlone, and a handler's error is told like any other.
func TestAPanicInAStreamEndsItAlone(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) { panic("secret") })
	_, err := sendPieces(t, as(t, "county"), conn, head)
	want(t, err, codes.Internal, "INTERNAL")
	if strings.Contains(err.Error()+w.log.String(), "secret") {
		t.Error("the panic was told")
	}
	_, err = watch(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
	want(t, err, codes.Internal, "INTERNAL")
}

// TestStreamsDoNotKeepSingleCallsOut: however many last, a single call has its place; and
// streams have a bound of their own.
func TestStreamsDoNotKeepSingleCallsOut(t *testing.T) {
	cfg := config()
	cfg.Admission = grpcserver.Admission{Running: 1, MaxWait: time.Millisecond}
	w := start(t, cfg)
	conn := w.dial(t, "gateway")
	started, release := make(chan struct{}, 100), make(chan struct{})
	done := make(chan error, 100)
	w.serve(blocking(t, started, release))
	const most = 16
	for range most {
		go func() {
			_, err := watch(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
			done <- err
		}()
		<-started
	}
	_, err := watch(t, as(t, "county"), conn, `name: "`+ownPlan+`"`)
	want(t, err, codes.ResourceExhausted, "OVERLOADED")
	go func() { done <- submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`) }()
	<-started
	close(release)
	for range most + 1 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestHealthIsNotWatched: a watch would keep a stopping server from ending.
func TestHealthIsNotWatched(t *testing.T) {
	w := start(t, config())
	s, err := healthgrpc.NewHealthClient(w.dial(t, "gateway")).Watch(as(t, ""), &healthgrpc.HealthCheckRequest{})
	if err == nil {
		_, err = s.Recv()
	}
	want(t, err, codes.Unimplemented, "")
}
