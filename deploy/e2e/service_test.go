package e2e_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

// That a service with a method that has no policy does not start is tested where
// it is decided: grpcserver's TestNewRefusesAMethodWithoutPolicy.

// certified connects with the certificate of another service.
func certified(t *testing.T, caller, service string) *grpc.ClientConn {
	t.Helper()
	c := must[*grpc.ClientConn](t)(running.ConnAs(caller, service))
	t.Cleanup(func() { _ = c.Close() }) // nothing depends on it
	return c
}

// brief is a context without a token.
func brief(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	t.Cleanup(cancel)
	return ctx
}

// TestServiceParty: the certificate of a service without a token is the party
// SERVICE, which may ask what the matrix says and nothing else.
func TestServiceParty(t *testing.T) {
	own, _ := world(t)
	parties, cells := readMatrix(t)
	last := len(parties) - 1
	if parties[last] != "SERVICE" {
		t.Fatalf("the last column is %s", parties[last])
	}
	peers := map[string]*grpc.ClientConn{
		"scheduling": certified(t, "rectification", "scheduling"),
		"casefile":   certified(t, "rectification", "casefile"), "rectification": certified(t, "casefile", "rectification"),
	}
	allowed := 0
	for _, m := range methods() {
		if m.Name() == "DeliverEvent" {
			allowed++
			continue // TestEventsComeFromTheirService
		}
		name := own.objects()[pattern(m)]
		call := func(name string) error {
			_, err := invoke(brief(t), peers[serviceOf(m)], m, request(m, own, name))
			return err
		}
		if cells[full(m)][last] == "-" {
			wantCode(t, full(m), call(name), codes.PermissionDenied)
			if gone := missing(name); gone != "" {
				wantCode(t, full(m)+" missing", call(gone), codes.PermissionDenied)
			}
			continue
		}
		allowed++
		if err := call(name); err != nil {
			t.Errorf("%s: %v", full(m), err)
		}
		if gone := missing(name); gone != "" {
			wantCode(t, full(m)+" missing", call(gone), codes.NotFound)
		}
	}
	if allowed != 5 { // GetDecision, GetInspection, CheckReportAgreement, DeliverEvent, PreviewRecomputation
		t.Errorf("a service may call %d methods", allowed)
	}
}

// TestEventsComeFromTheirService: an event takes effect once, and only from the
// service whose it is; no person sends one.
func TestEventsComeFromTheirService(t *testing.T) {
	own, _ := world(t)
	inspection := missing(own.inspection)
	payload, err := anypb.New(&eventv1.TaskAuthorized{Inspection: inspection, County: own.county, CountyDisplayName: "锦江区",
		City: own.city, Group: own.group, RuleSet: "CN-COUNTY-2012", Members: []*eventv1.TaskMember{{Subject: "drill", DisplayName: "组长", Leader: true}}})
	if err != nil {
		t.Fatal(err)
	}
	event := &eventv1.DeliverEventRequest{EventId: rid(), Aggregate: inspection, Sequence: 1, OccurTime: timestamppb.Now(), Payload: payload}
	deliver := func(ctx context.Context, caller string) error {
		_, err := eventv1.NewEventServiceClient(certified(t, caller, "casefile")).DeliverEvent(ctx, event)
		return err
	}
	wantCode(t, "from rectification", deliver(brief(t), "rectification"), codes.PermissionDenied)
	wantCode(t, "from the edge", deliver(brief(t), "gateway"), codes.Unauthenticated)
	wantCode(t, "from the office", deliver(as(t, "office", "INSPECTION_OFFICE", sichuan), "gateway"), codes.PermissionDenied)
	wantCode(t, "from a person behind scheduling", deliver(as(t, "office", "INSPECTION_OFFICE", sichuan), "scheduling"), codes.PermissionDenied)
	for range 2 {
		wantCode(t, "from scheduling", deliver(brief(t), "scheduling"), codes.OK)
	}
	files := must[*casefilev1.ListCaseFilesResponse](t)(casefilev1.NewCaseFileServiceClient(conn(t, "casefile")).ListCaseFiles(
		as(t, "drill", "INSPECTION_GROUP", sichuan), &casefilev1.ListCaseFilesRequest{Parent: sichuan})).CaseFiles
	if len(files) != 1 || lastUUID.FindString(files[0].Name) != lastUUID.FindString(inspection) {
		t.Errorf("the event opened %v", files)
	}
}

func wantCode(t *testing.T, what string, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// TestWhoeverIsNobodyLearnsNothing: every way to lack an identity is refused
// alike, on every service and at the edge.
func TestWhoeverIsNobodyLearnsNothing(t *testing.T) {
	own, _ := world(t)
	person := must[string](t)(running.Token(t.Context(), "office", "INSPECTION_OFFICE", sichuan))
	service := must[string](t)(running.Token(t.Context(), "casefile", "SERVICE", sichuan))
	tests := []struct{ name, certificate, token string }{
		{"the edge without a person", "gateway", ""},
		{"the edge with a forged person", "gateway", person[:len(person)-8] + "AAAAAAAA"},
		{"a service with a forged person", "rectification", person[:len(person)-8] + "AAAAAAAA"},
		{"a person who says to be a service", "gateway", service},
		{"a certificate that is not on the list", "stranger", ""},
		{"a person behind a certificate that is not on the list", "stranger", person},
		{"a service that calls itself", "scheduling", ""},
	}
	get := &schedulingv1.GetDecisionRequest{Name: own.decision}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := brief(t)
			if tt.token != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+tt.token)
			}
			_, err := schedulingv1.NewDecisionServiceClient(certified(t, tt.certificate, "scheduling")).GetDecision(ctx, get)
			wantReason(t, err, codes.Unauthenticated, "CREDENTIALS_INVALID")
		})
	}
	resp, body := send(t, http.MethodGet, "/v1/"+own.decision, "", nil, nil)
	if resp.StatusCode != http.StatusUnauthorized || strings.Contains(string(body), "documentNumber") {
		t.Errorf("no token at the edge: %d %s", resp.StatusCode, body)
	}
}

// TestATokenOutweighsTheCertificate: a person behind a service's connection has
// the person's rights, not the service's.
func TestATokenOutweighsTheCertificate(t *testing.T) {
	own, _ := world(t)
	decisions := schedulingv1.NewDecisionServiceClient(certified(t, "rectification", "scheduling"))
	get := &schedulingv1.GetDecisionRequest{Name: own.decision}
	_, err := decisions.GetDecision(as(t, "clerk", "COUNTY_COMMITTEE", own.county), get)
	wantCode(t, "a county through a service", err, codes.PermissionDenied)
	if _, err := decisions.GetDecision(as(t, "office", "INSPECTION_OFFICE", sichuan), get); err != nil {
		t.Errorf("the office through a service: %v", err)
	}
}
