package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

func liaisonLedBy(leads ...regulation.Body) LiaisonText {
	text := LiaisonText{
		Leader: LiaisonLeader{"张三", "市委副书记"}, Contact: "市委大院",
		Members: []LiaisonMember{{"李四", "主任", "市委办", "工作日"}},
	}
	for _, body := range leads {
		text.Leads = append(text.Leads, LiaisonLead{body, string(body)})
	}
	return text
}

// TestArt16BothLeads: on registration and on every change.
func TestArt16BothLeads(t *testing.T) {
	law := lawOn(t, "2026-01-15")
	both := liaisonLedBy(regulation.OrganizationBody, regulation.DisciplineBody)
	for _, tt := range []struct {
		name            string
		text            LiaisonText
		reason, missing string
	}{
		{"both", both, "", ""},
		{"one", liaisonLedBy(regulation.DisciplineBody), ReasonLiaisonLeadsMissing, "organization_body"},
		{"the other", liaisonLedBy(regulation.OrganizationBody), ReasonLiaisonLeadsMissing, "discipline_body"},
		{"none", liaisonLedBy(), ReasonLiaisonLeadsMissing, "discipline_body,organization_body"},
		{"one twice", liaisonLedBy(regulation.DisciplineBody, regulation.DisciplineBody), fault.ReasonFieldInvalid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := RegisterLiaisonBody(law, "51", "l", "510100", tt.text)
			changed, changeErr := RegisterLiaisonBody(law, "51", "l", "510100", both)
			if changeErr != nil {
				t.Fatal(changeErr)
			}
			before := changed.Record()
			changeErr = changed.Change(lawOn(t, "2026-02-02"), tt.text)
			if tt.reason == "" {
				if err != nil || changeErr != nil {
					t.Fatal(err, changeErr)
				}
				if r := b.Record(); r.Version != 1 || r.CreateTime != law.Now || r.UpdateTime != law.Now || r.City != "510100" {
					t.Errorf("registered %+v", r)
				}
				if r := changed.Record(); r.CreateTime != law.Now || !r.UpdateTime.After(law.Now) {
					t.Errorf("changed to %+v", r)
				}
				return
			}
			for _, err := range []error{err, changeErr} {
				f, ok := fault.As(err)
				if !ok || f.Reason != tt.reason || f.Meta["missing"] != tt.missing || tt.missing != "" && f.Meta["article"] != "16" {
					t.Errorf("got %v", err)
				}
			}
			if diff := cmp.Diff(before, changed.Record()); diff != "" {
				t.Errorf("a refused change changed (-before +after):\n%s", diff)
			}
		})
	}
}
