package workday

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Calendar says which days are worked, from the notices published up to a
// certain day. It never changes once made; any number of goroutines may use it.
type Calendar struct {
	known   Date     // only notices published by this day count
	notices []Notice // by day of publication, then id
	facts   []Fact
	added   map[string]bool              // ids of the notices that With added
	rulings map[string]map[Date][]ruling // province → day → oldest ruling first
}

// ruling is a fact beside its notice.
type ruling struct {
	notice  Notice
	working bool
	name    string
}

// New makes a calendar of notices and of what they say of single days. Days of
// which no notice speaks are ordinary: Monday to Friday worked.
func New(notices []Notice, facts []Fact) (*Calendar, error) {
	c := &Calendar{
		known:   Date{Year: 9999, Month: time.December, Day: 31},
		rulings: map[string]map[Date][]ruling{},
	}
	if err := c.include(notices, facts); err != nil {
		return nil, err
	}
	return c, nil
}

// include takes notices and facts in. It writes only to the maps of c, never into
// a slice that another calendar may share.
func (c *Calendar) include(notices []Notice, facts []Fact) error {
	byID := make(map[string]Notice, len(notices))
	for _, n := range notices {
		if err := n.validate(); err != nil {
			return err
		}
		_, twice := byID[n.ID]
		if twice || slices.ContainsFunc(c.notices, func(old Notice) bool { return old.ID == n.ID }) {
			return fmt.Errorf("notice %q is there twice", n.ID)
		}
		byID[n.ID] = n
	}
	for _, f := range facts {
		n, ok := byID[f.Notice]
		if !ok {
			return fmt.Errorf("%s: notice %q is not known", f.Date, f.Notice)
		}
		if err := c.add(n, f); err != nil {
			return err
		}
	}
	c.notices, c.facts = slices.Concat(c.notices, notices), slices.Concat(c.facts, facts)
	slices.SortFunc(c.notices, comparePublication)
	return nil
}

func (c *Calendar) add(n Notice, f Fact) error {
	if !f.Date.Valid() {
		return fmt.Errorf("notice %q: %s is not a date", n.ID, f.Date)
	}
	days := c.rulings[n.Province]
	if days == nil {
		days = map[Date][]ruling{}
		c.rulings[n.Province] = days
	}
	old := days[f.Date]
	at, found := slices.BinarySearchFunc(old, n, func(r ruling, n Notice) int {
		return comparePublication(r.notice, n)
	})
	if found {
		return fmt.Errorf("notice %q speaks of %s twice", n.ID, f.Date)
	}
	said := ruling{notice: n, working: f.Working, name: f.Name}
	days[f.Date] = slices.Concat(old[:at], []ruling{said}, old[at:])
	return nil
}

// comparePublication orders by publication. The id settles a tie, so that the
// order, and with it Version, does not depend on how notices were loaded.
func comparePublication(a, b Notice) int {
	return cmp.Or(a.Published.Compare(b.Published), cmp.Compare(a.ID, b.ID))
}

// With returns a calendar that knows more notices, e.g. those of a province. Its
// Version names each of them, since they may come in any order.
func (c *Calendar) With(notices []Notice, facts []Fact) (*Calendar, error) {
	more := *c
	more.rulings, more.added = maps.Clone(c.rulings), maps.Clone(c.added)
	if more.added == nil {
		more.added = make(map[string]bool, len(notices))
	}
	for _, n := range notices {
		more.added[n.ID] = true
		if days, ok := c.rulings[n.Province]; ok {
			more.rulings[n.Province] = maps.Clone(days)
		}
	}
	if err := more.include(notices, facts); err != nil {
		return nil, err
	}
	return &more, nil
}

