package domain_test

import (
	"slices"
	"testing"

	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// itemIn gives an item in a state, as the moves that lead there leave it.
func itemIn(t *testing.T, s domain.ItemState, p domain.Place) *domain.Item {
	t.Helper()
	r := domain.ItemRecord{
		ID: "t1", Rectification: "c1", Place: p, Measure: measures([]int32{1})[0], Due: day(t, "2024-06-28"), State: s,
		TwoPersons: true, Implementer: "clerk", Version: 3,
	}
	if slices.Contains([]domain.ItemState{domain.ItemDone, domain.ItemCityVerified, domain.ItemVerified, domain.ItemClosed}, s) {
		r.Percent = 100
	}
	if p.HasCity() && slices.Contains([]domain.ItemState{domain.ItemCityVerified, domain.ItemVerified, domain.ItemClosed}, s) {
		r.CityVerifier = "liaison"
	}
	if slices.Contains([]domain.ItemState{domain.ItemVerified, domain.ItemClosed}, s) {
		r.Verifier = "li"
	}
	return domain.RehydrateItem(r)
}

// TestArt17ItemMovesInEveryState: every move in every state; what is unlawful is
// refused with its reason and changes nothing (arts 15(3), 16, 17).
func TestArt17ItemMovesInEveryState(t *testing.T) {
	act := domain.Act{By: "zhou", Now: noon(t, today)}
	working := []domain.ItemState{domain.ItemOpen, domain.ItemInProgress, domain.ItemBasicallyDone, domain.ItemCannotComplete}
	done, verified := []domain.ItemState{domain.ItemDone}, []domain.ItemState{domain.ItemCityVerified}
	no := domain.NoCityCommittee
	report := func(s domain.ItemState) func(*domain.Item) error {
		percent := int32(60)
		if s == domain.ItemDone {
			percent = 100
		}
		return func(i *domain.Item) error {
			return i.Report(domain.Progress{State: s, Percent: percent, Text: "进展"}, act)
		}
	}
	for _, tt := range []struct {
		verb  string
		place domain.Place
		from  []domain.ItemState
		to    domain.ItemState
		do    func(i *domain.Item) error
	}{
		{"report open", place(), working, domain.ItemOpen, report(domain.ItemOpen)},
		{"report in progress", place(), working, domain.ItemInProgress, report(domain.ItemInProgress)},
		{"report basically done", place(), working, domain.ItemBasicallyDone, report(domain.ItemBasicallyDone)},
		{"report done", place(), slices.Concat(working, done), domain.ItemDone, report(domain.ItemDone)},
		{"report what is not the county's to say", place(), nil, "", report(domain.ItemVerified)},
		{"city passes", place(), done, domain.ItemCityVerified, func(i *domain.Item) error { return i.VerifyByCity(domain.Pass, "", act) }},
		{"city returns", place(), done, domain.ItemInProgress, func(i *domain.Item) error { return i.VerifyByCity(domain.Return, "不实", act) }},
		{"pass", place(), verified, domain.ItemVerified, func(i *domain.Item) error { return i.Verify(domain.Pass, "", "", act) }},
		{"return", place(), verified, domain.ItemInProgress, func(i *domain.Item) error { return i.Verify(domain.Return, "不实", "", act) }},
		{"pass, no city", withoutCity(), done, domain.ItemVerified, func(i *domain.Item) error { return i.Verify(domain.Pass, "", no, act) }},
		{"return, no city", withoutCity(), done, domain.ItemInProgress, func(i *domain.Item) error { return i.Verify(domain.Return, "不实", no, act) }},
		{"close", place(), []domain.ItemState{domain.ItemVerified}, domain.ItemClosed, func(i *domain.Item) error { return i.Close(act) }},
		{"defer", place(), working, domain.ItemCannotComplete, func(i *domain.Item) error {
			return i.Defer(domain.Deferral{Decision: "d1", Covered: true, Reason: "资金未到位", Due: day(t, "2024-12-31")}, act.Now)
		}},
	} {
		for _, s := range domain.ItemStates() {
			t.Run(tt.verb+"/"+string(s), func(t *testing.T) {
				i := itemIn(t, s, tt.place)
				before := i.Record()
				err := tt.do(i)
				after := i.Record()
				if slices.Contains(tt.from, s) {
					ok(t, err)
					if after.State != tt.to || !after.UpdateTime.Equal(act.Now) {
						t.Errorf("went to %+v", after)
					}
					return
				}
				if err == nil || after.State != before.State || after.Percent != before.Percent || after.Verifier != before.Verifier {
					t.Errorf("%v: %+v", err, after)
				}
			})
		}
	}
}

// TestArt17PercentAndState: 100 is done and nothing else; what was called done and is
// sent back is less, and what was said of it is gone with the next report.
func TestArt17PercentAndState(t *testing.T) {
	act := domain.Act{By: "clerk", Now: noon(t, today)}
	i := itemIn(t, domain.ItemOpen, place())
	refused(t, i.Report(domain.Progress{State: domain.ItemDone, Percent: 99}, act), "PERCENT_INVALID", "17")
	refused(t, i.Report(domain.Progress{State: domain.ItemBasicallyDone, Percent: 100}, act), "PERCENT_INVALID", "17")
	late := []domain.Evidence{{SHA256: "a", Title: "纪要", Date: day(t, "2024-02-27")}}
	refused(t, i.Report(domain.Progress{State: domain.ItemOpen, Evidence: late}, act), "DATE_OUT_OF_ORDER", "17")
	ok(t, i.Report(domain.Progress{State: domain.ItemDone, Percent: 100, Text: "完成"}, act))
	refused(t, i.VerifyByCity(domain.Return, " ", act), "OPINION_REQUIRED", "15(3)")
	refused(t, i.VerifyByCity(domain.Pass, "好", act), "OPINION_WITH_PASS", "15(3)")
	ok(t, i.VerifyByCity(domain.Return, "未见成效", act))
	if r := i.Record(); r.Percent >= 100 || r.Opinion != "未见成效" || r.CityVerifier != "" {
		t.Errorf("sent back as %+v", r)
	}
	ok(t, i.Report(domain.Progress{State: domain.ItemInProgress, Percent: 80}, act))
	if r := i.Record(); r.Opinion != "" || r.Implementer != "clerk" {
		t.Errorf("reported again as %+v", r)
	}
}

// TestArt15CityVerifiesFirst: office and group come after the city; where there is
// none, that is on record and is said of nobody else (arts 15(3), 16).
func TestArt15CityVerifiesFirst(t *testing.T) {
	act := domain.Act{By: "li", Now: noon(t, today)}
	refused(t, itemIn(t, domain.ItemDone, place()).Verify(domain.Pass, "", "", act), "ITEM_CITY_NOT_VERIFIED", "15(3)")
	refused(t, itemIn(t, domain.ItemDone, place()).Verify(domain.Pass, "", domain.NoCityCommittee, act), "ITEM_CITY_APPLICABILITY", "15(3)")
	refused(t, itemIn(t, domain.ItemDone, withoutCity()).Verify(domain.Pass, "", "", act), "ITEM_CITY_APPLICABILITY", "15(3)")
	i := itemIn(t, domain.ItemDone, withoutCity())
	ok(t, i.Verify(domain.Pass, "", domain.NoCityCommittee, act))
	if r := i.Record(); r.CityNotApplicable != domain.NoCityCommittee || r.Verifier != "li" || r.CityVerifier != "" {
		t.Errorf("verified as %+v", r)
	}
}

// TestArt17CloserIsNotImplementer, nor who has verified, unless the rule set lets one
// person do both.
func TestArt17CloserIsNotImplementer(t *testing.T) {
	for _, by := range []string{"clerk", "liaison", "li"} {
		i := itemIn(t, domain.ItemVerified, place())
		refused(t, i.Close(domain.Act{By: by, Now: noon(t, today)}), "SECOND_PERSON_REQUIRED", "17")
		if i.Record().State != domain.ItemVerified || i.Record().Closer != "" {
			t.Errorf("%s: %+v", by, i.Record())
		}
		r := i.Record()
		r.TwoPersons = false
		ok(t, domain.RehydrateItem(r).Close(domain.Act{By: by, Now: noon(t, today)}))
	}
	i := itemIn(t, domain.ItemVerified, place())
	ok(t, i.Close(domain.Act{By: "zhou", Now: noon(t, today)}))
	if i.Record().Closer != "zhou" {
		t.Errorf("closed by %q", i.Record().Closer)
	}
}

// TestArt17DeferralNeedsTheDecision: another day is set by a decision for the item,
// and lies ahead (arts 5, 17).
func TestArt17DeferralNeedsTheDecision(t *testing.T) {
	lawful := domain.Deferral{Decision: "d1", Covered: true, Reason: "资金未到位", Due: day(t, "2024-12-31")}
	for _, tt := range []struct {
		change          func(*domain.Deferral)
		reason, article string
	}{
		{func(d *domain.Deferral) { d.Covered = false }, "DEFERRAL_NOT_DECIDED", "5"},
		{func(d *domain.Deferral) { d.Due = day(t, "2024-06-28") }, "DATE_OUT_OF_ORDER", "17"},
		{func(d *domain.Deferral) { d.Due = day(t, "2024-03-01") }, "DATE_OUT_OF_ORDER", "17"},
	} {
		d, i := lawful, itemIn(t, domain.ItemInProgress, place())
		tt.change(&d)
		refused(t, i.Defer(d, noon(t, today)), tt.reason, tt.article)
		if r := i.Record(); r.Due != day(t, "2024-06-28") || r.State != domain.ItemInProgress {
			t.Errorf("%+v", r)
		}
	}
	late := itemIn(t, domain.ItemInProgress, place())
	refused(t, late.Defer(lawful, noon(t, "2024-12-31")), "DATE_OUT_OF_ORDER", "17")
	i := itemIn(t, domain.ItemInProgress, place())
	ok(t, i.Defer(lawful, noon(t, today)))
	if r := i.Record(); r.Due != day(t, "2024-12-31") || r.Decision != "d1" || r.Opinion != "资金未到位" {
		t.Errorf("put off as %+v", r)
	}
	again := lawful
	again.Due = day(t, "2025-06-30")
	refused(t, i.Defer(again, noon(t, today)), "DEFERRAL_NOT_DECIDED", "5") // a decision defers once
	again.Decision = "d2"
	ok(t, i.Defer(again, noon(t, today)))
}

// TestArt17LookBackRefersBack: a look-back is at what is closed, which stays closed.
func TestArt17LookBackRefersBack(t *testing.T) {
	b := domain.LookBack{ID: "t9", Number: 9, Reason: "问题反弹", Description: "再整改", Owner: "李", Due: day(t, "2024-12-31")}
	for _, s := range domain.ItemStates() {
		i := itemIn(t, s, place())
		again, err := i.LookBack(b, noon(t, today))
		if s != domain.ItemClosed {
			refused(t, err, "ITEM_STATE_INVALID", "17")
			continue
		}
		ok(t, err)
		r := again.Record()
		if r.LooksBackAt != "t1" || r.State != domain.ItemOpen || r.Measure.Number != 9 || !slices.Equal(r.Measure.Problems, []int32{1}) ||
			r.Opinion != "问题反弹" || r.Closer != "" || r.Version != 1 || i.Record().State != domain.ItemClosed {
			t.Errorf("a look-back made %+v of %+v", r, i.Record())
		}
	}
	b.Due = day(t, today)
	_, err := itemIn(t, domain.ItemClosed, place()).LookBack(b, noon(t, today))
	refused(t, err, "DATE_OUT_OF_ORDER", "17")
}

// TestArt17SecondPersonIsOfTheRuleSet: items are made by the rule set of their case.
func TestArt17SecondPersonIsOfTheRuleSet(t *testing.T) {
	items, err := rectification(t, domain.RectificationPlanning).
		ReceivePlan(plan(domain.SubmissionForwarded), copied(), newID, moment(t, today))
	ok(t, err)
	if r := items[0].Record(); !r.TwoPersons || r.Due != r.Measure.Due {
		t.Errorf("an item %+v", r)
	}
}
