package domain

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// TestArt5Approve: a draft with an inspection, by a decision that names this very
// batch; every other case is refused and changes nothing.
func TestArt5Approve(t *testing.T) {
	decision := func(kind DecisionKind, subject string) *Decision {
		return RehydrateDecision(DecisionRecord{Province: "51", ID: "d", CreateTime: time.Unix(1, 0), Items: []DecisionItem{
			{Kind: AgreeReport, Subject: "provinces/51/inspectionReports/r"}, {Kind: kind, Subject: subject},
		}})
	}
	one := Scheme{Inspections: 1, ChangeTime: time.Unix(1, 0)}
	good := decision(ApproveBatch, "provinces/51/batches/b")
	tests := []struct {
		name     string
		state    BatchState
		decision *Decision
		scheme   Scheme
		want     string
	}{
		{"lawful", BatchDraft, good, one, ""},
		{"approved already", BatchApproved, good, one, ReasonBatchState},
		{"ended", BatchEnded, good, one, ReasonBatchState},
		{"empty", BatchDraft, good, Scheme{}, ReasonBatchEmpty},
		{"changed since", BatchDraft, good, Scheme{1, time.Unix(1, 1000)}, ReasonSchemeChanged},
		{"another batch", BatchDraft, decision(ApproveBatch, "provinces/51/batches/c"), one, ReasonDecisionDoesNotCover},
		{"another matter", BatchDraft, decision(CloseRectification, "provinces/51/batches/b"), one, ReasonDecisionDoesNotCover},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := batchIn(tt.state)
			before := b.Record()
			wantReason(t, b.Approve(tt.decision, tt.scheme, time.Unix(1, 0)), tt.want)
			switch {
			case tt.want == "" && (b.Record().State != BatchApproved || b.Record().Decision != "d"):
				t.Errorf("approved as %+v", b.Record())
			case tt.want != "" && !cmp.Equal(before, b.Record()):
				t.Error("a refused approval changed the batch")
			}
		})
	}
}

// TestArt5DecisionIsNotOfTheFuture: today's meeting counts, tomorrow's does not.
func TestArt5DecisionIsNotOfTheFuture(t *testing.T) {
	for decided, want := range map[string]string{
		"2026-01-14": "", "2026-01-15": "", "2026-01-16": ReasonDecisionInFuture,
	} {
		d, err := NewDecision(DecisionRecord{DecideDate: on(t, decided)}, on(t, "2026-01-15"))
		wantReason(t, err, want)
		if (d == nil) != (want != "") {
			t.Errorf("of %s: decision %v", decided, d)
		}
	}
}

// TestArt15CityBriefsOnItsOwnCounties, a provincial body on any (art. 12(3)).
func TestArt15CityBriefsOnItsOwnCounties(t *testing.T) {
	city, provincial := Briefing{AuthorCity: "510100"}, Briefing{}
	wantReason(t, city.CheckJurisdiction(true), "")
	wantReason(t, city.CheckJurisdiction(false), ReasonCountyOutsideJurisdiction)
	wantReason(t, provincial.CheckJurisdiction(false), "")
}

// TestArt5HearingClock starts with the last inspection that leaves, from the
// latest on-site day.
func TestArt5HearingClock(t *testing.T) {
	law := lawOn(t, "2026-08-31")
	b := batchIn(BatchApproved)
	err := b.RecordOnSiteEnd(1, on(t, "2026-08-31"), law.Now)
	if err != nil || b.Record().State != BatchApproved || len(b.DutiesOfEnd()) > 0 {
		t.Fatalf("with one still on site: %s, %v", b.Record().State, err)
	}
	if err := b.RecordOnSiteEnd(0, on(t, "2026-08-31"), law.Now); err != nil {
		t.Fatal(err)
	}
	if r := b.Record(); r.State != BatchEnded || r.EndDate != on(t, "2026-08-31") {
		t.Errorf("ended as %+v", r)
	}
	o := opened(t, law, b.DutiesOfEnd())[regulation.DutyHearing]
	if o.Due != on(t, "2026-10-16") || o.Article != "5" || !o.Soft || o.Subject != b.Record().Name() {
		t.Errorf("hearing %+v", o)
	}
	for _, state := range []BatchState{BatchDraft, BatchEnded} {
		wantReason(t, batchIn(state).RecordOnSiteEnd(0, on(t, "2026-08-31"), law.Now), ReasonBatchState)
	}
}

