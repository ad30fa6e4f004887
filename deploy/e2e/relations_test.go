package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A relation is how an object of rectification stands to the body that asks.
type relation string

const (
	ours          relation = "own"
	neighbours    relation = "of another county of the same city" // and of another group
	otherCitys    relation = "of a county of another city"
	otherGroups   relation = "of another group" // of our county
	undelivered   relation = "not yet delivered"
	nonexistent   relation = "missing"
	otherProvince relation = "of another province"
)

// An outcome is what the law says to a call.
type outcome string

const (
	denied  outcome = "PERMISSION_DENIED, whatever it is about"
	hidden  outcome = "NOT_FOUND, as what never was"
	allowed outcome = "allowed"
)

// lawful says what a cell of testdata/matrix.csv means for each relation. The city
// committee and its liaison body hold what is of their city's counties, the county
// only its own.
var lawful = map[string]map[relation]outcome{
	// Arts 5, 12: leading group and office have the whole province.
	"province": {ours: allowed, neighbours: allowed, otherCitys: allowed, otherGroups: allowed, undelivered: allowed, nonexistent: hidden, otherProvince: hidden},
	// Arts 8, 17: a group has its own task alone, whatever county it is in.
	"task": {ours: allowed, neighbours: hidden, otherCitys: hidden, otherGroups: hidden, undelivered: allowed, nonexistent: hidden, otherProvince: hidden},
	// Art. 17: a county has its own case from its receipt on.
	"own county": {ours: allowed, neighbours: hidden, otherCitys: hidden, otherGroups: allowed, undelivered: allowed, nonexistent: hidden, otherProvince: hidden},
	// Arts 11, 15(3): a city has the cases of all its counties, from the copy of the feedback on.
	"own city": {ours: allowed, neighbours: allowed, otherCitys: hidden, otherGroups: allowed, undelivered: hidden, nonexistent: hidden, otherProvince: hidden},
	// Arts 9, 11, 17: a county has what was sent to it, and its city does not.
	"addressee county": {ours: allowed, neighbours: hidden, otherCitys: hidden, otherGroups: allowed, undelivered: allowed, nonexistent: hidden, otherProvince: hidden},
	// Arts 11, 17: a city has the copies that were sent to it, of every county.
	"addressee city": {ours: allowed, neighbours: allowed, otherCitys: hidden, otherGroups: allowed, undelivered: hidden, nonexistent: hidden, otherProvince: hidden},
}

// countysOwn are the documents that nobody but the county has before it submits
// them (art. 17: 报送).
var countysOwn = []string{"provinces/*/rectifications/*/plan", "provinces/*/rectifications/*/report"}

// cannotBeYet are the objects that cannot be before the copy to the city, and why.
var cannotBeYet = map[string]string{
	"provinces/*/rectifications/*/items/*":           "items follow from the plan received after the copy (arts 11, 17)",
	"provinces/*/rectifications/*/plan/versions/*":   "versions follow from the submission (art. 17)",
	"provinces/*/rectifications/*/cityGuidances/*":   "the city guides on a case that it sees (arts 11, 15(3))",
	"provinces/*/rectifications/*/cityMeasures/*":    "the city uses results that it has (arts 11, 15(4))",
	"provinces/*/rectifications/*/report/versions/*": "versions follow from the submission (art. 17)",
	"provinces/*/rectifications/*/reviews/*":         "reviews are of what was submitted (art. 17)",
}

func expected(cell, party, pattern string, rel relation) outcome {
	switch {
	case cell == "-":
		return denied
	case rel == undelivered && party != "COUNTY_COMMITTEE" && slices.Contains(countysOwn, pattern):
		return hidden
	case cell == "own" || cell == "addressee":
		if party == "COUNTY_COMMITTEE" {
			return lawful[cell+" county"][rel]
		}
		return lawful[cell+" city"][rel]
	default:
		return lawful[cell][rel]
	}
}

// situation is a relation in the world: who asks, and whose the object is.
type situation struct {
	rel       relation
	asks, has *life
	leader    string
	province  string
}

// abroad is a body of the other province, which has names of its own.
var abroad = &life{county: "provinces/52/counties/520102", city: "provinces/52/cities/520100"}

func situations() []situation {
	return []situation{
		{ours, own, own, own.leader, sichuan}, {neighbours, own, foreign, own.leader, sichuan}, {otherCitys, own, far, own.leader, sichuan},
		{otherGroups, own, own, foreign.leader, sichuan}, {undelivered, early, early, early.leader, sichuan},
		{nonexistent, own, own.ghost(), own.leader, sichuan}, {otherProvince, abroad, own, own.leader, "provinces/52"},
	}
}

// asker gives the body that asks, with one token and one call id for all it asks.
func (s situation) asker(t *testing.T, party string) asker {
	t.Helper()
	who := stranger{party: party, subject: strings.ToLower(party), area: s.province, refs: s.has}
	switch party {
	case "CITY_COMMITTEE", "CITY_LIAISON_BODY", "DISCIPLINE_ORGAN", "ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT":
		who.area = s.asks.city
	case "COUNTY_COMMITTEE":
		who.area = s.asks.county
	case "INSPECTION_GROUP":
		who.subject = s.leader
	}
	return newAsker(t, who)
}

