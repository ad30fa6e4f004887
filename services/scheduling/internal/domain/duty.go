package domain

import (
	"slices"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// DutyVerb is what an event does to an obligation.
type DutyVerb string

// The verbs.
const (
	OpenDuty    DutyVerb = "open"
	MeetDuty    DutyVerb = "meet"
	RestartDuty DutyVerb = "restart"
	ExtendDuty  DutyVerb = "extend"
	ShowDuty    DutyVerb = "show" // to county and city, who were notified of what it is about
)

// DutyStep is what an event of a case does to one obligation. Of an obligation that
// runs already, the opening has no more than its subject, its duty, its county where
// the subject has many, and the days that it is restarted with. A step on one that
// does not run does nothing.
type DutyStep struct {
	Verb    DutyVerb
	Opening obligation.Opening
	On      workday.Date // of MeetDuty: the day on which it was met; of ExtendDuty: the new end
	By      string       // of ExtendDuty: the decision
}

func opens(in obligation.Opening) DutyStep { return DutyStep{Verb: OpenDuty, Opening: in} }

func meets(subject string, duty regulation.DutyName, on workday.Date) DutyStep {
	return DutyStep{Verb: MeetDuty, Opening: obligation.Opening{Subject: subject, Duty: duty}, On: on}
}

// DutiesOfTerm are that each county is inspected within the term (art. 2). covered
// are the counties that an inspection covers already, with its day of entry.
func (t Term) DutiesOfTerm(counties []County, covered map[string]workday.Date) []DutyStep {
	steps := make([]DutyStep, 0, len(counties)+len(covered))
	for _, c := range counties {
		steps = append(steps, opens(t.coverage(c.Code, c.City)))
		if entered, there := covered[c.Code]; there {
			steps = append(steps, t.covers(c.Code, entered))
		}
	}
	return steps
}

func (t Term) coverage(county, city string) obligation.Opening {
	return obligation.Opening{
		Duty: regulation.DutyCoverage, Subject: t.Name(),
		Place: obligation.Place{Province: t.Province, City: city, County: county},
		Start: t.Start, Planned: t.End,
	}
}

// covers: the county was inspected in time if the group entered in the term, however
// late the feedback that makes the inspection count.
func (t Term) covers(county string, entered workday.Date) DutyStep {
	step := meets(t.Name(), regulation.DutyCoverage, entered)
	step.Opening.Place.County = county
	return step
}

// DutiesOfImport are that the counties which an import adds are inspected within the
// terms that have not ended (art. 2). before is what was registered.
func DutiesOfImport(c Changes, before Registered, terms []Term) []DutyStep {
	city := make(map[string]string, len(c.Opened))
	for _, s := range c.Opened {
		city[s.County] = s.City
	}
	var steps []DutyStep
	for _, county := range c.Counties {
		if _, there := before.Counties[county.Code]; there {
			continue
		}
		for _, t := range terms {
			steps = append(steps, opens(t.coverage(county.Code, city[county.Code])))
		}
	}
	return steps
}

// DutiesOfAuthorization are the notices of entry (art. 12(2)). Nobody outside learns
// of the inspection before they are out.
func (i *Inspection) DutiesOfAuthorization() []DutyStep { return []DutyStep{opens(i.noticeDuty())} }

func (i *Inspection) noticeDuty() obligation.Opening {
	addressees := 1
	if i.r.City != "" {
		addressees = 2
	}
	return obligation.Opening{
		Duty: regulation.DutyEntryNotice, Subject: i.r.Name(), Place: i.place(),
		Start: i.r.PlannedEntry, Addressees: addressees,
	}
}

func (i *Inspection) place() obligation.Place {
	return obligation.Place{Province: i.r.Province, City: i.r.City, County: i.r.County, Inspection: i.r.ID}
}

// DutiesOfReplan follow a planned entry that moved from the given day. Notices that
// everybody has signed for are held against the new day as the entry itself will be:
// what they met in time for the old one may be late for it, and the other way round
// (art. 12(2)).
func (i *Inspection) DutiesOfReplan(from workday.Date, notices []*EntryNotice) []DutyStep {
	if i.r.PlannedEntry == from {
		return nil
	}
	steps := []DutyStep{i.restarts(regulation.DutyEntryNotice), i.restarts(regulation.DutyCityBriefing)}
	signed := lastReceipt(notices)
	if signed.IsZero() {
		return steps
	}
	again := i.noticeDuty()
	again.Addressees, again.CountySees, again.CitySees = 0, true, i.r.City != ""
	return append(steps, opens(again), meets(i.r.Name(), regulation.DutyEntryNotice, signed))
}

func (i *Inspection) restarts(duty regulation.DutyName) DutyStep {
	return DutyStep{Verb: RestartDuty, Opening: obligation.Opening{
		Subject: i.r.Name(), Duty: duty, Start: i.r.PlannedEntry,
	}}
}

// lastReceipt is the day on which the last of the notices was signed for; zero while
// one is not, or none is out.
func lastReceipt(notices []*EntryNotice) workday.Date {
	var last workday.Date
	for _, n := range notices {
		if n.r.ReceiveTime.IsZero() {
			return workday.Date{}
		}
		last = slices.MaxFunc([]workday.Date{last, workday.DateOf(n.r.ReceiveTime)}, workday.Date.Compare)
	}
	return last
}

// DutiesOfNotices: the addressees know of the notices from now on, and the city has
// to brief the group before it enters (arts 12(2), 15(1)). A city that has no liaison
// body on the day of the issue has to register one (art. 16).
func (i *Inspection) DutiesOfNotices(issued workday.Date, liaison bool) []DutyStep {
	steps := []DutyStep{{Verb: ShowDuty, Opening: obligation.Opening{
		Subject: i.r.Name(), Duty: regulation.DutyEntryNotice,
	}}}
	if i.r.City == "" {
		return steps
	}
	steps = append(steps, opens(obligation.Opening{
		Duty: regulation.DutyCityBriefing, Subject: i.r.Name(), Place: i.place(),
		Start: i.r.PlannedEntry, CitySees: true,
	}))
	if liaison {
		return steps
	}
	return append(steps, opens(obligation.Opening{
		Duty: regulation.DutyLiaison, Subject: i.r.Name(), Place: i.place(), Start: issued, CitySees: true,
	}))
}

// DutiesOfRegistration: the city has the liaison body that it owed for each of its
// counties under notice (art. 16). running are those obligations.
func (b *LiaisonBody) DutiesOfRegistration(running []obligation.Record) []DutyStep {
	var steps []DutyStep
	for _, r := range running {
		if r.Place.City == b.r.City {
			steps = append(steps, meets(r.Subject, regulation.DutyLiaison, workday.DateOf(b.r.CreateTime)))
		}
	}
	return steps
}

// DutiesOfReceipt: one addressee has the notice (art. 12(2)).
func (n *EntryNotice) DutiesOfReceipt() []DutyStep {
	task := InspectionName(n.r.Province, n.r.Inspection)
	return []DutyStep{meets(task, regulation.DutyEntryNotice, workday.DateOf(n.r.ReceiveTime))}
}

// DutiesOfEntry: the group leaves by the planned day (art. 3).
func (i *Inspection) DutiesOfEntry() []DutyStep {
	return []DutyStep{opens(obligation.Opening{
		Duty: regulation.DutyOnSitePeriod, Subject: i.r.Name(), Place: i.place(),
		Start: i.r.EntryDate, Planned: i.r.PlannedEnd,
	})}
}

// DutiesOfExtension: the group leaves by the day that the leading group decided (art. 3).
func (i *Inspection) DutiesOfExtension(by *Decision) []DutyStep {
	return []DutyStep{{Verb: ExtendDuty, On: i.r.PlannedEnd, By: by.r.Name(), Opening: obligation.Opening{
		Subject: i.r.Name(), Duty: regulation.DutyOnSitePeriod,
	}}}
}

// DutiesOfOnSiteEnd: the group left (art. 3).
func (i *Inspection) DutiesOfOnSiteEnd() []DutyStep {
	return []DutyStep{meets(i.r.Name(), regulation.DutyOnSitePeriod, i.r.OnSiteEndDate)}
}

// DutiesOfFeedback: the inspection covers its county in the term in which the group
// entered (art. 2). running are the obligations of coverage that run for the county.
func (i *Inspection) DutiesOfFeedback(running []obligation.Record) []DutyStep {
	var steps []DutyStep
	for _, r := range running {
		term := Term{Start: r.Start, End: r.Planned}
		if r.Place.County == i.r.County && term.contains(i.r.EntryDate) {
			step := meets(r.Subject, regulation.DutyCoverage, i.r.EntryDate)
			step.Opening.Place.County = i.r.County
			steps = append(steps, step)
		}
	}
	return steps
}

func (t Term) contains(day workday.Date) bool { return !day.Before(t.Start) && !day.After(t.End) }

// DutiesOfEnd: with the end of the batch begins the period in which the leading group
// in principle hears the report (art. 5).
func (b *Batch) DutiesOfEnd() []DutyStep {
	if b.r.State != BatchEnded {
		return nil
	}
	return []DutyStep{opens(obligation.Opening{
		Duty: regulation.DutyHearing, Subject: b.r.Name(), Place: obligation.Place{Province: b.r.Province},
		Start: b.r.EndDate,
	})}
}

// DutiesOfHearing: the leading group heard the report (art. 5).
func (b *Batch) DutiesOfHearing() []DutyStep {
	return []DutyStep{meets(b.r.Name(), regulation.DutyHearing, b.r.HearingDate)}
}

// DutiesOfBriefing: the city committee itself briefs the group on the county; a
// briefing of a department is no substitute (art. 15(1)). running are the
// obligations to brief that run for the county.
func (b Briefing) DutiesOfBriefing(running []obligation.Record) []DutyStep {
	var steps []DutyStep
	for _, r := range running {
		if b.AuthorParty == cityCommittee && r.Place.County == b.County && r.Place.City == b.AuthorCity {
			steps = append(steps, meets(r.Subject, regulation.DutyCityBriefing, workday.DateOf(b.CreateTime)))
		}
	}
	return steps
}

// cityCommittee is the party of an author, as in package principal.
const cityCommittee = "CITY_COMMITTEE"
