package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/grpcserver"
	"github.com/xunshi/xunshi/services/kit/grpcserver/grpcservertest"
)

// TestRowLevelSecurityAloneHolds: with the policy interceptor off, the databases
// still give no stranger a row that is not its own, and take none of its writes
// (security.md §2.4, bypass drill).
func TestRowLevelSecurityAloneHolds(t *testing.T) {
	own, foreign := world(t)
	db, etags := openDatabases(t), currentEtags(t, own)
	defer withoutPolicy(t)()
	checkPolicyIsOff(t, own)
	db.rest(t) // an event that arrives late is nobody's intrusion
	for _, s := range outsiders() {
		t.Run(s.party+" "+s.area[strings.LastIndex(s.area, "/")+1:], func(t *testing.T) {
			intruder := newAsker(t, s)
			before := db.contents(t)
			answers := 0
			for _, m := range methods() {
				if s.party == "AUDIT_ADMINISTRATOR" && m.Parent().Name() == "AuditLogService" {
					continue // it is his (art. 12(6))
				}
				if intruder.intrude(t, m, own, foreign, etags[pattern(m)]) {
					answers++
				}
			}
			if answers == 0 {
				t.Error("no method answered: no rows were looked for")
			}
			after := db.contents(t)
			for table := range changed(before, after) {
				if !strings.HasSuffix(table, " request_log") && !strings.HasSuffix(table, " audit_entry") { // the books
					t.Errorf("%s changed", table)
				}
			}
		})
	}
}

// outsiders are the strangers, and bodies that have no part in any inspection:
// not even under the name of a person who has.
func outsiders() []stranger {
	all := strangers()
	for _, party := range []string{"CENTRAL_OFFICE", "SYSTEM_ADMINISTRATOR", "SECURITY_ADMINISTRATOR", "AUDIT_ADMINISTRATOR"} {
		all = append(all, stranger{party, "leader-own", sichuan, own})
	}
	return all
}

// withoutPolicy starts the services again without the policy interceptor, on the
// same data; what it gives starts them with it again.
func withoutPolicy(t *testing.T) (end func()) {
	t.Helper()
	restart := func(opts ...grpcserver.Option) {
		t.Helper()
		for _, name := range stack.Names() {
			if err := running.StopService(name); err != nil {
				t.Fatal(err)
			}
			if err := running.StartService(t.Context(), name, opts...); err != nil {
				t.Fatal(err)
			}
		}
	}
	restart(grpcservertest.WithoutPolicy())
	return func() {
		restart()
		token := must[string](t)(running.Token(t.Context(), "lg", "LEADING_GROUP", sichuan))
		for _, list := range []string{"/decisions", "/caseFiles", "/feedbacks"} { // the edge connects a moment later
			eventually(t, func() error {
				resp, body := send(t, http.MethodGet, "/v1/"+sichuan+list, token, nil, nil)
				if resp.StatusCode != http.StatusOK {
					return fmt.Errorf("%d %s", resp.StatusCode, body)
				}
				return nil
			})
		}
	}
}

// checkPolicyIsOff wants who has the rows but not the method to be answered.
func checkPolicyIsOff(t *testing.T, own *life) {
	t.Helper()
	m := methodNamed(t, "xunshi.casefile.v1.InspectionReportService/CheckReportAgreement")
	if _, err := invoke(as(t, "office", "INSPECTION_OFFICE", sichuan), conn(t, "casefile"), m, request(m, own, own.report)); err != nil {
		t.Fatalf("the policy interceptor is not off: %v", err)
	}
}

// currentEtags gives the etag of each object of a life by the pattern of its
// type, so that no write is refused for the etag alone.
func currentEtags(t *testing.T, l *life) map[string]string {
	t.Helper()
	parties, cells := readMatrix(t)
	all := map[string]string{}
	for _, m := range methods() {
		field := m.Output().Fields().ByName("etag")
		if field == nil || !strings.HasPrefix(string(m.Name()), "Get") {
			continue
		}
		name := l.objects()[pattern(m)]
		for i, party := range parties {
			if cells[full(m)][i] == "-" || party == "SERVICE" || l.held(pattern(m), party) != name {
				continue
			}
			answer := must[proto.Message](t)(invoke(caller(t, party, "own", true), conn(t, serviceOf(m)), m, request(m, l, name)))
			all[pattern(m)] = answer.ProtoReflect().Get(field).String()
			break
		}
		if all[pattern(m)] == "" {
			t.Fatalf("nobody reads the etag of %s", name)
		}
	}
	return all
}