// TestArt5Hearing: of a batch that ended, once, from its last day to today.
func TestArt5Hearing(t *testing.T) {
	tests := []struct {
		name, day, heard string
		state            BatchState
		want             string
	}{
		{"a draft", "2026-09-01", "", BatchDraft, ReasonBatchState},
		{"still running", "2026-09-01", "", BatchApproved, ReasonBatchState},
		{"before it ended", "2026-08-30", "", BatchEnded, ReasonHearingDate},
		{"on the day it ended", "2026-08-31", "", BatchEnded, ""},
		{"today", "2026-10-19", "", BatchEnded, ""},
		{"tomorrow", "2026-10-20", "", BatchEnded, ReasonHearingDate},
		{"again", "2026-10-19", "2026-10-16", BatchEnded, ReasonHearingRecorded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := batchIn(tt.state).Record()
			if tt.state == BatchEnded {
				r.EndDate = on(t, "2026-08-31")
			}
			if tt.heard != "" {
				r.HearingDate = on(t, tt.heard)
			}
			b := RehydrateBatch(r)
			err := b.RecordHearing(on(t, tt.day), on(t, "2026-10-19").Time().Add(9*time.Hour))
			wantReason(t, err, tt.want)
			if tt.want != "" {
				if f, _ := fault.As(err); f.Meta[fault.MetaArticle] != "5" || !cmp.Equal(r, b.Record()) {
					t.Errorf("refused as %v, left %+v", err, b.Record())
				}
				return
			}
			if b.Record().HearingDate != on(t, tt.day) {
				t.Errorf("heard as %+v", b.Record())
			}
			equal(t, "met", b.DutiesOfHearing(), []DutyStep{meets(r.Name(), regulation.DutyHearing, on(t, tt.day))})
		})
	}
}

// TestArt12GroupHasOneLeader (组长负责制), and each person once.
func TestArt12GroupHasOneLeader(t *testing.T) {
	tests := []struct {
		name    string
		members []GroupMember
		want    string
	}{
		{"none", []GroupMember{{"a", "a", Member}}, ReasonGroupLeaderRequired},
		{"two", []GroupMember{{"a", "a", Leader}, {"b", "b", Leader}}, ReasonGroupLeaderRequired},
		{"deputy is none", []GroupMember{{"a", "a", DeputyLeader}}, ReasonGroupLeaderRequired},
		{"twice in it", []GroupMember{{"a", "a", Leader}, {"a", "a", Member}}, "FIELD_INVALID"},
		{"lawful", []GroupMember{{"a", "a", Leader}, {"b", "b", DeputyLeader}, {"c", "c", Member}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := FormGroup("51", "g", "一组", tt.members, time.Time{})
			wantReason(t, err, tt.want)
		})
	}
}

// TestArt12RemoveMember: recusal of a member, never of the leader.
func TestArt12RemoveMember(t *testing.T) {
	g := group(t)
	_, err := g.RemoveMember("li", "任职回避", time.Time{})
	wantReason(t, err, ReasonGroupLeaderRequired)
	_, err = g.RemoveMember("zhao", "任职回避", time.Time{})
	wantReason(t, err, ReasonGroupMemberUnknown)
	before := g.Record()
	removed, err := g.RemoveMember("wang", "地域回避", time.Unix(5, 0))
	wantReason(t, err, "")
	if removed != (Removal{"wang", "地域回避", time.Unix(5, 0)}) || len(g.Record().Members) != 1 {
		t.Errorf("removed %+v, left %v", removed, g.Record().Members)
	}
	if len(before.Members) != 2 || before.Members[1].Subject != "wang" {
		t.Error("a record taken before changed with the group")
	}
	_, err = g.RemoveMember("wang", "再次", time.Time{})
	wantReason(t, err, ReasonGroupMemberUnknown)
}

// TestArt2TermIsNotInverted; one day is a term.
func TestArt2TermIsNotInverted(t *testing.T) {
	_, err := NewTerm("51", "t", "届", on(t, "2027-05-30"), on(t, "2022-05-31"), time.Time{})
	wantReason(t, err, "PERIOD_INVERTED")
	_, err = NewTerm("51", "t", "届", on(t, "2027-05-30"), on(t, "2027-05-30"), time.Time{})
	wantReason(t, err, "")
}

// FuzzReadRegistry: whatever is uploaded is read or refused line by line, and what
// is read belongs to the province.
func FuzzReadRegistry(f *testing.F) {
	for _, s := range []string{
		"", registryHeader, registryHeader + "\n510000,四川省,province,,,\n510100,成都市,city,510000,,\n510104,锦江区,county,510100,11,76\n",
		byteOrderMark + registryHeader + "\r\n441900,东莞市,county,441900,36,609\r\n", "a\n\"\n,,,,,\n\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadRegistry("51", text)
		if err != nil {
			wantReason(t, err, ReasonRegistryLine)
			return
		}
		for _, d := range append(r.Cities, r.Counties...) {
			if d.Code[:2] != "51" || d.Name == "" || d.Townships < 0 || d.Line < 2 {
				t.Fatalf("took %+v from %q", d, text)
			}
		}
	})
}
