package api_test

import (
	"testing"

	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
)

const (
	cityOrgan = "DISCIPLINE_ORGAN provinces/51/cities/510100 organ"
	audit     = "OTHER_DEPARTMENT provinces/51 audit"
	petitions = "OTHER_DEPARTMENT provinces/51 petitions"
)

func (w *world) brief(token, county string) (*schedulingv1.Briefing, error) {
	return w.briefings().CreateBriefing(w.as(token), &schedulingv1.CreateBriefingRequest{
		Parent: sichuan, RequestId: requestID(), Briefing: &schedulingv1.Briefing{County: county, Content: "无情况通报"},
	})
}

// TestArt15Briefings: a city's bodies brief on its own counties, provincial ones
// on any; the group of the county and the office read them, and each author its
// own and no other's.
func TestArt15Briefings(t *testing.T) {
	w := newWorld(t, "2026-01-15")
	s := w.stage()
	i := w.inspection(s.batch, jinjiang, "2026-03-02", "2026-03-31")
	w.approve(s.batch)
	w.authorize(i, s.group)
	const foreign = sichuan + "/counties/510302" // of Zigong

	written := map[string]*schedulingv1.Briefing{}
	for _, token := range []string{city, cityOrgan, audit, petitions} {
		written[token] = do(w.brief(token, jinjiang))(t)
	}
	elsewhere := do(w.brief(audit, foreign))(t)
	if b := written[city]; b.GetAuthorJurisdiction() != chengdu || b.GetAuthorParty().String() != "PARTY_CITY_COMMITTEE" {
		t.Errorf("author of %v", b)
	}
	for _, c := range []string{foreign, sichuan + "/counties/519999"} {
		for _, token := range []string{city, cityOrgan} {
			_, err := w.brief(token, c)
			if f := refused(t, err, "COUNTY_OUTSIDE_JURISDICTION"); f.Meta["article"] != "15(1)" {
				t.Errorf("metadata %v", f.Meta)
			}
		}
	}
	_, err := w.brief(audit, sichuan+"/counties/519999")
	refused(t, err, "NOT_FOUND")
	_, err = w.brief(county, jinjiang)
	refused(t, err, "METHOD_NOT_GRANTED")

	get := func(token string, b *schedulingv1.Briefing) error {
		_, err := w.briefings().GetBriefing(w.as(token), &schedulingv1.GetBriefingRequest{Name: b.GetName()})
		return err
	}
	for token, want := range map[string]int{office: 5, leader: 4, stranger: 0, city: 1, cityOrgan: 1, audit: 2, petitions: 1} {
		list := do(w.briefings().ListBriefings(w.as(token), &schedulingv1.ListBriefingsRequest{Parent: sichuan}))(t)
		if got := len(list.GetBriefings()); got != want {
			t.Errorf("%s reads %d briefings, want %d", token, got, want)
		}
	}
	refused(t, get(leader, elsewhere), "NOT_FOUND")
	refused(t, get(petitions, written[audit]), "NOT_FOUND")
	refused(t, get(city, written[cityOrgan]), "NOT_FOUND")
	if err := get(leader, written[city]); err != nil {
		t.Error(err)
	}
	w.wantAudited("GetBriefing", 4)
	w.wantAudited("ListBriefings", 7)
}

// wantAudited tests how many readings were entered in the audit log (arts 8, 10).
func (w *world) wantAudited(method string, want int) {
	w.t.Helper()
	var got int
	err := w.db.Admin(w.t).QueryRow(`SELECT count(*) FROM audit_entry WHERE method LIKE '%/' || $1`, method).Scan(&got)
	if err != nil || got != want {
		w.t.Errorf("%d entries of %s, %v; want %d", got, method, err, want)
	}
}