// intrude asks for what is another's, as if it were the caller's own, and reports
// whether there was an answer.
func (a asker) intrude(t *testing.T, m protoreflect.MethodDescriptor, own, foreign *life, etag string) (answered bool) {
	t.Helper()
	var req proto.Message
	if m.Name() == "DeliverEvent" {
		req = a.forged(t, own)
	} else {
		req = request(m, own, own.objects()[pattern(m)])
	}
	if f := m.Input().Fields().ByName("etag"); f != nil {
		req.ProtoReflect().Set(f, protoreflect.ValueOfString(etag))
	}
	if f := m.Input().Fields().ByName("csv"); f != nil && m.Name() == "ImportRegistry" { // what would change something
		req.ProtoReflect().Set(f, protoreflect.ValueOfString("code,name,level,parent,townships,villages\n510000,天府省,province,,,\n"))
	}
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+a.token), callTimeout)
	defer cancel()
	answer, err := invoke(ctx, a.conns[serviceOf(m)], m, req)
	if err != nil {
		wantIgnorance(t, m, err)
		return false
	}
	if isWrite(m) {
		t.Errorf("%s: the write was taken", full(m))
	}
	text := prototext.Format(answer)
	if m.Name() == "GetAuditLog" { // a checkpoint is hashes, for whoever wants to witness; it repeats the name that was asked for
		text = strings.ReplaceAll(text, auditLog, "")
	}
	for _, secret := range a.secrets(own, foreign) {
		if strings.Contains(text, `"`+secret) {
			t.Errorf("%s: the answer holds %s", full(m), secret)
		}
	}
	return true
}

// wantIgnorance wants a refusal that comes of seeing nothing. Any other, as that
// the object is in a state that forbids the step, comes of having seen it.
func wantIgnorance(t *testing.T, m protoreflect.MethodDescriptor, err error) {
	t.Helper()
	switch code, reason := status.Code(err), reasonOf(err); {
	case code == codes.NotFound, code == codes.PermissionDenied:
	// What is wrong with a note or a size that the caller made up is told of it alone.
	case m.Name() == "CosignCheckpoint" && reason == "AUDIT_COSIGNATURE_INVALID", m.Name() == "ProveConsistency" && reason == "AUDIT_SIZE_UNKNOWN":
	// A briefing needs no object: it is for the county's place (art. 15(1)), and for
	// the parties that a constraint lists beside the row-level security.
	case m.Name() == "CreateBriefing" && (reason == "COUNTY_OUTSIDE_JURISDICTION" || reason == "CONSTRAINT_VIOLATED"):
	default:
		t.Errorf("%s: refused for what the caller must not see: %v", full(m), err)
	}
}

// secrets are the names of what is not the caller's.
func (a asker) secrets(lives ...*life) []string {
	if !strings.HasPrefix(a.area, sichuan) {
		return []string{sichuan}
	}
	var all []string
	for _, l := range lives {
		if a.area == l.county || a.party == "INSPECTION_GROUP" && a.subject == l.leader {
			continue
		}
		names := l.objects()
		delete(names, "provinces/*")
		delete(names, "provinces/*/ruleSets/*") // the law is no secret
		if a.party == "INSPECTION_GROUP" {      // it knows the counties of the province, and whom to call in its cities
			delete(names, "provinces/*/counties/*")
			delete(names, "provinces/*/liaisonBodies/*")
		}
		all = append(slices.AppendSeq(all, maps.Values(names)), l.names()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// forged announces a task in which the caller is the leader.
func (a asker) forged(t *testing.T, l *life) proto.Message {
	t.Helper()
	inspection := missing(l.inspection)
	payload := must[*anypb.Any](t)(anypb.New(&eventv1.TaskAuthorized{
		Inspection: inspection, County: l.county, CountyDisplayName: "锦江区", City: l.city, Group: l.group, RuleSet: "CN-COUNTY-2012",
		Members: []*eventv1.TaskMember{{Subject: a.subject, DisplayName: "组长", Leader: true}}}))
	return &eventv1.DeliverEventRequest{EventId: rid(), Aggregate: inspection, Sequence: 1, OccurTime: timestamppb.Now(), Payload: payload}
}
