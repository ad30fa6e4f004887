package domain

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
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
