package principal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/principal"

	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
)

func TestPartiesAreTheProtoEnum(t *testing.T) {
	values := policyv1.Party(0).Descriptor().Values()
	parties := principal.Parties()
	if len(parties) != values.Len()-1 {
		t.Fatalf("%d parties, the proto enum has %d", len(parties), values.Len()-1)
	}
	for i, p := range parties {
		want := strings.TrimPrefix(string(values.Get(i+1).Name()), "PARTY_")
		if string(p) != want || !p.Known() {
			t.Errorf("party %d is %q (known %v), want %q", i, p, p.Known(), want)
		}
	}
	if principal.Party("").Known() || principal.Party("UNSPECIFIED").Known() {
		t.Error("a party that does not exist is known")
	}
}

func TestInside_Arts8_10_11_13_14(t *testing.T) {
	outside := map[principal.Party]bool{
		principal.CityCommittee: true, principal.CityLiaisonBody: true,
		principal.CountyCommittee: true, principal.DisciplineOrgan: true,
		principal.OrganizationDepartment: true, principal.OtherDepartment: true,
		principal.CentralOffice: true,
	}
	for _, p := range principal.Parties() {
		if got := (principal.Principal{Party: p}).Inside(); got == outside[p] {
			t.Errorf("%s inside = %v", p, got)
		}
	}
	if (principal.Principal{Party: "MADE_UP"}).Inside() || (principal.Principal{}).Inside() {
		t.Error("an unknown party is inside")
	}
}

func TestJurisdiction(t *testing.T) {
	tests := []struct {
		p    principal.Principal
		want string
	}{
		{principal.Principal{}, ""},
		{principal.Principal{Province: "51"}, "provinces/51"},
		{principal.Principal{Province: "51", City: "510100"}, "provinces/51/cities/510100"},
		{principal.Principal{Province: "51", County: "510104"}, "provinces/51/counties/510104"},
	}
	for _, tt := range tests {
		if got := tt.p.Jurisdiction(); got != tt.want {
			t.Errorf("Jurisdiction(%+v) = %q, want %q", tt.p, got, tt.want)
		}
	}
}

func TestContext(t *testing.T) {
	if p, ok := principal.From(context.Background()); ok {
		t.Fatalf("an empty context has the principal %+v", p)
	}
	want := principal.Principal{Subject: "u1", Party: principal.LeadingGroup, Province: "51"}
	if got, ok := principal.From(principal.With(context.Background(), want)); !ok || got != want {
		t.Fatalf("From = %+v, %v, want %+v", got, ok, want)
	}
}
