package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// stranger is a body to which our county's inspection is foreign.
type stranger struct {
	party, subject, area string
	refs                 *life // what it may name besides the object
}

func strangers() []stranger {
	otherCity := sichuan + "/cities/510300"
	return []stranger{
		{"COUNTY_COMMITTEE", "clerk", sichuan + "/counties/510105", foreign},
		{"CITY_COMMITTEE", "clerk", otherCity, foreign},
		{"CITY_LIAISON_BODY", "clerk", otherCity, foreign},
		{"DISCIPLINE_ORGAN", "clerk", otherCity, foreign},
		{"ORGANIZATION_DEPARTMENT", "clerk", otherCity, foreign},
		{"OTHER_DEPARTMENT", "clerk", otherCity, foreign},
		{"INSPECTION_GROUP", "leader-foreign", sichuan, foreign},
		{"INSPECTION_GROUP", "leader-own", "provinces/52", own}, // the same name in another province
		{"INSPECTION_OFFICE", "office", "provinces/52", own},
		{"LEADING_GROUP", "lg", "provinces/52", own},
		{"PROVINCIAL_COMMITTEE", "secretary", "provinces/52", own},
	}
}

// TestForeignIsMissing: what another holds and what never existed get the same
// bytes, over gRPC and over REST, whatever the method (security.md §2.3).
func TestForeignIsMissing(t *testing.T) {
	own, _ := world(t)
	parties, cells := readMatrix(t)
	for _, s := range strangers() {
		t.Run(s.party+" "+s.area[strings.LastIndex(s.area, "/")+1:], func(t *testing.T) {
			ask := newAsker(t, s)
			asked := 0
			for _, m := range methods() {
				cell := cells[full(m)][slices.Index(parties, s.party)]
				within := strings.HasPrefix(s.area, sichuan)
				name := own.objects()[pattern(m)]
				if within && (name == sichuan || cell == "province") || name == "" || !overREST(m) || neverWas(name) == "" {
					continue // nothing of it is another's, and an audit log is never missing
				}
				want := codes.PermissionDenied // before anything is looked up
				if cell != "-" {
					want = codes.NotFound
					asked++
				}
				ask.twice(t, m, want, name)
			}
			if asked == 0 {
				t.Error("the party may ask for nothing: nothing was compared")
			}
		})
	}
}

func pattern(m protoreflect.MethodDescriptor) string {
	_, p := addressed(m)
	return p
}

// asker asks twice alike: the id of the call and of the request, and the token.
type asker struct {
	stranger
	token, id string
	conns     map[string]*grpc.ClientConn
}

func newAsker(t *testing.T, s stranger) asker {
	t.Helper()
	token, err := running.Token(t.Context(), s.subject, s.party, s.area)
	if err != nil {
		t.Fatal(err)
	}
	return asker{s, token, rid(), conns(t)}
}

// conns connects to every service, for tests that ask often.
func conns(t *testing.T) map[string]*grpc.ClientConn {
	t.Helper()
	all := map[string]*grpc.ClientConn{}
	for _, name := range stack.Names() {
		all[name] = conn(t, name)
	}
	return all
}

func (a asker) twice(t *testing.T, m protoreflect.MethodDescriptor, want codes.Code, name string) {
	t.Helper()
	gone := neverWas(name)
	if gone == "" {
		t.Fatalf("what is like %s and never was?", name)
	}
	code, theirs := a.grpc(t, m, request(m, a.refs, name), name)
	if code != want {
		t.Errorf("%s of another's: %v, want %v: %q", full(m), code, want, theirs)
	}
	if _, none := a.grpc(t, m, request(m, a.refs, gone), gone); theirs != none {
		t.Errorf("%s over gRPC\n another's %q\n no one's  %q", full(m), theirs, none)
	}
	theirs = a.http(t, m, request(m, a.refs, name), name)
	if none := a.http(t, m, request(m, a.refs, gone), gone); theirs != none {
		t.Errorf("%s over REST\nanother's %s\nno one's %s", full(m), theirs, none)
	}
}

// neverWas gives a name of the same length that names nothing.
func neverWas(name string) string {
	if name == sichuan {
		return "provinces/99"
	}
	return missing(name)
}

