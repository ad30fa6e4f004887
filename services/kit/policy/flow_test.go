package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/policy"
)

// messages holds answers that reach a letter's sender in different ways.
const messages = `
message Letter { string title = 1; string sender = 2 [(xunshi.policy.v1.inside_only) = true]; }
message Direct { string sender = 1 [(xunshi.policy.v1.inside_only) = true]; }
message Nested { Wrapper wrapper = 1; }
message Wrapper { Letter letter = 1; }
message List { repeated Letter letters = 1; }
message Map { map<string, Letter> by_id = 1; }
message Choice { oneof kind { string text = 1; Letter letter = 2; } }
message Tree { repeated Tree children = 1; Letter letter = 2; }
message Whole { Letter letter = 1 [(xunshi.policy.v1.inside_only) = true]; }
message Anything { google.protobuf.Any payload = 1; }
message Clean { Clean child = 1; string text = 2; map<string, string> labels = 3; }
`

func TestFlow_Arts8_10(t *testing.T) {
	tests := []struct {
		answer string
		leak   string
	}{
		{"Direct", "Direct.sender"},
		{"Nested", "Nested.wrapper.letter.sender"},
		{"List", "List.letters.sender"},
		{"Map", "Map.by_id.sender"},
		{"Choice", "Choice.letter.sender"},
		{"Tree", "Tree.letter.sender"},
		{"Whole", "Whole.letter"},
		{"Anything", "Anything.payload"},
		{"Clean", ""},
	}
	outside := []string{"CITY_COMMITTEE", "CITY_LIAISON_BODY", "COUNTY_COMMITTEE", "DISCIPLINE_ORGAN",
		"ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT", "CENTRAL_OFFICE"}
	for _, tt := range tests {
		for _, party := range append(outside, "INSPECTION_GROUP", "LEADING_GROUP", "SERVICE") {
			t.Run(tt.answer+"/"+party, func(t *testing.T) {
				source := header + messages + fmt.Sprintf(`service S { rpc M(Request) returns (%s) {
					option (xunshi.policy.v1.access) = {allow: [
						{parties: [PARTY_INSPECTION_OFFICE] scope: SCOPE_PROVINCE},
						{parties: [PARTY_%s] scope: SCOPE_ADDRESSEE}
					]}; } }`, tt.answer, party)
				errs := policy.Flow(compile(t, source).Services().Get(0))
				open := strings.Contains(strings.Join(outside, " "), party)
				if !open || tt.leak == "" {
					if len(errs) != 0 {
						t.Fatalf("unexpected: %v", errs)
					}
					return
				}
				if len(errs) != 1 {
					t.Fatalf("%d errors, want 1: %v", len(errs), errs)
				}
				for _, want := range []string{"test.v1.S.M", party, tt.leak} {
					if !strings.Contains(errs[0].Error(), want) {
						t.Errorf("%v does not name %q", errs[0], want)
					}
				}
			})
		}
	}
}