// TestMatrixOfRectification walks every method of the rectification service ×
// party × relation. The cell of the CSV, written by hand from the articles, says
// what each must come to; what is hidden has the bytes of what never was.
func TestMatrixOfRectification(t *testing.T) {
	wideWorld(t)
	parties, cells := readMatrix(t)
	asked := map[outcome]int{}
	for i, party := range parties {
		if party == "SERVICE" {
			continue // TestServiceParty
		}
		t.Run(party, func(t *testing.T) {
			for _, s := range situations() {
				ask := s.asker(t, party)
				for _, m := range rectificationMethods() {
					pattern := pattern(m)
					want := expected(cells[full(m)][i], party, pattern, s.rel)
					name := s.has.held(pattern, party)
					if s.rel == nonexistent && name != sichuan {
						name = missing(own.held(pattern, party))
					}
					if s.rel == undelivered && name == "" && cannotBeYet[pattern] == "" && want != denied {
						name = s.has.objects()[pattern] // not the party's own, which it has not got yet
					}
					if name == "" {
						if s.rel != undelivered || cannotBeYet[pattern] == "" && want != denied {
							t.Errorf("%s: the world has no object %s %s: let a life of wideWorld make one, or say in cannotBeYet why there is none",
								full(m), pattern, s.rel)
						}
						continue
					}
					asked[want]++
					if got := ask.about(t, m, s, name, want); got != "" {
						t.Errorf("%s %s: want it %s, got %s", full(m), s.rel, want, got)
					}
				}
			}
		})
	}
	for _, o := range []outcome{denied, hidden, allowed} {
		if asked[o] == 0 {
			t.Errorf("nothing was asked that is %s", o)
		}
	}
	t.Logf("asked %v", asked)
}

// rectificationMethods gives the methods whose objects the rectification service
// keeps, its obligations among them.
func rectificationMethods() (all []protoreflect.MethodDescriptor) {
	for _, m := range methods() {
		kept := strings.HasPrefix(full(m), "xunshi.rectification.") || strings.HasPrefix(full(m), "xunshi.document.") || strings.HasPrefix(full(m), "xunshi.obligation.v1.Obligation")
		if kept && overREST(m) {
			all = append(all, m)
		}
	}
	return all
}

// about asks for an object and tells what was wrong with the answer, if anything.
func (a asker) about(t *testing.T, m protoreflect.MethodDescriptor, s situation, name string, want outcome) string {
	t.Helper()
	if name == sichuan {
		return a.within(t, m, s, want)
	}
	code, answer := a.grpc(t, m, request(m, s.has, name), name)
	if fault := wrong(code, want); fault != "" {
		return fault
	}
	if want == hidden {
		gone := missing(name)
		if _, none := a.grpc(t, m, request(m, s.has, gone), gone); anyID(none) != anyID(answer) {
			return fmt.Sprintf("%q\nand of what never was\n%q", answer, none)
		}
	}
	return ""
}

func wrong(code codes.Code, want outcome) string {
	ok := map[outcome][]codes.Code{
		denied: {codes.PermissionDenied},
		hidden: {codes.NotFound},
		// The etag is never current, so a change is refused after the object was found.
		allowed: {codes.OK, codes.Aborted, codes.FailedPrecondition, codes.AlreadyExists},
	}
	if slices.Contains(ok[want], code) {
		return ""
	}
	return code.String()
}

// within asks for what is in the whole province: a list holds the life or it does
// not, and what is made about the life is made or not.
func (a asker) within(t *testing.T, m protoreflect.MethodDescriptor, s situation, want outcome) string {
	t.Helper()
	req := request(m, s.has, sichuan)
	if size := m.Input().Fields().ByName("page_size"); size != nil {
		req.ProtoReflect().Set(size, protoreflect.ValueOfInt32(200))
	}
	code, answer := a.grpc(t, m, req, "no name")
	if want == denied || s.rel == otherProvince {
		return wrong(code, want)
	}
	if isWrite(m) {
		if want == allowed || code != codes.PermissionDenied && code != codes.FailedPrecondition {
			return wrong(code, want)
		}
		return "" // refused before the reference was looked up
	}
	if code != codes.OK {
		return code.String()
	}
	if want == hidden {
		for _, n := range s.has.names() {
			if strings.Contains(answer, n) {
				return "an answer that holds " + n
			}
		}
		return ""
	}
	if listed := s.has.held(listedPattern(m), a.party); listed != "" && !strings.Contains(answer, listed) {
		return "a list without " + listed
	}
	return ""
}

// listedPattern gives the pattern of the resources in a list.
func listedPattern(m protoreflect.MethodDescriptor) string {
	fields := m.Output().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.IsList() && f.Message() != nil && proto.HasExtension(f.Message().Options(), annotations.E_Resource) {
			resource := proto.GetExtension(f.Message().Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
			return placeholder.ReplaceAllString(resource.GetPattern()[0], "*")
		}
	}
	return ""
}
