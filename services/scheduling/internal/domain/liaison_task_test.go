package domain

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func bodyOf(city string) *LiaisonBody {
	return RehydrateLiaisonBody(LiaisonBodyRecord{Province: "51", ID: "l", City: city, Version: 1})
}

// TestArt16LiaisonTaskInEveryState: every move in every state, and what a refused one
// leaves.
func TestArt16LiaisonTaskInEveryState(t *testing.T) {
	now := lawOn(t, "2026-03-02").Now
	moves := []struct {
		verb string
		from []LiaisonTaskState
		to   LiaisonTaskState
		do   func(*LiaisonTask) error
		sets func(*LiaisonTaskRecord)
	}{
		{"accept", []LiaisonTaskState{LiaisonTaskAssigned}, LiaisonTaskAccepted,
			func(task *LiaisonTask) error { return task.Accept(now) },
			func(r *LiaisonTaskRecord) { r.AcceptTime = now }},
		{"complete", []LiaisonTaskState{LiaisonTaskAccepted}, LiaisonTaskDone,
			func(task *LiaisonTask) error { return task.Complete("已办", "李四", now) },
			func(r *LiaisonTaskRecord) { r.Answer, r.Signer, r.AnswerTime = "已办", "李四", now }},
		{"return", []LiaisonTaskState{LiaisonTaskAssigned, LiaisonTaskAccepted}, LiaisonTaskReturned,
			func(task *LiaisonTask) error { return task.Return("非本机构职责", "李四", now) },
			func(r *LiaisonTaskRecord) { r.Answer, r.Signer, r.AnswerTime = "非本机构职责", "李四", now }},
		{"close", []LiaisonTaskState{LiaisonTaskDone, LiaisonTaskReturned}, LiaisonTaskClosed,
			func(task *LiaisonTask) error { return task.Close(ByGroup, " 同意 ", now) },
			func(r *LiaisonTaskRecord) { r.ClosingRemark, r.CloseTime = "同意", now }},
	}
	for _, m := range moves {
		for _, s := range LiaisonTaskStates() {
			t.Run(m.verb+"/"+string(s), func(t *testing.T) {
				want := LiaisonTaskRecord{Assigner: ByGroup, State: s, Version: 1}
				task := RehydrateLiaisonTask(want)
				err := m.do(task)
				if slices.Contains(m.from, s) {
					if err != nil {
						t.Fatal(err)
					}
					want.State, want.UpdateTime = m.to, now
					m.sets(&want)
				} else if f, ok := fault.As(err); !ok || f.Reason != ReasonLiaisonTaskState || f.Meta["article"] != "16" || f.Meta["state"] != string(s) {
					t.Errorf("got %v", err)
				}
				if diff := cmp.Diff(want, task.Record()); diff != "" {
					t.Errorf("record (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestArt16WhoClosesATask: the office any, a group what a group assigned.
func TestArt16WhoClosesATask(t *testing.T) {
	for _, tt := range []struct {
		assigned, by Assigner
		reason       string
	}{
		{ByOffice, ByOffice, ""}, {ByGroup, ByGroup, ""}, {ByGroup, ByOffice, ""}, {ByOffice, ByGroup, ReasonLiaisonTaskOfOther},
	} {
		task := RehydrateLiaisonTask(LiaisonTaskRecord{Assigner: tt.assigned, State: LiaisonTaskDone})
		err := task.Close(tt.by, "", time.Time{})
		if f, ok := fault.As(err); tt.reason == "" && err != nil || tt.reason != "" && (!ok || f.Reason != tt.reason || f.Meta["article"] != "16") {
			t.Errorf("%s by %s: %v", tt.assigned, tt.by, err)
		}
	}
}

// TestArt16AssignInEveryStateOfTheInspection: no city learns of an inspection by a task.
func TestArt16AssignInEveryStateOfTheInspection(t *testing.T) {
	law := lawOn(t, "2026-03-02")
	text := LiaisonTaskText{"协调", "协调入户", law.Today()}
	for _, s := range InspectionStates() {
		assigned, err := AssignTask("t", bodyOf("510100"), task(t, s), ByGroup, text, law.Now)
		if s == InspectionPlanned || s == InspectionAuthorized {
			if f, ok := fault.As(err); !ok || f.Reason != ReasonCityNotNotified || f.Meta["article"] != "12(2)" {
				t.Errorf("in %s: %v", s, err)
			}
			continue
		}
		if err != nil || assigned.Record().Inspection != "i" || assigned.Record().City != "510100" || assigned.Record().State != LiaisonTaskAssigned {
			t.Errorf("in %s: %v, %v", s, assigned, err)
		}
	}
	for _, tt := range []struct {
		name   string
		to     *LiaisonBody
		about  *Inspection
		by     Assigner
		due    workday.Date
		reason string
	}{
		{"another city's body", bodyOf("510300"), task(t, InspectionOnSite), ByOffice, law.Today(), ReasonLiaisonBodyOfOtherCity},
		{"a group about nothing", bodyOf("510100"), nil, ByGroup, law.Today(), fault.ReasonFieldInvalid},
		{"due yesterday", bodyOf("510100"), nil, ByOffice, law.Today().AddDays(-1), fault.ReasonFieldInvalid},
		{"the office about nothing", bodyOf("510100"), nil, ByOffice, law.Today(), ""},
	} {
		_, err := AssignTask("t", tt.to, tt.about, tt.by, LiaisonTaskText{"协调", "协调", tt.due}, law.Now)
		if f, ok := fault.As(err); tt.reason == "" && err != nil || tt.reason != "" && (!ok || f.Reason != tt.reason) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
