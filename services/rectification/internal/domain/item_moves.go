package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// The moves of an item. The county's report is a move too, to the state that it
// tells of; setbacks are told as they are.
var (
	reportable   = []ItemState{ItemOpen, ItemInProgress, ItemBasicallyDone, ItemDone}
	inWork       = []ItemState{ItemOpen, ItemInProgress, ItemBasicallyDone, ItemCannotComplete}
	cityVerify   = move[ItemState]{[]ItemState{ItemDone}, ItemCityVerified}
	cityReturn   = move[ItemState]{[]ItemState{ItemDone}, ItemInProgress}
	verifyItem   = move[ItemState]{[]ItemState{ItemCityVerified}, ItemVerified}
	returnItem   = move[ItemState]{[]ItemState{ItemCityVerified}, ItemInProgress}
	verifyNoCity = move[ItemState]{[]ItemState{ItemDone}, ItemVerified}
	returnNoCity = move[ItemState]{[]ItemState{ItemDone}, ItemInProgress}
	closeItem    = move[ItemState]{[]ItemState{ItemVerified}, ItemClosed}
	deferItem    = move[ItemState]{inWork, ItemCannotComplete}
)

// sentBack is the percent of what was called done and is not: less than all of it.
// How much, the county says with its next report.
const sentBack = 99

// Progress is what the county reports of an item.
type Progress struct {
	State    ItemState
	Percent  int32
	Text     string
	Evidence []Evidence
}

// Act is who does something, and when.
type Act struct {
	By  string // subject
	Now time.Time
}

// Report records what the county did (整改落实, arts 15(3), 17). What it called done
// stays done until others have looked at it; it may hand in more.
func (i *Item) Report(p Progress, act Act) error {
	from := inWork
	if p.State == ItemDone {
		from = append(slices.Clone(inWork), ItemDone)
	}
	if err := require(i.r.State, artPlan, itemState, from...); err != nil {
		return err
	}
	if !slices.Contains(reportable, p.State) {
		return fault.Refuse(artPlan, itemState, "state", string(p.State))
	}
	if (p.State == ItemDone) != (p.Percent == 100) {
		return fault.Refuse(artPlan, "PERCENT_INVALID")
	}
	for n, e := range p.Evidence {
		if e.Date.After(workday.DateOf(act.Now)) {
			return outOfOrder(artPlan, e.Date)
		}
		if e.Uploaded.IsZero() { // on paper
			p.Evidence[n].Uploaded = act.Now
		}
	}
	i.r.State, i.r.Percent, i.r.Progress, i.r.Evidence = p.State, p.Percent, p.Text, p.Evidence
	i.r.Implementer, i.r.CityVerifier, i.r.Opinion, i.r.UpdateTime = act.By, "", "", act.Now
	return nil
}

// PickItems gives the items with these numbers, in their order; a report on what
// is no item is a report on nothing (art. 17).
func PickItems(found map[int32]*Item, numbers []int32) ([]*Item, error) {
	items := make([]*Item, len(numbers))
	var unknown []int32
	for n, number := range numbers {
		if items[n] = found[number]; items[n] == nil {
			unknown = append(unknown, number)
		}
	}
	if len(unknown) > 0 {
		return nil, fault.Refuse(artPlan, "ITEM_UNKNOWN", "items", list(unknown))
	}
	return items, nil
}

// VerifyByCity is the city's check of what the county calls done (督促, 督办, arts
// 15(3), 16).
func (i *Item) VerifyByCity(v Verdict, opinion string, act Act) error {
	m := cityVerify
	if v == Return {
		m = cityReturn
	}
	if err := i.judge(m, v, opinion, artGuidance, act.Now); err != nil {
		return err
	}
	if v == Pass {
		i.r.CityVerifier = act.By
	}
	return nil
}

