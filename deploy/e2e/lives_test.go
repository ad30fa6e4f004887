package e2e_test

import (
	"sync"
	"testing"
	"time"
)

// Two marks begin the texts that have not come to those for whom they are: what is
// of the inside alone, and what a county has not submitted.
const (
	notForOutside = "〔不外传〕"
	notSubmitted  = "〔未报送〕"
)

// internal is a text that no county and no city ever reads.
func internal(text string) string { return notForOutside + text }

// says is a text that its reader gets with the document it is in.
func (l *life) says(text string) string { return l.mark + text }

// Beside the two neighbours of the world: a county of another city; one whose
// feedback is given and received but not copied to the city, with a plan that is
// not submitted; and one whose feedback is ready to be given.
var (
	wideOnce sync.Once
	far      = &life{county: sichuan + "/counties/510502", city: sichuan + "/cities/510500", leader: "leader-far", member: "member-far"}
	early    = &life{county: sichuan + "/counties/510106", city: sichuan + "/cities/510100", leader: "leader-early", member: "member-early"}
	drafted  = &life{county: sichuan + "/counties/510107", city: sichuan + "/cities/510100", leader: "leader-drafted", member: "member-drafted"}
)

// wideWorld makes the world and these three.
func wideWorld(t *testing.T) {
	t.Helper()
	world(t)
	wideOnce.Do(func() {
		setDay(t, 2012, time.August, 20)
		for _, l := range []*life{far, early, drafted} {
			l.plan(t)
		}
		far.run(t)
		early.runUntilReceipt(t)
		drafted.runUntilMeeting(t)
	})
	if far.item == "" || early.obligation == "" || drafted.feedback == "" {
		t.Fatal("the wide world could not be made; see the first failing test")
	}
}

// runUntilReceipt leaves off where the county knows and its city does not.
func (l *life) runUntilReceipt(t *testing.T) {
	setDay(t, 2012, time.October, 15)
	l.stay(t)
	l.matter = l.draftAtOnce(t).Name
	l.leave(t)
	l.giveFeedback(t, l.draftFeedback(t))
	l.receive(t)
	l.mark = notSubmitted
	l.draftPlan(t)
	setDay(t, 2012, time.December, 18)
	l.obligation = l.reminded(t, "rectification", "clerk", "COUNTY_COMMITTEE", l.county, l.rectification)
}

// runUntilMeeting leaves off where the feedback could be given.
func (l *life) runUntilMeeting(t *testing.T) {
	l.mark = notForOutside
	setDay(t, 2012, time.October, 15)
	l.stay(t)
	l.matter = l.draftAtOnce(t).Name
	l.leave(t)
	l.feedback = l.draftFeedback(t).Name
}
