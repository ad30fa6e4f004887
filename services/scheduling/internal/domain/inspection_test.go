package domain

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func lawOn(t *testing.T, today string) Law {
	t.Helper()
	book, err := regulation.Load()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := workday.National()
	if err != nil {
		t.Fatal(err)
	}
	day := on(t, today)
	rules, err := book.Select(regulation.County, day)
	if err != nil {
		t.Fatal(err)
	}
	return Law{Rules: rules, Calendar: calendar.KnownAt(day), Now: day.Time().Add(9 * time.Hour)}
}

func on(t *testing.T, day string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// task is an inspection in a state, planned for 2026-03-02 to 2026-03-31.
func task(t *testing.T, state InspectionState) *Inspection {
	t.Helper()
	return RehydrateInspection(InspectionRecord{
		Province: "51", ID: "i", Batch: "b", County: "510104", City: "510100", State: state,
		PlannedEntry: on(t, "2026-03-02"), PlannedEnd: on(t, "2026-03-31"), Version: 1,
	})
}

func batchIn(state BatchState) *Batch {
	return RehydrateBatch(BatchRecord{Province: "51", ID: "b", State: state, Version: 1})
}

func group(t *testing.T) *Group {
	t.Helper()
	g, err := FormGroup("51", "g", "一组", []GroupMember{{"li", "李", Leader}, {"wang", "王", Member}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// received are the notices to both addressees, signed for on these days; "" for
// not at all.
func received(t *testing.T, county, city string) []*EntryNotice {
	t.Helper()
	notice := func(kind AddresseeKind, day string) *EntryNotice {
		r := EntryNoticeRecord{Province: "51", Inspection: "i", Addressee: kind, IssueTime: on(t, "2026-01-15").Time()}
		if day != "" {
			r.ReceiveTime, r.Receiver = on(t, day).Time().Add(17*time.Hour), "张三"
		}
		return RehydrateEntryNotice(r)
	}
	return []*EntryNotice{notice(ToCounty, county), notice(ToCity, city)}
}

// onStay is a decision to extend the stay of an inspection.
func onStay(id string, i *Inspection) *Decision {
	return RehydrateDecision(DecisionRecord{Province: "51", ID: id,
		Items: []DecisionItem{{Kind: ExtendOnSite, Subject: i.Record().Name()}}})
}

// TestArt3Extension: on the last day still, to a later day, by a decision on this very
// stay that has not extended it before.
func TestArt3Extension(t *testing.T) {
	other := RehydrateInspection(InspectionRecord{Province: "51", ID: "other"})
	agreed := RehydrateDecision(DecisionRecord{Province: "51", ID: "d",
		Items: []DecisionItem{{Kind: ExtendObligation, Subject: task(t, InspectionOnSite).Record().Name()}}})
	for _, tt := range []struct {
		name, today, end string
		by               *Decision
		used             bool
		article, reason  string
	}{
		{"in the middle", "2026-03-16", "2026-04-01", onStay("d", task(t, InspectionOnSite)), false, "", ""},
		{"on the last day, past any band", "2026-03-31", "2026-06-30", onStay("d", task(t, InspectionOnSite)), false, "", ""},
		{"again", "2026-03-31", "2026-04-30", onStay("d", task(t, InspectionOnSite)), false, "", ""},
		{"the day after", "2026-04-01", "2026-04-30", onStay("d", task(t, InspectionOnSite)), false, "3", ReasonOnSiteOver},
		{"to the same day", "2026-03-16", "2026-03-31", onStay("d", task(t, InspectionOnSite)), false, "3", ReasonOnSiteEndNotLater},
		{"to an earlier one", "2026-03-16", "2026-03-20", onStay("d", task(t, InspectionOnSite)), false, "3", ReasonOnSiteEndNotLater},
		{"by a decision on another stay", "2026-03-16", "2026-04-30", onStay("d", other), false, "5", ReasonDecisionDoesNotCover},
		{"by a decision on something else", "2026-03-16", "2026-04-30", agreed, false, "5", ReasonDecisionDoesNotCover},
		{"by the same decision", "2026-03-16", "2026-04-30", onStay("d", task(t, InspectionOnSite)), true, "3", ReasonOnSiteDecisionUsed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := task(t, InspectionOnSite)
			before := i.Record()
			err := i.ExtendOnSite(lawOn(t, tt.today), on(t, tt.end), tt.by, tt.used)
			if tt.reason == "" {
				if err != nil || i.Record().PlannedEnd != on(t, tt.end) {
					t.Fatalf("ends %s, %v", i.Record().PlannedEnd, err)
				}
				equal(t, "duties", i.DutiesOfExtension(tt.by), []DutyStep{{Verb: ExtendDuty, On: on(t, tt.end), By: DecisionName("51", "d"),
					Opening: obligation.Opening{Subject: before.Name(), Duty: regulation.DutyOnSitePeriod}}})
				return
			}
			if f, ok := fault.As(err); !ok || f.Reason != tt.reason || f.Meta["article"] != tt.article {
				t.Fatalf("got %v, want %s of art. %s", err, tt.reason, tt.article)
			}
			if diff := cmp.Diff(before, i.Record()); diff != "" {
				t.Errorf("a refused extension changed (-before +after):\n%s", diff)
			}
		})
	}
}

// TestEveryMoveFromEveryState holds each move of an inspection against all states:
// the lawful ones move, the others are refused and change nothing.
func TestEveryMoveFromEveryState(t *testing.T) {
	moves := []struct {
		verb, article string
		from          []InspectionState
		to            InspectionState // "" if the state stays
		do            func(*Inspection) error
	}{
		{"replan", "3", []InspectionState{InspectionPlanned, InspectionAuthorized, InspectionNoticed}, "",
			func(i *Inspection) error {
				return i.Replan(lawOn(t, "2026-01-15"), Period{Entry: on(t, "2026-03-09"), End: on(t, "2026-04-07")})
			}},
		{"authorize", "5", []InspectionState{InspectionPlanned}, InspectionAuthorized, func(i *Inspection) error {
			return i.Authorize(lawOn(t, "2026-01-15"), batchIn(BatchApproved), group(t))
		}},
		{"issueNotices", "12(2)", []InspectionState{InspectionAuthorized}, InspectionNoticed, func(i *Inspection) error {
			_, err := i.IssueNotices(lawOn(t, "2026-01-15"), "1", NoticeIDs{"x", "y"})
			return err
		}},
		{"confirmEntry", "12(4)", []InspectionState{InspectionNoticed}, InspectionOnSite, func(i *Inspection) error {
			return i.ConfirmEntry(lawOn(t, "2026-03-02"), received(t, "2026-01-16", "2026-01-16"))
		}},
		{"extendOnSite", "3", []InspectionState{InspectionOnSite}, "", func(i *Inspection) error {
			return i.ExtendOnSite(lawOn(t, "2026-03-31"), on(t, "2026-04-10"), onStay("d", i), false)
		}},
		{"endOnSite", "3", []InspectionState{InspectionOnSite}, InspectionOnSiteEnded, func(i *Inspection) error {
			return i.EndOnSite(lawOn(t, "2026-03-31").Now)
		}},
		{"receiveFeedback", "11", []InspectionState{InspectionOnSiteEnded}, InspectionFeedbackReceived,
			func(i *Inspection) error {
				return i.ReceiveFeedback(on(t, "2026-06-01"), lawOn(t, "2026-06-01").Now)
			}},
		{"close", "17", []InspectionState{InspectionFeedbackReceived}, InspectionClosed, func(i *Inspection) error {
			return i.Close(on(t, "2026-12-01"), lawOn(t, "2026-12-01").Now)
		}},
	}
	if len(moves) != len(inspectionMoves()) {
		t.Fatalf("%d moves are tested, %d exist", len(moves), len(inspectionMoves()))
	}
	for _, m := range moves {
		for _, state := range InspectionStates() {
			t.Run(m.verb+"/"+string(state), func(t *testing.T) {
				i := task(t, state)
				before := i.Record()
				err := m.do(i)
				if slices.Contains(m.from, state) {
					want := m.to
					if want == "" {
						want = state
					}
					if err != nil || i.Record().State != want {
						t.Fatalf("art. %s: got %s, %v; want %s", m.article, i.Record().State, err, want)
					}
					return
				}
				f, ok := fault.As(err)
				if !ok || f.Reason != ReasonInspectionState || f.Meta["article"] != m.article || f.Meta["state"] != string(state) {
					t.Fatalf("got %v", err)
				}
				if diff := cmp.Diff(before, i.Record()); diff != "" {
					t.Errorf("a refused move changed (-before +after):\n%s", diff)
				}
			})
		}
	}
}

// TestArt3Band: a stay of 20 to 45 days is as usual, another needs a reason, and
// none ends before it begins.
func TestArt3Band(t *testing.T) {
	tests := []struct {
		end, reason, want string
	}{
		{"2026-03-20", "", "PERIOD_NEEDS_REASON"}, // 19 days
		{"2026-03-20", " \t", "PERIOD_NEEDS_REASON"},
		{"2026-03-20", "人口较少", ""},
		{"2026-03-21", "", ""}, // 20
		{"2026-04-15", "", ""}, // 45
		{"2026-04-16", "", "PERIOD_NEEDS_REASON"},
		{"2026-04-16", "问题较多", ""},
		{"2026-03-01", "问题较多", "PERIOD_INVERTED"},
	}
	for _, tt := range tests {
		t.Run(tt.end+tt.reason, func(t *testing.T) {
			p := Period{Entry: on(t, "2026-03-02"), End: on(t, tt.end), Reason: tt.reason}
			_, err := PlanInspection(lawOn(t, "2026-01-15"), batchIn(BatchDraft), "i", "510104", "510100", p)
			wantReason(t, err, tt.want)
		})
	}
}

// TestArt5BatchState: only drafts take inspections, only approved batches give tasks.
func TestArt5BatchState(t *testing.T) {
	p := Period{Entry: on(t, "2026-03-02"), End: on(t, "2026-03-31")}
	for _, state := range BatchStates() {
		want := map[bool]string{false: ReasonBatchState}
		_, err := PlanInspection(lawOn(t, "2026-01-15"), batchIn(state), "i", "510104", "", p)
		wantReason(t, err, want[state == BatchDraft])
		err = task(t, InspectionPlanned).Authorize(lawOn(t, "2026-01-15"), batchIn(state), group(t))
		wantReason(t, err, want[state == BatchApproved])
	}
}

// TestAuthorizePinsTheRuleSet: what is in force on the day goes with the task.
func TestAuthorizePinsTheRuleSet(t *testing.T) {
	i := task(t, InspectionPlanned)
	if err := i.Authorize(lawOn(t, "2026-01-15"), batchIn(BatchApproved), group(t)); err != nil {
		t.Fatal(err)
	}
	r := i.Record()
	if r.RuleSet != regulation.County2012 || r.Group != "g" {
		t.Errorf("got %+v", r)
	}
}

func wantReason(t *testing.T, err error, want string) {
	t.Helper()
	f, _ := fault.As(err)
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (f == nil || f.Reason != want):
		t.Errorf("got %v, want %s", err, want)
	}
}
