package api

import (
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// decodeDate reads a whole date; the proto type also knows years and months
// alone.
func decodeDate(field string, d *date.Date) (workday.Date, error) {
	day := workday.Date{Year: int(d.GetYear()), Month: time.Month(d.GetMonth()), Day: int(d.GetDay())}
	if !day.Valid() {
		return workday.Date{}, fault.InvalidField(field, "DATE_INVALID", "must be a day of the calendar with year, month and day")
	}
	return day, nil
}

func encodeDate(d workday.Date) *date.Date {
	if d.IsZero() {
		return nil
	}
	return &date.Date{Year: int32(d.Year), Month: int32(d.Month), Day: int32(d.Day)}
}

func encodeTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func encodeDue(d regulation.Due) *regulationv1.StatutoryDate {
	if d.Date.IsZero() {
		return nil
	}
	return &regulationv1.StatutoryDate{
		Date: encodeDate(d.Date), StartDate: encodeDate(d.Start), Provisional: d.Provisional,
		Article: d.Article, RuleSet: d.RuleSet, CalendarVersion: d.CalendarVersion,
		Clock: string(d.Clock),
	}
}

func encodeAll[D, M any](list []D, encode func(D) M) []M {
	out := make([]M, 0, len(list))
	for _, d := range list {
		out = append(out, encode(d))
	}
	return out
}
