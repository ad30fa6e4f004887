package wire

import (
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Date writes a day; the zero day is none.
func Date(d workday.Date) *date.Date {
	if d.IsZero() {
		return nil
	}
	return &date.Date{Year: int32(d.Year), Month: int32(d.Month), Day: int32(d.Day)}
}

// Time writes an instant; the zero one is none.
func Time(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// Day reads a whole day, which must be there; the message also knows years and months
// alone. field says where it stands, for the fault: the shape rules of the proto
// cannot check a calendar.
func Day(field string, d *date.Date) (workday.Date, error) {
	day := workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
	if !day.Valid() {
		return workday.Date{}, fault.InvalidField(field, "DATE_INVALID", "must be a day of the calendar with year, month and day")
	}
	return day, nil
}

// OptionalDay is Day for a field that may be empty: then it is the zero day.
func OptionalDay(field string, d *date.Date) (workday.Date, error) {
	if d == nil {
		return workday.Date{}, nil
	}
	return Day(field, d)
}
