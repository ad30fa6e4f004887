package grpcserver_test

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
	"github.com/xunshi/xunshi/services/kit/grpcserver/servertest"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// want checks code and reason; an empty reason asks for none.
func want(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	s := status.Convert(err)
	got := ""
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			got = info.GetReason()
		}
	}
	if s.Code() != code || got != reason {
		t.Errorf("answer = %v %q %q, want %v %q", s.Code(), got, s.Message(), code, reason)
	}
}

// TestCallerIsTokenOrCertificate is inputs 38, 49, 51 to 53 of security.md §5.2.
func TestCallerIsTokenOrCertificate(t *testing.T) {
	w := start(t, config())
	var got principal.Principal
	w.serve(func(ctx context.Context, _ string, _ *dynamicpb.Message) (proto.Message, error) {
		got, _ = principal.From(ctx)
		return message(t, "Plan", ""), nil
	})
	gateway, casefile, stranger := w.dial(t, "gateway"), w.dial(t, "casefile"), w.dial(t, "stranger")
	request := `name: "` + ownPlan + `"`

	for name, err := range map[string]error{
		"no token from the gateway":      submit(t, as(t, ""), gateway, request),
		"unknown token":                  submit(t, as(t, "forged"), gateway, request),
		"certificate not on the list":    submit(t, as(t, "county"), stranger, request),
		"bad token from a service":       submit(t, as(t, "forged"), casefile, request),
		"two tokens":                     submit(t, as(t, "county", "authorization", "Bearer county"), gateway, request),
		"another scheme":                 submit(t, as(t, "", "authorization", "Basic county"), gateway, request),
		"a token that claims SERVICE":    submit(t, as(t, "service"), gateway, request),
		"a token with an unknown party":  submit(t, as(t, "unknown"), gateway, request),
		"identity in other headers":      submit(t, as(t, "", "x-party", "SERVICE", "x-forwarded-user", "li"), gateway, request),
		"empty bearer":                   submit(t, as(t, "", "authorization", "Bearer "), gateway, request),
		"empty authorization, a service": submit(t, as(t, "", "authorization", ""), casefile, request),
	} {
		t.Run(name, func(t *testing.T) { want(t, err, codes.Unauthenticated, "CREDENTIALS_INVALID") })
	}
	if got != (principal.Principal{}) {
		t.Fatalf("the handler ran for %v", got)
	}

	want(t, submit(t, as(t, "county"), gateway, request), codes.OK, "")
	if got != tokens()["county"] {
		t.Errorf("principal = %v", got)
	}
	want(t, submit(t, as(t, ""), casefile, request), codes.OK, "")
	if (got != principal.Principal{Subject: "casefile", Party: principal.Service, Province: "51"}) {
		t.Errorf("a service acts in the province of the object, got %v", got)
	}
	want(t, submit(t, as(t, "city"), gateway, request), codes.PermissionDenied, "METHOD_NOT_GRANTED")
}

func TestHandshakeRefusesForeignAuthorityAndOldTLS(t *testing.T) {
	w := start(t, config())
	other, err := servertest.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files, err := other.Issue("gateway")
	if err != nil {
		t.Fatal(err)
	}
	forged, err := files.Client("plan")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*tls.Config){
		"certificate of another authority": func(c *tls.Config) { c.Certificates = forged.Certificates },
		"no certificate":                   func(c *tls.Config) { c.Certificates = nil },
		"TLS 1.2":                          func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
	} {
		t.Run(name, func(t *testing.T) {
			err := submit(t, as(t, "county"), w.dial(t, "gateway", spoil), `name: "`+ownPlan+`"`)
			want(t, err, codes.Unavailable, "")
		})
	}
}

func TestHealthAsksOnlyForACertificate(t *testing.T) {
	w := start(t, config())
	client := healthgrpc.NewHealthClient(w.dial(t, "kubelet"))
	resp, err := client.Check(t.Context(), &healthgrpc.HealthCheckRequest{})
	if err != nil || resp.GetStatus() != healthgrpc.HealthCheckResponse_SERVING {
		t.Errorf("Check = %v, %v", resp, err)
	}
	list, err := client.List(t.Context(), &healthgrpc.HealthListRequest{})
	if err != nil || len(list.GetStatuses()) != 1 {
		t.Errorf("List = %v, %v", list, err)
	}
	// No stream may keep a stopping server alive.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	stream, err := client.Watch(ctx, &healthgrpc.HealthCheckRequest{})
	if err == nil {
		_, err = stream.Recv()
	}
	want(t, err, codes.Unimplemented, "")
}

// TestForeignEqualsMissing is inputs 47 and 48: the same name, once of another
// province and there, once of one's own and not there.
func TestForeignEqualsMissing(t *testing.T) {
	w := start(t, config())
	conn := w.dial(t, "gateway")
	const name = "provinces/33/plans/1"
	foreign := submit(t, as(t, "county"), conn, `name: "`+name+`"`)
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		return nil, missing(name)
	})
	absent := submit(t, as(t, "zhejiang"), conn, `name: "`+name+`"`)
	want(t, absent, codes.NotFound, "NOT_FOUND")
	if a, b := wire(t, foreign), wire(t, absent); a != b {
		t.Errorf("foreign and missing differ:\n%q\n%q", a, b)
	}
}

// TestNeverRefusesWhomTheProtoGrants: a county has its grant in the proto, and yet
// this server refuses it, with no word about the object.
func TestNeverRefusesWhomTheProtoGrants(t *testing.T) {
	w := startWithout(t, config(), []principal.Party{principal.CountyCommittee})
	w.serve(func(context.Context, string, *dynamicpb.Message) (proto.Message, error) {
		t.Error("the call came through")
		return message(t, "Plan", ""), nil
	})
	conn := w.dial(t, "gateway")
	want(t, submit(t, as(t, "county"), conn, `name: "`+ownPlan+`"`), codes.PermissionDenied, "METHOD_NOT_GRANTED")
	err := conn.Invoke(as(t, "county"), updatePlan, message(t, "UpdatePlanRequest", `plan {name: "`+ownPlan+`"}`), message(t, "Plan", ""))
	want(t, err, codes.PermissionDenied, "METHOD_NOT_GRANTED")
}

func TestPolicyOffStillKnowsTheCaller(t *testing.T) {
	w := start(t, config(), grpcservertest.WithoutPolicy())
	var (
		grant  policy.Grant
		caller principal.Principal
	)
	w.serve(func(ctx context.Context, _ string, _ *dynamicpb.Message) (proto.Message, error) {
		grant, _ = policy.GrantFrom(ctx)
		caller, _ = principal.From(ctx)
		return message(t, "Plan", ""), nil
	})
	conn := w.dial(t, "gateway")
	want(t, submit(t, as(t, "city"), conn, `name: "provinces/33/plans/1"`), codes.OK, "")
	if grant.Method != submitPlan || grant.Scope != policy.ScopeAny || caller != tokens()["city"] {
		t.Errorf("grant = %+v, caller = %+v", grant, caller)
	}
	want(t, submit(t, as(t, ""), conn, `name: "`+ownPlan+`"`), codes.Unauthenticated, "CREDENTIALS_INVALID")
}
