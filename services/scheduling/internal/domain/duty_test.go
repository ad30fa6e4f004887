package domain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// opened are the obligations that the steps open, counted by the law.
func opened(t *testing.T, law Law, steps []DutyStep) map[regulation.DutyName]obligation.Record {
	t.Helper()
	out := map[regulation.DutyName]obligation.Record{}
	for _, s := range steps {
		if s.Verb != OpenDuty {
			continue
		}
		o, err := obligation.New(law, s.Opening)
		if err != nil {
			t.Fatal(err)
		}
		out[s.Opening.Duty] = o.Record()
	}
	return out
}

func verbs(steps []DutyStep) []string {
	out := []string{}
	for _, s := range steps {
		out = append(out, string(s.Verb)+" "+string(s.Opening.Duty))
	}
	return out
}

// TestArt12NoticeDuty runs from the authorisation, for both addressees, and outside
// nobody knows of it before the notices are out.
func TestArt12NoticeDuty(t *testing.T) {
	law := lawOn(t, "2026-01-15")
	i := task(t, InspectionAuthorized)
	o := opened(t, law, i.DutiesOfAuthorization())[regulation.DutyEntryNotice]
	if o.Due != on(t, "2026-02-10") || o.Awaiting != 2 || o.Obligor != regulation.Office || o.CountySees || o.CitySees ||
		o.Place != (obligation.Place{Province: "51", City: "510100", County: "510104", Inspection: "i"}) {
		t.Errorf("opened %+v", o)
	}
	equal(t, "issue", verbs(i.DutiesOfNotices(law.Today(), true)), []string{"show ENTRY_NOTICE", "open CITY_BRIEFING"})
	b := opened(t, law, i.DutiesOfNotices(law.Today(), true))[regulation.DutyCityBriefing]
	if b.Due != on(t, "2026-02-28") || !b.CitySees || b.CountySees || b.Obligor != regulation.CityCommittee {
		t.Errorf("briefing %+v", b) // Saturday 02-28 is worked
	}

	r := i.Record()
	r.City = ""
	alone := RehydrateInspection(r)
	if o := opened(t, law, alone.DutiesOfAuthorization())[regulation.DutyEntryNotice]; o.Awaiting != 1 {
		t.Errorf("without a city %d addressees", o.Awaiting)
	}
	equal(t, "issue without a city", verbs(alone.DutiesOfNotices(law.Today(), false)), []string{"show ENTRY_NOTICE"})
}

// TestArt16LiaisonDuty runs from the issue of the notices, five working days, for a city
// that has no liaison body; the registration meets all that run for the city.
func TestArt16LiaisonDuty(t *testing.T) {
	law := lawOn(t, "2026-02-10")
	steps := task(t, InspectionNoticed).DutiesOfNotices(law.Today(), false)
	equal(t, "issue", verbs(steps), []string{"show ENTRY_NOTICE", "open CITY_BRIEFING", "open LIAISON_REGISTRATION"})
	o := opened(t, law, steps)[regulation.DutyLiaison]
	// 02-15 to 02-23 are off, 02-14 and 02-28 are worked.
	if o.Due != on(t, "2026-02-24") || o.Start != law.Today() || o.Article != "16" || !o.Soft ||
		o.Obligor != regulation.CityCommittee || !o.CitySees || o.CountySees {
		t.Errorf("opened %+v", o)
	}
	b := RehydrateLiaisonBody(LiaisonBodyRecord{Province: "51", City: "510100", CreateTime: law.Now})
	running := []obligation.Record{
		{Subject: "a", Place: obligation.Place{City: "510100"}}, {Subject: "b", Place: obligation.Place{City: "510300"}},
		{Subject: "c", Place: obligation.Place{City: "510100"}},
	}
	equal(t, "registration", b.DutiesOfRegistration(running), []DutyStep{
		meets("a", regulation.DutyLiaison, law.Today()), meets("c", regulation.DutyLiaison, law.Today()),
	})
}

// TestArt12DutyOfAMovedEntry: what runs counts from the new day, and receipts that
// are there already are held against it.
func TestArt12DutyOfAMovedEntry(t *testing.T) {
	moves := []string{"restart ENTRY_NOTICE", "restart CITY_BRIEFING"}
	again := append(moves[:2:2], "open ENTRY_NOTICE", "meet ENTRY_NOTICE")
	tests := []struct {
		name    string
		from    string
		notices []*EntryNotice
		want    []string
		met     string
	}{
		{"the same day", "2026-03-02", received(t, "2026-02-10", "2026-02-11"), []string{}, ""},
		{"no notices yet", "2026-03-01", nil, moves, ""},
		{"one has signed", "2026-03-01", received(t, "2026-02-10", ""), moves, ""},
		{"both have signed", "2026-03-01", received(t, "2026-02-11", "2026-02-10"), again, "2026-02-11"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps := task(t, InspectionNoticed).DutiesOfReplan(on(t, tt.from), tt.notices)
			equal(t, "steps", verbs(steps), tt.want)
			for _, s := range steps {
				if s.Verb == RestartDuty && s.Opening.Start != on(t, "2026-03-02") {
					t.Errorf("restarted from %s", s.Opening.Start)
				}
				if s.Verb == MeetDuty && s.On != on(t, tt.met) {
					t.Errorf("met on %s", s.On)
				}
				if s.Verb == OpenDuty && (!s.Opening.CountySees || !s.Opening.CitySees) {
					t.Errorf("hidden again: %+v", s.Opening)
				}
			}
		})
	}
}

