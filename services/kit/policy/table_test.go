package policy_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/health/grpc_health_v1"

	eventv1 "github.com/xunshi/xunshi/gen/go/xunshi/event/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const grant = `allow: [{parties: [PARTY_LEADING_GROUP] scope: SCOPE_PROVINCE}] `

func TestCheckFindsEveryIncompletePolicy(t *testing.T) {
	tests := []struct {
		name   string
		access string
		want   []string // a part of each error; none means the policy is complete
	}{
		{"complete", grant + `resource_field: "name" articles: ["12(2)"]`, nil},
		{"nested field", grant + `resource_field: "inner.name" articles: ["5", "10(1)(2)"]`, nil},
		{"no option", "", []string{"is missing"}},
		{"no grant", `resource_field: "name" articles: ["5"]`, []string{"no grant"}},
		{"no party", `allow: [{scope: SCOPE_ANY}] resource_field: "name" articles: ["5"]`, []string{"no party"}},
		{"unspecified party", `allow: [{parties: [PARTY_UNSPECIFIED] scope: SCOPE_ANY}] resource_field: "name" articles: ["5"]`,
			[]string{"does not exist"}},
		{"no scope", `allow: [{parties: [PARTY_SERVICE]}] resource_field: "name" articles: ["5"]`, []string{"no scope"}},
		{"party twice", grant + grant + `resource_field: "name" articles: ["5"]`, []string{"granted twice"}},
		{"no article", grant + `resource_field: "name"`, []string{"no article"}},
		{"bad articles", grant + `resource_field: "name" articles: ["art. 5", "123", "12()", "12(2"]`,
			[]string{`"art. 5"`, `"123"`, `"12()"`, `"12(2"`}},
		{"no resource field", grant + `articles: ["5"]`, []string{`no field ""`}},
		{"unknown field", grant + `resource_field: "parent" articles: ["5"]`, []string{`no field "parent"`}},
		{"number field", grant + `resource_field: "count" articles: ["5"]`, []string{"not a string"}},
		{"message field", grant + `resource_field: "inner" articles: ["5"]`, []string{"not a string"}},
		{"field of a string", grant + `resource_field: "name.x" articles: ["5"]`, []string{"not a message"}},
		{"repeated string", grant + `resource_field: "names" articles: ["5"]`, []string{"repeated"}},
		{"repeated message", grant + `resource_field: "inners.name" articles: ["5"]`, []string{"repeated"}},
		{"all at once", `allow: [{}]`, []string{"no scope", "no party", "no article", "no field"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := service(t, tt.access)
			errs := policy.Check(s)
			if len(errs) != len(tt.want) {
				t.Fatalf("%d errors, want %d: %v", len(errs), len(tt.want), errs)
			}
			for _, want := range tt.want {
				found := false
				for _, err := range errs {
					found = found || strings.Contains(err.Error(), want) && strings.Contains(err.Error(), "test.v1.S.M")
				}
				if !found {
					t.Errorf("no error names the method and %q: %v", want, errs)
				}
			}
			table, err := policy.Load(s)
			if (err == nil) != (len(tt.want) == 0) || (table == nil) != (err != nil) {
				t.Errorf("Load gave %v, %v", table, err)
			}
		})
	}
}

func TestLoadExemptsOnlyHealth(t *testing.T) {
	health := grpc_health_v1.File_grpc_health_v1_health_proto.Services().Get(0)
	event := eventv1.File_xunshi_event_v1_event_service_proto.Services().Get(0)
	table, err := policy.Load(health, event)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Methods(); len(got) != 1 || got[0] != eventv1.EventService_DeliverEvent_FullMethodName {
		t.Fatalf("Methods() = %v", got)
	}
	if _, ok := table.Rule(grpc_health_v1.Health_Check_FullMethodName); ok {
		t.Error("a health method has a rule")
	}
	if errs := policy.Flow(health, event); len(errs) != 0 {
		t.Errorf("Flow: %v", errs)
	}
}

func TestScopeOfEveryParty(t *testing.T) {
	table, err := policy.Load(eventv1.File_xunshi_event_v1_event_service_proto.Services().Get(0))
	if err != nil {
		t.Fatal(err)
	}
	rule, ok := table.Rule(eventv1.EventService_DeliverEvent_FullMethodName)
	if !ok {
		t.Fatal("no rule")
	}
	for _, party := range principal.Parties() {
		want := policy.ScopeNone
		if party == principal.Service {
			want = policy.ScopeAny
		}
		if got := rule.Scope(party); got != want {
			t.Errorf("%s: scope %q, want %q", party, got, want)
		}
	}
}

// A party that a server never answers has no method there, and is refused with the
// same words as one that no grant names; the others keep what they have.
func TestWithoutTakesEveryMethodFromAParty(t *testing.T) {
	const grants = `allow: [
  {parties: [PARTY_LEADING_GROUP, PARTY_COUNTY_COMMITTEE] scope: SCOPE_PROVINCE},
  {parties: [PARTY_CITY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION}] resource_field: "name" articles: ["17"]`
	s := service(t, grants)
	table, err := policy.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	less := table.Without(principal.CountyCommittee, principal.CityCommittee)
	for _, method := range table.Methods() {
		before, _ := table.Rule(method)
		after, ok := less.Rule(method)
		if !ok {
			t.Fatalf("%s has no rule any more", method)
		}
		req := request(t, s, "name", "provinces/51/plans/1")
		_, ungranted := before.Decide(principal.Principal{Party: principal.CentralOffice, Province: "51"}, req)
		for _, p := range principal.Parties() {
			banned := p == principal.CountyCommittee || p == principal.CityCommittee
			if want := before.Scope(p); banned && after.Scope(p) != policy.ScopeNone || !banned && after.Scope(p) != want {
				t.Errorf("%s by %s has scope %v", method, p, after.Scope(p))
			}
			if !banned {
				continue
			}
			_, err := after.Decide(principal.Principal{Party: p, Province: "51"}, req)
			if !fault.Is(err, fault.ReasonMethodNotGranted) || err.Error() != ungranted.Error() {
				t.Errorf("%s by %s: %v, want %v", method, p, err, ungranted)
			}
			if before.Scope(p) == policy.ScopeNone {
				t.Errorf("the table that it was made of has lost %s", p)
			}
		}
	}
}
