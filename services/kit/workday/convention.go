package workday

import (
	"errors"
	"fmt"
	"time"
)

// StartDay says whether the day of the event that starts a period is counted.
type StartDay string

// The ways to treat the start day.
const (
	StartExcluded StartDay = "excluded" // 开始的当日不计入 (Civil Code art. 201)
	StartIncluded StartDay = "included"
)

// Roll says what becomes of a period of months whose last day is a day off.
type Roll string

// The ways to treat a last day that is off.
const (
	// RollForward moves it to the next working day (Civil Code art. 203). A
	// worked Saturday is a working day and does not move.
	RollForward Roll = "forward_off_days_only"
	RollNone    Roll = "none"
)

// NoticeMode says how "n working days ahead" (提前 n 个工作日) is counted.
type NoticeMode string

// The ways to count days ahead.
const (
	// BackFromEntry excludes the entry day; the notice day is the n-th working
	// day counted back.
	BackFromEntry NoticeMode = "back_from_entry"
	// ClearDays wants n whole working days between notice and entry.
	ClearDays NoticeMode = "clear_days"
)

// Convention is how a period is counted. The regulation has no article on it,
// so each choice is a parameter of the rule set (domain.md §5.1).
type Convention struct {
	StartDay StartDay
	Roll     Roll
	Notice   NoticeMode
	// CutOff is the time of the last day, in Asia/Shanghai, at which the
	// period ends; 24 hours is the end of the day.
	CutOff time.Duration
}

// CivilCode is the convention of Civil Code arts 201–203, applied by analogy.
func CivilCode() Convention {
	return Convention{StartDay: StartExcluded, Roll: RollForward, Notice: BackFromEntry, CutOff: 24 * time.Hour}
}

// Validate reports every choice that is none of those above.
func (v Convention) Validate() error {
	var errs []error
	if v.StartDay != StartExcluded && v.StartDay != StartIncluded {
		errs = append(errs, fmt.Errorf("start day %q is not known", v.StartDay))
	}
	if v.Roll != RollForward && v.Roll != RollNone {
		errs = append(errs, fmt.Errorf("roll %q is not known", v.Roll))
	}
	if v.Notice != BackFromEntry && v.Notice != ClearDays {
		errs = append(errs, fmt.Errorf("notice mode %q is not known", v.Notice))
	}
	if v.CutOff <= 0 || v.CutOff > 24*time.Hour {
		errs = append(errs, fmt.Errorf("cut-off %s is not within a day", v.CutOff))
	}
	return errors.Join(errs...)
}

// End returns the instant at which a period ends whose last day is d.
func (v Convention) End(d Date) time.Time { return d.Time().Add(v.CutOff) }

// firstDay returns the first day that a count from start may count.
func (v Convention) firstDay(start Date) Date {
	if v.StartDay == StartIncluded {
		return start
	}
	return start.AddDays(1)
}