// Without returns a calendar that never heard of the notices with these ids.
func (c *Calendar) Without(ids ...string) *Calendar {
	if !slices.ContainsFunc(c.notices, func(n Notice) bool { return slices.Contains(ids, n.ID) }) {
		return c
	}
	less := *c
	less.notices = slices.DeleteFunc(slices.Clone(c.notices), func(n Notice) bool { return slices.Contains(ids, n.ID) })
	less.facts = slices.DeleteFunc(slices.Clone(c.facts), func(f Fact) bool { return slices.Contains(ids, f.Notice) })
	less.rulings = make(map[string]map[Date][]ruling, len(c.rulings))
	for province, days := range c.rulings {
		kept := make(map[Date][]ruling, len(days))
		for day, rulings := range days {
			rest := slices.DeleteFunc(slices.Clone(rulings), func(r ruling) bool { return slices.Contains(ids, r.notice.ID) })
			if len(rest) > 0 {
				kept[day] = rest
			}
		}
		if len(kept) > 0 {
			less.rulings[province] = kept
		}
	}
	return &less
}

// KnownAt returns the calendar as it was known at the end of the given day:
// with only the notices published on or before it. It is cheap; call it per
// request.
func (c *Calendar) KnownAt(day Date) *Calendar {
	if c.known.Before(day) {
		day = c.known // what was forgotten does not come back
	}
	view := *c
	view.known = day
	return &view
}

// Notice returns a known notice by its id.
func (c *Calendar) Notice(id string) (Notice, bool) {
	at := slices.IndexFunc(c.notices, func(n Notice) bool { return n.ID == id && c.knows(n) })
	if at < 0 {
		return Notice{}, false
	}
	return c.notices[at], true
}

// Facts lists what a known notice says of single days, by date.
func (c *Calendar) Facts(id string) []Fact {
	if _, ok := c.Notice(id); !ok {
		return nil
	}
	facts := slices.DeleteFunc(slices.Clone(c.facts), func(f Fact) bool { return f.Notice != id })
	slices.SortFunc(facts, func(a, b Fact) int { return a.Date.Compare(b.Date) })
	return facts
}

// Provinces lists the provinces that have days of their own, by code.
func (c *Calendar) Provinces() []string {
	codes := slices.Sorted(maps.Keys(c.rulings))
	return slices.DeleteFunc(codes, func(code string) bool { return code == "" })
}

func (c *Calendar) knows(n Notice) bool {
	return !n.Published.After(c.known)
}

// Published reports whether the holidays of a calendar year are known.
//
// It goes by date, never by the year in a notice's name or file, because a
// notice also speaks of days of its neighbour years (2011-12-31 is in the notice
// for 2012). The sign is National Day (国庆节): 1 October is off in every year
// and stands in that year's own notice and in no other. A province's notice does
// not publish a year: it adds to the national one.
func (c *Calendar) Published(year int) bool {
	r, ok := c.latest("", Date{Year: year, Month: time.October, Day: 1})
	return ok && !r.working
}

// Settled reports whether all regular notices that can speak of a day are known.
// Later amendments are always possible and make no difference here.
//
// The notice of the day's own year is one. For the last week of December there
// is a second: the next year's notice arranges New Year (元旦) and may reach back
// over the weekend before it; 2018-12-31, a Monday, was off by the notice for
// 2019. Seven days always contain that weekend.
func (c *Calendar) Settled(d Date) bool {
	if !c.Published(d.Year) {
		return false
	}
	lastWeek := d.Month == time.December && d.Day >= 25
	return !lastWeek || c.Published(d.Year+1)
}

// latest returns what the latest known notice of a province ("" for the whole
// country) says of a day.
func (c *Calendar) latest(province string, d Date) (ruling, bool) {
	for _, r := range slices.Backward(c.rulings[province][d]) {
		if c.knows(r.notice) {
			return r, true
		}
	}
	return ruling{}, false
}

// Day says whether a day is worked in a province and by which notice. What the
// province says of a day of its own goes before what the country says of it,
// whichever was published later; a province of which nothing is known, and "",
// have the national calendar.
func (c *Calendar) Day(province string, d Date) Day {
	weekday := d.Weekday()
	day := Day{
		Date:    d,
		Weekend: weekday == time.Saturday || weekday == time.Sunday,
		Settled: c.Settled(d),
	}
	day.Working = !day.Weekend
	r, ok := c.latest(province, d)
	if !ok && province != "" {
		r, ok = c.latest("", d)
	}
	if ok {
		day.Working, day.Notice, day.Name = r.working, r.notice.ID, r.name
	}
	return day
}
