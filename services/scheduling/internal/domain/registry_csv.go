package domain

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	registryHeader = "code,name,level,parent,townships,villages"
	maxDivision    = 200     // characters of a name
	maxCount       = 100_000 // of townships or villages
	byteOrderMark  = "\ufeff"
)

// ReadRegistry reads the divisions of one province from CSV. It reads to the end
// and names every faulty line, counted from 1 with the header.
func ReadRegistry(province, text string) (Registry, error) {
	r := registryReader{registry: Registry{Province: province}, seen: map[string]int{}}
	text = strings.TrimPrefix(text, byteOrderMark) // spreadsheets write one
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		switch {
		case line == 1:
			r.header(row)
		case strings.TrimSpace(row) != "":
			r.line(line, row)
		}
	}
	return r.registry, r.wrong.fault()
}

type registryReader struct {
	registry Registry
	seen     map[string]int // level and code → line
	wrong    lineFaults
}

func (r *registryReader) header(row string) {
	if row != registryHeader {
		r.wrong.add(1, "HEADER_INVALID", "the header must be "+registryHeader)
	}
}

// line takes one line in. A name with a line break in quotes is no line, and is
// refused as two.
func (r *registryReader) line(line int, row string) {
	fields, err := csv.NewReader(strings.NewReader(row)).Read()
	if err != nil {
		r.wrong.add(line, "CSV_INVALID", err.Error())
		return
	}
	if want := strings.Count(registryHeader, ",") + 1; len(fields) != want {
		r.wrong.add(line, "COLUMNS_INVALID", fmt.Sprintf("%d columns instead of %d", len(fields), want))
		return
	}
	d := Division{Line: line, Code: fields[0], Name: fields[1], Level: Level(fields[2]), Parent: fields[3]}
	reason, description := r.check(&d, fields[4], fields[5])
	if reason != "" {
		r.wrong.add(line, reason, description)
		return
	}
	r.seen[string(d.Level)+d.Code] = line
	switch d.Level {
	case ProvinceLevel:
		r.registry.Name = d.Name
	case CityLevel:
		r.registry.Cities = append(r.registry.Cities, d)
	case CountyLevel:
		r.registry.Counties = append(r.registry.Counties, d)
	}
}

// check gives the first thing that is wrong with a line, and fills in the count.
func (r *registryReader) check(d *Division, townships, villages string) (reason, description string) {
	count, ok := readCount(townships)
	_, villagesOK := readCount(villages)
	d.Townships = count
	earlier, twice := r.seen[string(d.Level)+d.Code]
	switch {
	case !isCode(d.Code):
		return "CODE_INVALID", "a code has six digits"
	case d.Code[:2] != r.registry.Province:
		return "PROVINCE_FOREIGN", "the code belongs to another province"
	case !slices.Contains([]Level{ProvinceLevel, CityLevel, CountyLevel}, d.Level):
		return "LEVEL_INVALID", "the level is province, city or county"
	case twice:
		return "DUPLICATE", fmt.Sprintf("the same division stands in line %d", earlier)
	case !isName(d.Name, maxDivision):
		return "NAME_INVALID", "a name has 1 to 200 printable characters and no space around"
	case !r.parentFits(*d):
		return "PARENT_INVALID", "a province has no parent, a city the province, a county its city or the province"
	case !ok || !villagesOK:
		return "COUNT_INVALID", "a count is empty or a whole number"
	}
	return "", ""
}

// parentFits looks at the form only: whether a county's city exists is known
// when the registered ones are. 东莞市 is city and county with one code.
func (r *registryReader) parentFits(d Division) bool {
	root := r.registry.Province + "0000"
	switch d.Level {
	case ProvinceLevel:
		return d.Code == root && d.Parent == ""
	case CityLevel:
		return d.Code != root && d.Parent == root
	default:
		return d.Code != root && isCode(d.Parent) && d.Parent[:2] == r.registry.Province
	}
}

func isCode(s string) bool {
	return len(s) == 6 && strings.Trim(s, "0123456789") == ""
}

// isName reports whether s has 1 to limit printable characters and no space around.
func isName(s string, limit int) bool {
	if s == "" || strings.TrimSpace(s) != s || !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

func readCount(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && 0 <= n && n <= maxCount && strconv.Itoa(n) == s
}
