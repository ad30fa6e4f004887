package policy_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	faultv1 "github.com/xunshi/xunshi/gen/go/xunshi/fault/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/policy"
	"github.com/xunshi/xunshi/services/kit/principal"
)

const access = `
	allow: [
	  {parties: [PARTY_LEADING_GROUP, PARTY_INSPECTION_OFFICE] scope: SCOPE_PROVINCE},
	  {parties: [PARTY_COUNTY_COMMITTEE] scope: SCOPE_OWN_JURISDICTION},
	  {parties: [PARTY_SERVICE] scope: SCOPE_ANY}
	]
	resource_field: "inner.name" articles: ["8", "17"] audited_read: true`

const inspection = "provinces/51/inspections/0198c0de-0000-7000-8000-000000000001"

func TestDecide(t *testing.T) {
	group := principal.Principal{Subject: "u1", Party: principal.LeadingGroup, Province: "51"}
	county := principal.Principal{Subject: "u2", Party: principal.CountyCommittee, Province: "51", County: "510104"}
	peer := principal.Principal{Subject: "casefile", Party: principal.Service}
	tests := []struct {
		name   string
		p      principal.Principal
		object string
		scope  policy.Scope // the wanted scope, or
		kind   fault.Kind   // the wanted refusal
		reason string
	}{
		{name: "province", p: group, object: inspection, scope: policy.ScopeProvince},
		{name: "the province itself", p: group, object: "provinces/51", scope: policy.ScopeProvince},
		{name: "county", p: county, object: inspection, scope: policy.ScopeOwnJurisdiction},
		{name: "service", p: peer, object: inspection, scope: policy.ScopeAny},
		{name: "service, no province in the name", p: peer, object: "ruleSets/CN-COUNTY-2012", scope: policy.ScopeAny},
		{name: "party without a grant", p: principal.Principal{Party: principal.CityCommittee, Province: "51", City: "510100"},
			object: inspection, kind: fault.Denied, reason: "METHOD_NOT_GRANTED"},
		{name: "party without a grant learns nothing of the request", p: principal.Principal{Party: principal.CityCommittee, Province: "51"},
			object: "", kind: fault.Denied, reason: "METHOD_NOT_GRANTED"},
		{name: "nobody", object: inspection, kind: fault.Denied, reason: "METHOD_NOT_GRANTED"},
		{name: "person without a province", p: principal.Principal{Party: principal.LeadingGroup},
			object: inspection, kind: fault.Denied, reason: "METHOD_NOT_GRANTED"},
		{name: "another province", p: group, object: "provinces/44/inspections/x", kind: fault.NotFound, reason: "NOT_FOUND"},
		{name: "no name", p: group, kind: fault.Invalid, reason: "FIELD_INVALID"},
		{name: "wildcard", p: group, object: "provinces/-/inspections/-", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "wildcard by a service", p: peer, object: "provinces/-", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "province not first", p: group, object: "x/provinces/51", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "province not first, by a service", p: peer, object: "x/provinces/51", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "two provinces", p: group, object: "provinces/51/provinces/44", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "no province", p: group, object: "ruleSets/CN-COUNTY-2012", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "full-width digits", p: group, object: "provinces/５１", kind: fault.Invalid, reason: "NAME_INVALID"},
		{name: "leading slash", p: group, object: "/provinces/51", kind: fault.Invalid, reason: "NAME_INVALID"},
	}
	s := service(t, access)
	table, err := policy.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	rule, ok := table.Rule("/test.v1.S/M")
	if !ok {
		t.Fatal("no rule for /test.v1.S/M")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := rule.Decide(tt.p, request(t, s, "inner.name", tt.object))
			if tt.reason != "" {
				e, ok := fault.As(err)
				if !ok || e.Kind != tt.kind || e.Reason != tt.reason {
					t.Fatalf("got %v, want %v %s", err, tt.kind, tt.reason)
				}
				if e.Kind == fault.Denied && e.Meta[fault.MetaArticle] != "8, 17" {
					t.Errorf("the refusal names art. %q, want those of the method", e.Meta[fault.MetaArticle])
				}
				return
			}
			province, _ := policy.Province(tt.object)
			want := policy.Grant{
				Method: "/test.v1.S/M", Scope: tt.scope, Articles: []string{"8", "17"},
				AuditedRead: true, Object: tt.object, Province: province,
			}
			if diff := cmp.Diff(want, g); err != nil || diff != "" {
				t.Errorf("error %v, grant (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestDecideOnAForeignRequestTypeIsInternal(t *testing.T) {
	table, err := policy.Load(service(t, access))
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := table.Rule("/test.v1.S/M")
	_, err = rule.Decide(principal.Principal{Party: principal.Service}, &faultv1.Text{})
	if !fault.Is(err, fault.ReasonInternal) {
		t.Errorf("got %v", err)
	}
}

func TestBindGivesOnlyAServiceTheProvinceOfTheObject(t *testing.T) {
	g := policy.Grant{Province: "51"}
	if p := g.Bind(principal.Principal{Party: principal.Service}); p.Province != "51" {
		t.Errorf("a service acts in %q", p.Province)
	}
	if p := g.Bind(principal.Principal{Party: principal.LeadingGroup, Province: "44"}); p.Province != "44" {
		t.Errorf("a person acts in %q", p.Province)
	}
}

func TestGrantInContext(t *testing.T) {
	if g, ok := policy.GrantFrom(context.Background()); ok {
		t.Fatalf("an empty context has the grant %+v", g)
	}
	want := policy.Grant{Method: "/a/B", Scope: policy.ScopeAny}
	if g, ok := policy.GrantFrom(policy.WithGrant(context.Background(), want)); !ok || !cmp.Equal(g, want) {
		t.Fatalf("GrantFrom = %+v, %v", g, ok)
	}
}
