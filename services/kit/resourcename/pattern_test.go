package resourcename_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

const id = "0198c0de-0000-7000-8000-00000000000a"

func patterns() []*resourcename.Pattern {
	return []*resourcename.Pattern{
		resourcename.Must("provinces/{province}"),
		resourcename.Must("provinces/{province}/inspections/{inspection}"),
		resourcename.Must("provinces/{province}/cities/{city}"),
		resourcename.Must("provinces/{province}/counties/{county}"),
		resourcename.Must("provinces/{province}/rectifications/{rectification}/plan"),
		resourcename.Must("provinces/{province}/rectifications/{rectification}/items/{item}"),
		resourcename.Must("provinces/{province}/ruleSets/{rule_set}"),
	}
}

func TestParse(t *testing.T) {
	const (
		inspection = "provinces/{province}/inspections/{inspection}"
		countyForm = "provinces/{province}/counties/{county}"
		cityForm   = "provinces/{province}/cities/{city}"
		plan       = "provinces/{province}/rectifications/{rectification}/plan"
		rules      = "provinces/{province}/ruleSets/{rule_set}"
	)
	tests := []struct {
		pattern, name string
		want          map[string]string // nil: refused
	}{
		{inspection, "provinces/51/inspections/" + id, map[string]string{"province": "51", "inspection": id}},
		{countyForm, "provinces/51/counties/510104", map[string]string{"province": "51", "county": "510104"}},
		{cityForm, "provinces/51/cities/510100", map[string]string{"province": "51", "city": "510100"}},
		{plan, "provinces/51/rectifications/" + id + "/plan", map[string]string{"province": "51", "rectification": id}},
		{rules, "provinces/51/ruleSets/CN-COUNTY-2012", map[string]string{"province": "51", "rule_set": "CN-COUNTY-2012"}},
		{inspection, "", nil},
		{inspection, "/", nil},
		{inspection, "provinces/51", nil},
		{inspection, "provinces/51/inspections/", nil},
		{inspection, "/provinces/51/inspections/" + id, nil},
		{inspection, "//xunshi/provinces/51/inspections/" + id, nil},
		{inspection, "provinces/51/inspections/" + id + "/", nil},
		{inspection, "provinces/51/inspections/" + id + "/x", nil},
		{inspection, "provinces/51//inspections/" + id, nil},
		{inspection, "provinces/51/caseFiles/" + id, nil},
		{inspection, "Provinces/51/inspections/" + id, nil},
		{inspection, "provinces/-/inspections/" + id, nil},
		{inspection, "provinces/{51}/inspections/" + id, nil},
		{inspection, "provinces/5/inspections/" + id, nil},
		{inspection, "provinces/510/inspections/" + id, nil},
		{inspection, "provinces/５１/inspections/" + id, nil},
		{inspection, "provinces/51/inspections/-", nil},
		{inspection, "provinces/51/inspections/" + strings.ToUpper(id), nil},
		{inspection, "provinces/51/inspections/{" + id + "}", nil},
		{inspection, "provinces/51/inspections/urn:uuid:" + id, nil},
		{inspection, "provinces/51/inspections/" + strings.ReplaceAll(id, "-", ""), nil},
		{inspection, "provinces/51/inspections/" + strings.Replace(id, "-", "_", 1), nil},
		{inspection, "provinces/51/inspections/" + id + "@1", nil},
		{inspection, "provinces/51/inspections/..%2f" + id[5:], nil},
		{countyForm, "provinces/51/counties/440104", nil},
		{countyForm, "provinces/51/counties/51010", nil},
		{countyForm, "provinces/51/counties/5101044", nil},
		{countyForm, "provinces/51/counties/51010a", nil},
		{cityForm, "provinces/51/cities/440100", nil},
		{plan, "provinces/51/rectifications/" + id + "/report", nil},
		{rules, "provinces/51/ruleSets/-", nil},
		{rules, "provinces/51/ruleSets/cn-county-2012", nil},
		{rules, "provinces/51/ruleSets/" + strings.Repeat("A", 65), nil},
		{rules, "provinces/51/ruleSets/{A}", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := resourcename.Must(tt.pattern)
			got, err := p.ParseField("plan.name", tt.name)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("error %v, values (-want +got):\n%s", err, diff)
			}
			if tt.want != nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e, ok := fault.As(err)
			if !ok || e.Kind != fault.Invalid || e.Reason != "NAME_INVALID" || e.Fields[0].Path != "plan.name" {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(e.Fields[0].Description, p.String()) {
				t.Errorf("the fault does not show the form: %q", e.Fields[0].Description)
			}
		})
	}
}

func TestParseNamesTheFieldName(t *testing.T) {
	_, err := resourcename.Must("provinces/{province}").Parse("x")
	if e, ok := fault.As(err); !ok || e.Fields[0].Path != "name" {
		t.Errorf("got %v", err)
	}
}

func TestNewRefusesWrongPatterns(t *testing.T) {
	for _, pattern := range []string{"", "a//b", "provinces/{Province}", "provinces/-", "provinces/{province}/x/{province}"} {
		if p, err := resourcename.New(pattern); err == nil {
			t.Errorf("New(%q) = %v", pattern, p)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Must did not panic on a wrong pattern")
		}
	}()
	resourcename.Must("")
}

// FuzzParse: whatever is accepted is written back as the same name.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"provinces/51", "/provinces/51", "provinces/51/counties/510104", "provinces/51/inspections/" + id,
		"//h/provinces/51", "provinces/{51}", "provinces/51/rectifications/" + id + "/items/" + id, "\xff", "a/../b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, p := range patterns() {
			values, err := p.Parse(name)
			if err != nil {
				if !fault.Is(err, fault.ReasonNameInvalid) {
					t.Fatalf("%s: %v", p, err)
				}
				continue
			}
			want := p.String()
			for variable, value := range values {
				want = strings.Replace(want, "{"+variable+"}", value, 1)
			}
			if want != name {
				t.Fatalf("%s accepts %q, whose canonical form is %q", p, name, want)
			}
		}
	})
}
