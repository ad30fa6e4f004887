package domain

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// TestArt12NoticeAtIssue: the day of issue against the vectors of domain.md §5.3.
func TestArt12NoticeAtIssue(t *testing.T) {
	tests := []struct {
		entry, today, want, ahead string
	}{
		{"2012-10-15", "2012-09-25", "", ""},
		{"2012-10-15", "2012-09-26", "NOTICE_TOO_LATE", "9"}, // make-up Saturday 09-29 counts
		{"2012-10-22", "2012-10-08", "", ""},
		{"2012-10-22", "2012-10-09", "NOTICE_TOO_LATE", "9"},
		{"2020-02-17", "2020-02-03", "", ""},
		{"2024-10-14", "2024-09-26", "NOTICE_TOO_LATE", "9"},
		{"2026-03-02", "2026-02-10", "", ""},
		{"2026-03-02", "2026-02-11", "NOTICE_TOO_LATE", "9"},
		{"2026-03-02", "2026-03-02", "NOTICE_TOO_LATE", "0"},
	}
	for _, tt := range tests {
		t.Run(tt.entry+" on "+tt.today, func(t *testing.T) {
			r := task(t, InspectionAuthorized).Record()
			r.PlannedEntry, r.PlannedEnd = on(t, tt.entry), on(t, tt.entry).AddDays(29)
			i := RehydrateInspection(r)
			notices, err := i.IssueNotices(lawOn(t, tt.today), "川巡办〔2026〕12号", NoticeIDs{"x", "y"})
			wantReason(t, err, tt.want)
			if tt.want == "" {
				if len(notices) != 2 || notices[0].Record().AddresseeName() != "provinces/51/counties/510104" ||
					notices[1].Record().AddresseeName() != "provinces/51/cities/510100" {
					t.Errorf("notices %v", notices)
				}
				return
			}
			f, _ := fault.As(err)
			if f.Meta["working_days_ahead"] != tt.ahead || f.Meta["required_days"] != "10" ||
				f.Meta["entry_date"] != tt.entry || f.Meta["latest_date"] == "" || f.Meta["article"] != "12(2)" {
				t.Errorf("metadata %v", f.Meta)
			}
			if i.Record().State != InspectionAuthorized {
				t.Errorf("a refused notice moved the inspection to %s", i.Record().State)
			}
		})
	}
}

// TestArt12ACountyWithoutCityHasOneNotice (domain.md §6.4).
func TestArt12ACountyWithoutCityHasOneNotice(t *testing.T) {
	r := task(t, InspectionAuthorized).Record()
	r.City = ""
	i := RehydrateInspection(r)
	notices, err := i.IssueNotices(lawOn(t, "2026-01-15"), "1", NoticeIDs{"x", "y"})
	if err != nil || len(notices) != 1 || notices[0].Record().Addressee != ToCounty {
		t.Fatalf("got %v, %v", notices, err)
	}
	if err := i.ConfirmEntry(lawOn(t, "2026-03-02"), received(t, "2026-01-16", "")[:1]); err != nil {
		t.Errorf("entry: %v", err)
	}
}

// TestArt12Receipts: both sign, and the later one decides.
func TestArt12Receipts(t *testing.T) {
	tests := []struct {
		county, city, today, want string
	}{
		{"2026-02-10", "2026-02-10", "2026-03-02", ""},
		{"2026-02-11", "2026-02-10", "2026-03-02", "NOTICE_TOO_LATE"},
		{"2026-01-16", "2026-02-11", "2026-03-02", "NOTICE_TOO_LATE"},
		{"", "2026-01-16", "2026-03-02", "NOTICE_NOT_RECEIVED"},
		{"2026-01-16", "", "2026-03-02", "NOTICE_NOT_RECEIVED"},
		{"2026-01-16", "2026-01-16", "2026-03-03", "ENTRY_DATE_DIFFERS"},
		{"2026-01-16", "2026-01-16", "2026-02-27", "ENTRY_DATE_DIFFERS"},
	}
	for _, tt := range tests {
		t.Run(tt.county+" "+tt.city+" "+tt.today, func(t *testing.T) {
			i := task(t, InspectionNoticed)
			err := i.ConfirmEntry(lawOn(t, tt.today), received(t, tt.county, tt.city))
			wantReason(t, err, tt.want)
			if tt.want == "" && i.Record().EntryDate != on(t, tt.today) {
				t.Errorf("entered on %s", i.Record().EntryDate)
			}
		})
	}
}

// TestArt12EntryBroughtForward: the notices stay as they are and are measured
// against the new day; put off, they stay good.
func TestArt12EntryBroughtForward(t *testing.T) {
	for entry, want := range map[string]string{"2026-02-27": "NOTICE_TOO_LATE", "2026-03-09": ""} {
		i := task(t, InspectionNoticed)
		p := Period{Entry: on(t, entry), End: on(t, entry).AddDays(29)}
		if err := i.Replan(lawOn(t, "2026-02-11"), p); err != nil {
			t.Fatal(err)
		}
		wantReason(t, i.ConfirmEntry(lawOn(t, entry), received(t, "2026-02-10", "2026-02-10")), want)
	}
}

// TestArt12AReceiptIsGivenOnce: its day counts.
func TestArt12AReceiptIsGivenOnce(t *testing.T) {
	n := received(t, "", "")[0]
	first := on(t, "2026-01-16").Time()
	if err := n.Acknowledge("张三", first); err != nil {
		t.Fatal(err)
	}
	wantReason(t, n.Acknowledge("李四", first.Add(time.Hour)), ReasonNoticeAlreadyReceived)
	if r := n.Record(); r.Receiver != "张三" || !r.ReceiveTime.Equal(first) {
		t.Errorf("the second receipt changed the first: %+v", r)
	}
}