// TestArt3StayDuty: due on the planned last day.
func TestArt3StayDuty(t *testing.T) {
	r := task(t, InspectionOnSite).Record()
	r.EntryDate, r.OnSiteEndDate = on(t, "2026-03-02"), on(t, "2026-04-01")
	i := RehydrateInspection(r)
	o := opened(t, lawOn(t, "2026-03-02"), i.DutiesOfEntry())[regulation.DutyOnSitePeriod]
	if o.Due != on(t, "2026-03-31") || o.Start != on(t, "2026-03-02") || o.CountySees || o.CitySees {
		t.Errorf("opened %+v", o)
	}
	equal(t, "end", i.DutiesOfOnSiteEnd(), []DutyStep{meets(r.Name(), regulation.DutyOnSitePeriod, on(t, "2026-04-01"))})
}

// TestArt2CoverageDuty: each county in each term that has not ended; met by the entry
// in the term, whenever the feedback came.
func TestArt2CoverageDuty(t *testing.T) {
	term := Term{Province: "51", ID: "t", Start: on(t, "2022-05-31"), End: on(t, "2027-05-30")}
	counties := []County{{Code: "510104", City: "510100"}, {Code: "513221"}}
	steps := term.DutiesOfTerm(counties, map[string]workday.Date{"513221": on(t, "2023-03-01")})
	equal(t, "term", verbs(steps), []string{"open COVERAGE", "open COVERAGE", "meet COVERAGE"})
	if s := steps[2]; s.Opening.Place.County != "513221" || s.On != on(t, "2023-03-01") {
		t.Errorf("met %+v", s)
	}
	o := opened(t, lawOn(t, "2026-01-15"), steps[:1])[regulation.DutyCoverage]
	if o.Due != term.End || o.Start != term.Start || o.Place.City != "510100" || o.Subject != term.Name() || o.CitySees {
		t.Errorf("opened %+v", o)
	}

	for entry, want := range map[string]int{
		"2022-05-30": 0, "2022-05-31": 1, "2027-05-30": 1, "2027-05-31": 0,
	} {
		r := task(t, InspectionFeedbackReceived).Record()
		r.EntryDate = on(t, entry)
		other := o
		other.Place.County = "510105"
		got := RehydrateInspection(r).DutiesOfFeedback([]obligation.Record{o, other})
		if len(got) != want || want == 1 && (got[0].On != on(t, entry) || got[0].Opening.Place.County != "510104") {
			t.Errorf("entry on %s: %+v, want %d", entry, got, want)
		}
	}

	changes := Changes{
		Counties: []County{{Code: "510104"}, {Code: "510199"}}, Opened: []Supervision{{County: "510199", City: "510100"}},
	}
	before := Registered{Counties: map[string]County{"510104": {}}}
	steps = DutiesOfImport(changes, before, []Term{term, {Province: "51", ID: "u"}})
	equal(t, "import", verbs(steps), []string{"open COVERAGE", "open COVERAGE"})
	if p := steps[0].Opening.Place; p.County != "510199" || p.City != "510100" {
		t.Errorf("opened for %+v", p)
	}
}

// TestArt15BriefingDuty is met by the city committee of the duty, and nobody else.
func TestArt15BriefingDuty(t *testing.T) {
	running := []obligation.Record{
		{Subject: "provinces/51/inspections/i", Duty: regulation.DutyCityBriefing, Place: obligation.Place{City: "510100", County: "510104"}},
		{Subject: "provinces/51/inspections/j", Duty: regulation.DutyCityBriefing, Place: obligation.Place{City: "510200", County: "510104"}},
	}
	for party, want := range map[string]int{
		"CITY_COMMITTEE": 1, "DISCIPLINE_ORGAN": 0, "ORGANIZATION_DEPARTMENT": 0, "OTHER_DEPARTMENT": 0,
	} {
		b := Briefing{Province: "51", County: "510104", AuthorParty: party, AuthorCity: "510100", CreateTime: lawOn(t, "2026-02-27").Now}
		steps := b.DutiesOfBriefing(running)
		if len(steps) != want || want == 1 && (steps[0].On != on(t, "2026-02-27") || steps[0].Opening.Subject != running[0].Subject) {
			t.Errorf("%s: %+v", party, steps)
		}
	}
}
