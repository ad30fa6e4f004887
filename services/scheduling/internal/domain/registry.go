package domain

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonRegistryLine is the refusal of a registry with faulty lines.
const ReasonRegistryLine = "REGISTRY_LINE_INVALID"

// Level is the level of a division.
type Level string

// The levels of a registry (art. 1; a city is a 市、地、州、盟 of art. 4).
const (
	ProvinceLevel Level = "province"
	CityLevel     Level = "city"
	CountyLevel   Level = "county"
)

// Division is one line of a registry. Parent is the code of the level above: a
// county whose parent is the province has no city.
type Division struct {
	Line      int // where it stood, to tell what is wrong with it
	Code      string
	Name      string
	Level     Level
	Parent    string
	Townships int
}

// Registry is the divisions of one province as a file gives them.
type Registry struct {
	Province string // two digits
	Name     string // "" if the file has no line for the province
	Cities   []Division
	Counties []Division
}

// Province, City and County are what is registered now.
type (
	// Province is a province and how many divisions it has.
	Province struct {
		Province    string
		DisplayName string
		Cities      int
		Counties    int
	}
	// City is a 市、地区、自治州 or 盟.
	City struct {
		Province    string
		Code        string
		DisplayName string
	}
	// County is a county with the relation to its city on a certain day.
	County struct {
		Province        string
		Code            string
		DisplayName     string
		City            string // code; "" if it is directly under the province
		SupervisedSince workday.Date
		Townships       int
	}
)

// Supervision is from when a city's committee leads a county's Party committee;
// without a city the county is directly under the province.
type Supervision struct {
	County string
	City   string
	From   workday.Date
}

// Registered is what a province has before an import.
type Registered struct {
	Name         string // "" if the province is not registered
	Cities       map[string]City
	Counties     map[string]County
	Supervisions map[string]Supervision // the latest of each county, by its code
}

// Changes is what an import does. A thing is named in it only if it changes.
type Changes struct {
	Province      string
	Name          string        // of the province, "" if it stays
	Cities        []City        // added or renamed
	Counties      []County      // added, renamed or recounted
	Opened        []Supervision // relations that begin
	Closed        []string      // counties whose open relation ends the day before
	Corrected     []Supervision // relations that began on the very day and get another city
	From          workday.Date
	CitiesAdded   int
	CountiesAdded int
	Renamed       int
	Moved         int // counties with another city than before
}

// None reports whether there is nothing to store.
func (c Changes) None() bool {
	return c.Name == "" && len(c.Cities) == 0 && len(c.Counties) == 0 &&
		len(c.Opened) == 0 && len(c.Corrected) == 0
}

// Diff tells what the import of the registry changes. None is removed: a county
// that is missing in the file stays (art. 2 counts it until it is abolished). The
// relation to a city is dated, so a changed parent opens a new one from that day.
func (r Registry) Diff(now Registered, from workday.Date) (Changes, error) {
	c := Changes{Province: r.Province, From: from}
	var wrong lineFaults
	if r.Name == "" && now.Name == "" {
		wrong.add(1, "PROVINCE_MISSING", "the province is not registered and has no line")
	}
	if r.Name != "" && r.Name != now.Name {
		c.Name = r.Name
	}
	known := make(map[string]bool, len(now.Cities)+len(r.Cities))
	for code := range now.Cities {
		known[code] = true
	}
	for _, d := range r.Cities {
		known[d.Code] = true
		c.city(d, now)
	}
	for _, d := range r.Counties {
		city := r.cityOf(d)
		if city != "" && !known[city] {
			wrong.add(d.Line, "PARENT_UNKNOWN", fmt.Sprintf("there is no city %s", city))
			continue
		}
		c.county(d, now)
		if err := c.supervision(Supervision{County: d.Code, City: city, From: from}, now); err != "" {
			wrong.add(d.Line, "EFFECTIVE_DATE_TOO_EARLY", err)
		}
	}
	return c, wrong.fault()
}

// cityOf gives the city that supervises a county of the file.
func (r Registry) cityOf(d Division) string {
	if d.Parent == r.Province+"0000" {
		return ""
	}
	return d.Parent
}

func (c *Changes) city(d Division, now Registered) {
	old, there := now.Cities[d.Code]
	switch {
	case !there:
		c.CitiesAdded++
	case old.DisplayName != d.Name:
		c.Renamed++
	default:
		return
	}
	c.Cities = append(c.Cities, City{Province: c.Province, Code: d.Code, DisplayName: d.Name})
}

func (c *Changes) county(d Division, now Registered) {
	old, there := now.Counties[d.Code]
	switch {
	case !there:
		c.CountiesAdded++
	case old.DisplayName != d.Name:
		c.Renamed++
	case old.Townships == d.Townships:
		return
	}
	c.Counties = append(c.Counties, County{
		Province: c.Province, Code: d.Code, DisplayName: d.Name, Townships: d.Townships,
	})
}

// supervision compares with the latest relation of the county and tells what is
// wrong, "" if nothing.
func (c *Changes) supervision(s Supervision, now Registered) string {
	old, there := now.Supervisions[s.County]
	switch {
	case !there:
		c.Opened = append(c.Opened, s)
		return ""
	case old.City == s.City:
		return ""
	case s.From.Before(old.From):
		return fmt.Sprintf("its relation holds since %s, later than the effective date", old.From)
	case s.From == old.From:
		c.Corrected = append(c.Corrected, s)
	default:
		c.Closed = append(c.Closed, s.County)
		c.Opened = append(c.Opened, s)
	}
	c.Moved++
	return ""
}

// maxLineFaults bounds the answer: who has more faults than this has the wrong file.
const maxLineFaults = 500

// lineFaults collects what is wrong with which line.
type lineFaults struct {
	fields []fault.Field
}

func (l *lineFaults) add(line int, reason, description string) {
	l.at(fmt.Sprintf("csv[%d]", line), reason, description)
}

// at is add for what is no line of a CSV.
func (l *lineFaults) at(path, reason, description string) {
	if len(l.fields) < maxLineFaults {
		l.fields = append(l.fields, fault.Field{Path: path, Reason: reason, Description: description})
	}
}

func (l *lineFaults) fault() error {
	if len(l.fields) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, ReasonRegistryLine)
	e.Fields = l.fields
	return e
}
