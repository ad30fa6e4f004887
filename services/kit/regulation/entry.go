package regulation

import (
	"slices"
	"strconv"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal before and at the entry; values of the ErrorReason enum of
// the scheduling service, whose texts use the keys given here.
const (
	ReasonNoticeTooLate     = "NOTICE_TOO_LATE"
	ReasonNoticeNotReceived = "NOTICE_NOT_RECEIVED"
	ReasonPeriodNeedsReason = "PERIOD_NEEDS_REASON"
	ReasonPeriodInverted    = "PERIOD_INVERTED"
)

// LatestNotice is the last day on which the notice of an entry may be received
// (art. 12(2)).
func (rs *RuleSet) LatestNotice(cal *workday.Calendar, province string, entry workday.Date) (Due, error) {
	return rs.Deadline(NoticeClock, cal, province, entry)
}

// LatestNoticeStrict is LatestNotice with ten whole working days in between, the
// stricter reading of art. 12(2): a later notice is warned of, not refused.
func (rs *RuleSet) LatestNoticeStrict(cal *workday.Calendar, province string, entry workday.Date) (Due, error) {
	strict := *rs
	strict.Parameters = slices.Clone(rs.Parameters)
	for i, p := range strict.Parameters {
		if p.Name == NoticeMode {
			strict.Parameters[i].Value = Choice(workday.ClearDays)
		}
	}
	return strict.LatestNotice(cal, province, entry)
}

// NoticeDay is the day that counts as the day of notice. Give one receipt for
// each addressee that there is; the zero date stands for none yet, and then
// there is no notice day either (art. 12(2): to the county and to its city).
func (rs *RuleSet) NoticeDay(issued workday.Date, receipts ...workday.Date) (workday.Date, error) {
	by, err := rs.Choice(NoticeDate)
	if err != nil {
		return workday.Date{}, err
	}
	if by == IssueDay {
		return issued, nil
	}
	if len(receipts) == 0 || slices.Contains(receipts, workday.Date{}) {
		return workday.Date{}, nil
	}
	return slices.MaxFunc(receipts, workday.Date.Compare), nil
}

// CheckNotice refuses an entry whose notice was given later than LatestNotice:
// NOTICE_TOO_LATE with required_days, entry_date, latest_date, notice_date and
// working_days (art. 12(2)). The zero date, no notice day yet, is refused with
// NOTICE_NOT_RECEIVED; a service that knows which addressee is missing says so
// before it comes here.
func (rs *RuleSet) CheckNotice(cal *workday.Calendar, province string, entry, notice workday.Date) error {
	latest, err := rs.LatestNotice(cal, province, entry)
	if err != nil {
		return err
	}
	if notice.IsZero() {
		return fault.Refuse(latest.Article, ReasonNoticeNotReceived,
			"addressee", "county or city", "entry_date", entry.String())
	}
	if !notice.After(latest.Date) {
		return nil
	}
	required, err := rs.Number(NoticePeriod)
	if err != nil {
		return err
	}
	v, err := rs.Convention()
	if err != nil {
		return err
	}
	ahead := cal.NoticeDays(province, notice, entry, v).Count
	return fault.Refuse(latest.Article, ReasonNoticeTooLate,
		"required_days", strconv.Itoa(required),
		"entry_date", entry.String(),
		"latest_date", latest.Date.String(),
		"notice_date", notice.String(),
		"working_days", strconv.Itoa(ahead))
}

// OnSiteEnd is the last day of a stay of usual length (art. 3: about one month).
func (rs *RuleSet) OnSiteEnd(entry workday.Date) (workday.Date, error) {
	days, err := rs.Number(OnSiteDefault)
	return entry.AddDays(days - 1), err
}

// OnSiteDays is the length of a stay; the day of entry and the last day both count.
func OnSiteDays(entry, end workday.Date) int { return end.DaysSince(entry) + 1 }

// CheckOnSite refuses a stay outside the usual band for which no reason is given:
// PERIOD_NEEDS_REASON with days (art. 3). No reason helps a stay that ends before
// it begins: PERIOD_INVERTED.
func (rs *RuleSet) CheckOnSite(entry, end workday.Date, reason string) error {
	shortest, err := rs.Number(OnSiteMinimum)
	if err != nil {
		return err
	}
	longest, err := rs.Number(OnSiteMaximum)
	if err != nil {
		return err
	}
	days := OnSiteDays(entry, end)
	if days < 1 {
		return fault.Refuse("3", ReasonPeriodInverted, "days", strconv.Itoa(days))
	}
	if reason != "" || shortest <= days && days <= longest {
		return nil
	}
	return fault.Refuse("3", ReasonPeriodNeedsReason, "days", strconv.Itoa(days))
}
