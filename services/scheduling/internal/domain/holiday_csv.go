package domain

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const (
	holidayHeader  = "notice,date,kind,name"
	maxHoliday     = 100 // characters of a holiday's name
	maxHolidayDays = 400 // of one notice
	firstNotice    = 2000
)

// CheckHolidayNotice makes sure that a calendar can take the text: it names every
// faulty day at once. The days come with it or as CSV, of which it names every faulty
// line, counted from 1 with the header. today is the legal day.
func CheckHolidayNotice(text HolidayNoticeText, csv string, today workday.Date) (HolidayNoticeText, error) {
	r := holidayReader{text: text, seen: map[workday.Date]string{}}
	if !text.PublishDate.Valid() || text.PublishDate.After(today) || text.PublishDate.Year < firstNotice {
		r.wrong.at("holiday_notice.publish_date", "DATE_IMPLAUSIBLE", "it was published by today, and not before the year 2000")
	}
	switch {
	case csv != "" && len(text.Days) > 0:
		r.wrong.at("csv", "DAYS_TWICE", "the notice has its days itself")
	case csv != "":
		r.lines(csv)
	default:
		for i, d := range text.Days {
			r.day(fmt.Sprintf("holiday_notice.days[%d]", i), d)
		}
	}
	if n := len(r.text.Days); len(r.wrong.fields) == 0 && (n == 0 || n > maxHolidayDays) {
		r.wrong.at("holiday_notice.days", "COUNT_INVALID", fmt.Sprintf("a notice speaks of 1 to %d days", maxHolidayDays))
	}
	if len(r.wrong.fields) == 0 {
		return r.text, nil
	}
	refused := fault.New(fault.Invalid, ReasonHolidayNoticeInvalid, fault.MetaArticle, CalendarArticles)
	refused.Fields = r.wrong.fields
	return text, refused
}

type holidayReader struct {
	text  HolidayNoticeText
	seen  map[workday.Date]string // → where it stands
	wrong lineFaults
}

// lines takes the CSV in; its days become those of the text.
func (r *holidayReader) lines(text string) {
	line := 0
	for row := range strings.Lines(strings.TrimPrefix(text, byteOrderMark)) {
		line++
		row = strings.TrimRight(row, "\r\n")
		switch {
		case line == 1 && row != holidayHeader:
			r.wrong.add(line, "HEADER_INVALID", "the header must be "+holidayHeader)
		case line > 1 && strings.TrimSpace(row) != "":
			r.line(line, row)
		}
	}
}

func (r *holidayReader) line(line int, row string) {
	fields, err := csv.NewReader(strings.NewReader(row)).Read()
	if err != nil {
		r.wrong.add(line, "CSV_INVALID", err.Error())
		return
	}
	if want := strings.Count(holidayHeader, ",") + 1; len(fields) != want {
		r.wrong.add(line, "COLUMNS_INVALID", fmt.Sprintf("%d columns instead of %d", len(fields), want))
		return
	}
	date, err := workday.ParseDate(fields[1])
	switch {
	case fields[0] != r.text.Number:
		r.wrong.add(line, "NOTICE_DIFFERS", "the line is of another notice")
	case err != nil:
		r.wrong.add(line, "DATE_INVALID", "a date is written as 2012-09-03")
	case fields[2] != "off" && fields[2] != "work":
		r.wrong.add(line, "KIND_INVALID", "the kind is off or work")
	default:
		d := HolidayDay{Date: date, Working: fields[2] == "work", Holiday: fields[3]}
		if r.day(fmt.Sprintf("csv[%d]", line), d) {
			r.text.Days = append(r.text.Days, d)
		}
	}
}

// day reports whether a day can be taken, and notes why not. A notice arranges the
// year after its publication, or the rest of the same one, and its New Year may
// begin in the year before.
func (r *holidayReader) day(path string, d HolidayDay) bool {
	first, last := r.text.PublishDate.Year-1, r.text.PublishDate.Year+2
	earlier, twice := r.seen[d.Date]
	switch {
	case !d.Date.Valid():
		r.wrong.at(path, "DATE_INVALID", "must be a day of the calendar with year, month and day")
	case d.Date.Year < first || d.Date.Year > last:
		r.wrong.at(path, "DATE_IMPLAUSIBLE", fmt.Sprintf("a notice of that day speaks of the years %d to %d", first, last))
	case twice:
		r.wrong.at(path, "DUPLICATE", "the same day stands in "+earlier)
	case !isName(d.Holiday, maxHoliday):
		r.wrong.at(path, "NAME_INVALID", "a holiday has a name of 1 to 100 printable characters and no space around")
	default:
		r.seen[d.Date] = path
		return true
	}
	return false
}