// Verify is the check of office or group, after that of the city; where there is
// no city, it is on record that there is none (art. 17).
func (i *Item) Verify(v Verdict, opinion string, reason NotApplicable, act Act) error {
	if i.r.Place.HasCity() != (reason == Applies) {
		return fault.Refuse(artGuidance, "ITEM_CITY_APPLICABILITY")
	}
	pass, back := verifyItem, returnItem
	if !i.r.Place.HasCity() {
		pass, back = verifyNoCity, returnNoCity
	} else if i.r.State == ItemDone {
		return fault.Refuse(artGuidance, "ITEM_CITY_NOT_VERIFIED", "state", string(i.r.State))
	}
	m := pass
	if v == Return {
		m = back
	}
	if err := i.judge(m, v, opinion, artPlan, act.Now); err != nil {
		return err
	}
	if v == Pass {
		i.r.Verifier, i.r.CityNotApplicable = act.By, reason
	}
	return nil
}

// judge takes one of two moves: a return with its reason, a pass with none.
func (i *Item) judge(m move[ItemState], v Verdict, opinion, article string, now time.Time) error {
	if err := require(i.r.State, article, itemState, m.from...); err != nil {
		return err
	}
	if blank := strings.TrimSpace(opinion) == ""; v == Return && blank {
		return fault.Refuse(article, "OPINION_REQUIRED")
	} else if v == Pass && !blank {
		return fault.Refuse(article, "OPINION_WITH_PASS")
	}
	if v == Return {
		i.r.Percent = sentBack
	}
	i.r.Opinion = opinion
	return i.step(m, article, now)
}

// Close ends an item (对账销号, art. 17). By the rule of two persons nobody closes
// what he has reported or verified himself.
func (i *Item) Close(act Act) error {
	if err := require(i.r.State, artPlan, itemState, closeItem.from...); err != nil {
		return err
	}
	if i.r.TwoPersons && slices.Contains([]string{i.r.Implementer, i.r.CityVerifier, i.r.Verifier}, act.By) {
		return fault.Refuse(artPlan, "SECOND_PERSON_REQUIRED")
	}
	i.r.Closer = act.By
	return i.step(closeItem, artPlan, act.Now)
}

// Deferral is that an item cannot be completed in time.
type Deferral struct {
	Decision string // id of that of the leading group
	Covered  bool   // what scheduling says of the decision
	Reason   string
	Due      workday.Date
}

// Defer sets another day for an item that cannot be completed in time; only a
// decision of the leading group does that (arts 5, 17).
func (i *Item) Defer(d Deferral, now time.Time) error {
	if err := require(i.r.State, artPlan, itemState, deferItem.from...); err != nil {
		return err
	}
	if !d.Covered || d.Decision == i.r.Decision { // a decision puts it off once
		return fault.Refuse(artDecision, "DEFERRAL_NOT_DECIDED")
	}
	if !d.Due.After(i.r.Due) || !d.Due.After(workday.DateOf(now)) {
		return outOfOrder(artPlan, d.Due)
	}
	i.r.Decision, i.r.Opinion, i.r.Due = d.Decision, d.Reason, d.Due
	return i.step(deferItem, artPlan, now)
}

// LookBack is what was found wanting in a closed item, and what is to be done now.
type LookBack struct {
	ID          string // of the new item
	Number      int32  // the next of the case
	Reason      string
	Description string
	Owner       string
	Due         workday.Date
}

// LookBack gives the new item that a look-back (回头看) makes: what is closed does
// not open again, whatever the state of its case (art. 17).
func (i *Item) LookBack(b LookBack, now time.Time) (*Item, error) {
	if err := require(i.r.State, artPlan, itemState, ItemClosed); err != nil {
		return nil, err
	}
	if !b.Due.After(workday.DateOf(now)) {
		return nil, outOfOrder(artPlan, b.Due)
	}
	return &Item{ItemRecord{
		ID: b.ID, Rectification: i.r.Rectification, Place: i.r.Place, CityMaySee: i.r.CityMaySee,
		Measure: Measure{Number: b.Number, Problems: i.r.Measure.Problems, Description: b.Description, Owner: b.Owner, Due: b.Due},
		Due:     b.Due, State: ItemOpen, Opinion: b.Reason, LooksBackAt: i.r.ID, TwoPersons: i.r.TwoPersons,
		Version: 1, CreateTime: now, UpdateTime: now,
	}}, nil
}

func (i *Item) step(m move[ItemState], article string, now time.Time) error {
	if err := m.apply(&i.r.State, article, itemState); err != nil {
		return err
	}
	i.r.UpdateTime = now
	return nil
}
