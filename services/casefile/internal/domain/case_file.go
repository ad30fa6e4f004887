package domain

import (
	"cmp"
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

// Member is a person of the group of the task (巡视组).
type Member struct {
	Subject     string
	DisplayName string
	Leader      bool // 组长
}

// CaseFileRecord is what is known of a case file. Its id is that of the
// inspection: one task, one case file.
type CaseFileRecord struct {
	Province          string
	ID                string
	County            string // code
	City              string // code; "" where no city supervises the county
	CountyDisplayName string
	RuleSet           string
	Members           []Member
	EntryDate         workday.Date // zero until the group entered
	OnSiteEndDate     workday.Date // zero until the stay ended
	CreateTime        time.Time
	UpdateTime        time.Time
	Version           int64
}

// Name is the resource name.
func (r CaseFileRecord) Name() string { return CaseFileName(r.Province, r.ID) }

// CaseFile holds what a group gathers in one inspection (案卷). Its facts come
// from scheduling by event; nobody writes them here.
type CaseFile struct {
	r CaseFileRecord
}

// Task is what the authorisation of a task says (一次一授权).
type Task struct {
	Province          string
	Inspection        string
	County            string
	City              string // "" where no city supervises the county
	CountyDisplayName string
	RuleSet           string
	Members           []Member
}

// OpenCaseFile opens the case file of a task that was authorised.
func OpenCaseFile(t Task, now time.Time) *CaseFile {
	return &CaseFile{CaseFileRecord{
		Province: t.Province, ID: t.Inspection, County: t.County, City: t.City, CountyDisplayName: t.CountyDisplayName,
		RuleSet: t.RuleSet, Members: inOrder(t.Members), CreateTime: now, UpdateTime: now, Version: 1,
	}}
}

// RehydrateCaseFile makes a case file of a stored record; for the store only.
func RehydrateCaseFile(r CaseFileRecord) *CaseFile { return &CaseFile{r} }

// Record gives a copy of what is known.
func (c *CaseFile) Record() CaseFileRecord {
	r := c.r
	r.Members = slices.Clone(r.Members)
	return r
}

// Saved counts the version up; for the store only, after it wrote the record.
func (c *CaseFile) Saved() { c.r.Version++ }

// ReplaceMembers makes these the members from now on. Whoever is not among them
// has no access any more, not even to what he wrote (art. 12(6), recusal).
func (c *CaseFile) ReplaceMembers(members []Member, now time.Time) bool {
	members = inOrder(members)
	if slices.Equal(c.r.Members, members) {
		return false
	}
	c.r.Members, c.r.UpdateTime = members, now
	return true
}

// Enter records the day of entry (进驻). It reports whether anything changed:
// being told twice is not a change.
func (c *CaseFile) Enter(day workday.Date, now time.Time) bool {
	return c.set(&c.r.EntryDate, day, now)
}

// EndStay records the last day on site (art. 3), likewise.
func (c *CaseFile) EndStay(day workday.Date, now time.Time) bool {
	return c.set(&c.r.OnSiteEndDate, day, now)
}

func (c *CaseFile) set(date *workday.Date, day workday.Date, now time.Time) bool {
	if *date == day {
		return false
	}
	*date, c.r.UpdateTime = day, now
	return true
}

// StayEnded reports whether the on-site work is over (巡视了解工作结束, art. 10).
func (c *CaseFile) StayEnded() bool { return !c.r.OnSiteEndDate.IsZero() }

// Member gives the person as an actor in this case file. Who leads the group is
// a fact of the task, not of a token (组长负责制).
func (c *CaseFile) Member(subject string) Actor {
	leads := slices.ContainsFunc(c.r.Members, func(m Member) bool { return m.Leader && m.Subject == subject })
	return Actor{Subject: subject, leader: leads}
}

// Office gives a person of the inspection office (巡视办) as an actor.
func Office(subject string) Actor { return Actor{Subject: subject, office: true} }

// Actor is the person who takes a step: a member of the group, its leader, or
// somebody of the office.
type Actor struct {
	Subject        string
	leader, office bool
}

// inOrder puts the leader first and the others by subject, so that the same
// people are always the same list.
func inOrder(members []Member) []Member {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b Member) int {
		if a.Leader != b.Leader {
			if a.Leader {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Subject, b.Subject)
	})
	return members
}