// grpc gives all that a caller sees: the status with its details, headers and
// trailers.
func (a asker) grpc(t *testing.T, m protoreflect.MethodDescriptor, req proto.Message, sent string) (codes.Code, string) {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+a.token, "x-request-id", a.id)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var header, trailer metadata.MD
	answer, err := invoke(ctx, a.conns[serviceOf(m)], m, req, grpc.Header(&header), grpc.Trailer(&trailer))
	s := status.Convert(err)
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(s.Proto())
	if err != nil {
		t.Fatal(err)
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	delete(trailer, "grpc-status-details-bin") // the status, with the name in it
	return s.Code(), hide(fmt.Sprintf("%s %s %v %v", text, body, map[string][]string(header), map[string][]string(trailer)), sent)
}

func (a asker) http(t *testing.T, m protoreflect.MethodDescriptor, req proto.Message, sent string) string {
	t.Helper()
	resp, body := rest(t, m, req, a.token, map[string]string{"X-Request-Id": a.id})
	if got := resp.Header.Get("X-Request-Id"); got != a.id {
		t.Errorf("%s: X-Request-Id %q came back as %q", full(m), a.id, got)
	}
	if resp.StatusCode == http.StatusOK {
		t.Errorf("%s of %s: 200 %s", full(m), sent, body)
	}
	return hide(wire(resp, body), sent)
}

// reads gives what the edge answers, whatever it is.
func (a asker) reads(t *testing.T, m protoreflect.MethodDescriptor, req proto.Message) string {
	t.Helper()
	return wire(rest(t, m, req, a.token, nil))
}

func hide(answer, sent string) string { return strings.ReplaceAll(answer, sent, "<sent>") }

// TestForeignReferenceIsMissing: a name in the body of a request is no oracle
// either. The request is about the caller's own object and refers to another's.
func TestForeignReferenceIsMissing(t *testing.T) {
	own, foreign := world(t)
	none := own.ghost()
	asked := 0
	for _, s := range strangers() {
		if !strings.HasPrefix(s.area, sichuan) {
			continue // stopped at the province of the object
		}
		ask := newAsker(t, s)
		for _, m := range methods() {
			name := foreign.objects()[pattern(m)]
			if !isWrite(m) || name == "" || !overREST(m) || !refers(m, own) {
				continue
			}
			asked++
			_, theirs := ask.grpc(t, m, request(m, own, name), name)
			_, nobodys := ask.grpc(t, m, request(m, none, name), name)
			if theirs, nobodys = anyID(theirs), anyID(nobodys); theirs != nobodys {
				t.Errorf("%s %s over gRPC\n another's %q\n no one's  %q", s.party, full(m), theirs, nobodys)
			}
			theirs = ask.http(t, m, request(m, own, name), name)
			nobodys = ask.http(t, m, request(m, none, name), name)
			if theirs, nobodys = anyID(theirs), anyID(nobodys); theirs != nobodys {
				t.Errorf("%s %s over REST\nanother's %s\nno one's %s", s.party, full(m), theirs, nobodys)
			}
		}
	}
	if asked == 0 {
		t.Error("no request refers to anything")
	}
}

// ghost is a life that never was.
func (l *life) ghost() *life {
	g := *l
	for _, name := range []*string{&g.term, &g.group, &g.batch, &g.decision, &g.inspection, &g.caseFile, &g.paper, &g.finding,
		&g.report, &g.feedback, &g.delivery, &g.rectification, &g.item, &g.notice, &g.briefing, &g.petition,
		&g.matter, &g.notified, &g.obligation, &g.cityNotice, &g.cityDelivery, &g.planVersion, &g.reportVersion} {
		*name = missing(*name)
	}
	g.reviews = map[string]string{}
	for party, name := range l.reviews {
		g.reviews[party] = missing(name)
	}
	return &g
}

// refers tells whether a request names anything besides its object.
func refers(m protoreflect.MethodDescriptor, l *life) bool {
	text := fmt.Sprint(request(m, l, "x"))
	for _, name := range l.objects() {
		if name != sichuan && name != l.county && strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// anyID hides every id, the ones that were sent among them.
func anyID(text string) string { return lastUUID.ReplaceAllString(text, "<id>") }
