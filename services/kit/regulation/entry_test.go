package regulation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func TestArt12NoticeTooLate(t *testing.T) {
	rs, cal := county2012(t), national(t)
	entry := date(t, "2012-10-15")
	for _, ok := range []string{"2012-09-01", "2012-09-24", "2012-09-25"} {
		if err := rs.CheckNotice(cal, "51", entry, date(t, ok)); err != nil {
			t.Errorf("notice on %s: %v", ok, err)
		}
	}
	for late, days := range map[string]string{
		"2012-09-26": "9", "2012-09-29": "6", "2012-10-05": "5", "2012-10-12": "1", "2012-10-15": "0", "2012-11-01": "0",
	} {
		err := rs.CheckNotice(cal, "51", entry, date(t, late))
		f, ok := fault.As(err)
		if !ok {
			t.Errorf("notice on %s passes: %v", late, err)
			continue
		}
		want := fault.Refuse("12(2)", "NOTICE_TOO_LATE", "required_days", "10", "entry_date", "2012-10-15",
			"latest_date", "2012-09-25", "notice_date", late, "working_days", days)
		if f.Kind != want.Kind || f.Reason != want.Reason || !cmp.Equal(f.Meta, want.Meta) {
			t.Errorf("notice on %s: %v, want %v", late, f, want)
		}
	}
	if err := rs.CheckNotice(cal, "51", entry, workday.Date{}); !fault.Is(err, regulation.ReasonNoticeNotReceived) {
		t.Errorf("no notice at all: %v", err)
	}
}

func TestArt12NoticeDayIsTheLaterReceipt(t *testing.T) {
	rs := county2012(t)
	issued, county, city := date(t, "2012-09-20"), date(t, "2012-09-24"), date(t, "2012-09-26")
	for _, tt := range []struct {
		name     string
		receipts []workday.Date
		want     workday.Date
	}{
		{"both", []workday.Date{county, city}, city},
		{"both, the other way round", []workday.Date{city, county}, city},
		{"county without a city", []workday.Date{county}, county},
		{"city has not signed", []workday.Date{county, {}}, workday.Date{}},
		{"nobody has signed", nil, workday.Date{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rs.NoticeDay(issued, tt.receipts...)
			if err != nil || got != tt.want {
				t.Errorf("notice day %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

func TestArt3OnSite(t *testing.T) {
	rs := county2012(t)
	entry := date(t, "2012-10-15")
	end, err := rs.OnSiteEnd(entry)
	if err != nil || end != date(t, "2012-11-13") || regulation.OnSiteDays(entry, end) != 30 {
		t.Errorf("a usual stay ends %s (%v), want 2012-11-13, its 30th day", end, err)
	}
	for _, tt := range []struct {
		days   int
		reason string
		want   string
	}{
		{19, "", regulation.ReasonPeriodNeedsReason},
		{19, "a small county", ""},
		{20, "", ""},
		{45, "", ""},
		{46, "", regulation.ReasonPeriodNeedsReason},
		{46, "many problems", ""},
		{0, "", regulation.ReasonPeriodInverted},
		{0, "many problems", regulation.ReasonPeriodInverted},
		{1, "", regulation.ReasonPeriodNeedsReason},
	} {
		err := rs.CheckOnSite(entry, entry.AddDays(tt.days-1), tt.reason)
		if tt.want == "" && err != nil || tt.want != "" && !fault.Is(err, tt.want) {
			t.Errorf("%d days, reason %q: %v, want %q", tt.days, tt.reason, err, tt.want)
		}
	}
}
