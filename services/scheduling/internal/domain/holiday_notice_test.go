package domain

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// TestHolidayNoticeMoves: from every state, by the same and by another person; what
// is refused changes nothing.
func TestHolidayNoticeMoves(t *testing.T) {
	now := time.Unix(2, 0)
	moves := map[string]func(*HolidayNotice) error{
		"activate":                  func(n *HolidayNotice) error { return n.Activate("zhao", "SC-2019", now) },
		"activate by the proposer":  func(n *HolidayNotice) error { return n.Activate("wang", "SC-2019", now) },
		"activate after another":    func(n *HolidayNotice) error { return n.Activate("zhao", "SC-2019+00000000", now) },
		"discard, also by proposer": func(n *HolidayNotice) error { return n.Discard(now) },
	}
	fromProposed := map[string]string{
		"activate": "", "activate by the proposer": ReasonNoticeSamePerson,
		"activate after another": ReasonHolidayNoticeOutdated, "discard, also by proposer": "",
	}
	for _, state := range HolidayNoticeStates() {
		for name, move := range moves {
			t.Run(string(state)+"/"+name, func(t *testing.T) {
				n := RehydrateHolidayNotice(HolidayNoticeRecord{State: state, Proposer: "wang", CalendarVersion: "SC-2019"})
				before, want := n.Record(), ReasonHolidayNoticeState
				if state == HolidayNoticeProposed {
					want = fromProposed[name]
				}
				err := move(n)
				wantReason(t, err, want)
				if f, ok := fault.As(err); ok && f.Meta[fault.MetaArticle] != CalendarArticles {
					t.Errorf("refused by art. %q", f.Meta[fault.MetaArticle])
				}
				if changed := !cmp.Equal(before, n.Record()); changed != (want == "") {
					t.Errorf("changed: %t, to %+v", changed, n.Record())
				}
			})
		}
	}
}

func TestProposedNoticeCountsItsMoves(t *testing.T) {
	move := func(before, after string) NoticeMove { return NoticeMove{Before: on(t, before), After: on(t, after)} }
	run := DryRun{CalendarVersion: "SC-2019", Examined: 9, Moves: []NoticeMove{
		move("2019-04-29", "2019-04-28"), move("2019-05-06", "2019-05-07"), move("2019-05-06", "2019-05-08"),
	}}
	r := ProposeHolidayNotice("51", "n", "wang", HolidayNoticeText{Number: "SC-2019-B"}, run, time.Unix(1, 0)).Record()
	if r.Examined != 9 || r.Later != 2 || r.Earlier != 1 || r.CalendarVersion != "SC-2019" || r.State != HolidayNoticeProposed {
		t.Errorf("proposed as %+v", r)
	}
}

func holidayText(t *testing.T, days ...HolidayDay) HolidayNoticeText {
	return HolidayNoticeText{
		Number: "SC-2019-B", Scope: NationalHolidays, PublishDate: on(t, "2019-03-22"), Source: "国办发明电〔2019〕3号", Days: days,
	}
}

const holidayCSV = "notice,date,kind,name\n"

// TestEveryFaultyHolidayIsNamed: all at once, and of one day the first fault.
func TestEveryFaultyHolidayIsNamed(t *testing.T) {
	csv := "\ufeff" + holidayCSV + strings.Join([]string{
		"SC-2019-B,2019-05-01,off,劳动节", // line 2
		"SC-2019,2019-05-02,off,劳动节",
		"SC-2019-B,2019-5-3,off,劳动节",
		"SC-2019-B,2019-02-29,off,劳动节",
		"SC-2019-B,2019-05-03,holiday,劳动节",
		"SC-2019-B,2022-01-01,off,元旦",
		"SC-2019-B,2017-12-31,off,元旦",
		"SC-2019-B,2019-05-01,work,劳动节",
		"SC-2019-B,2019-05-04,off, 劳动节",
		"SC-2019-B,2019-05-04,off",
		`SC-2019-B,2019-05-04,off,"劳动节`,
		"",
		"SC-2019-B,2018-12-31,off,元旦\r",
	}, "\n")
	tests := []struct {
		name string
		text HolidayNoticeText
		csv  string
		want []string
	}{
		{"lines", holidayText(t), csv, []string{
			"csv[3] NOTICE_DIFFERS", "csv[4] DATE_INVALID", "csv[5] DATE_INVALID", "csv[6] KIND_INVALID",
			"csv[7] DATE_IMPLAUSIBLE", "csv[8] DATE_IMPLAUSIBLE", "csv[9] DUPLICATE", "csv[10] NAME_INVALID",
			"csv[11] COLUMNS_INVALID", "csv[12] CSV_INVALID",
		}},
		{"header", holidayText(t), "notice,date\n", []string{"csv[1] HEADER_INVALID"}},
		{"no line", holidayText(t), holidayCSV, []string{"holiday_notice.days COUNT_INVALID"}},
		{"no day", holidayText(t), "", []string{"holiday_notice.days COUNT_INVALID"}},
		{"both", holidayText(t, HolidayDay{on(t, "2019-05-01"), false, "劳动节"}), holidayCSV, []string{"csv DAYS_TWICE"}},
		{"days", holidayText(t,
			HolidayDay{on(t, "2019-05-01"), false, "劳动节"}, HolidayDay{on(t, "2019-05-01"), true, "劳动节"},
			HolidayDay{workday.Date{Year: 2019, Month: 5}, false, "劳动节"}, HolidayDay{on(t, "2019-05-02"), false, ""},
		), "", []string{"holiday_notice.days[1] DUPLICATE", "holiday_notice.days[2] DATE_INVALID", "holiday_notice.days[3] NAME_INVALID"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := CheckHolidayNotice(tt.text, tt.csv, on(t, "2019-03-22"))
			f, ok := fault.As(err)
			if !ok || f.Reason != ReasonHolidayNoticeInvalid || f.Meta[fault.MetaArticle] != CalendarArticles {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, field := range f.Fields {
				got = append(got, field.Path+" "+field.Reason)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHolidayNoticeIsOfTodayAtLatest(t *testing.T) {
	good := HolidayDay{on(t, "2019-05-01"), false, "劳动节"}
	for today, want := range map[string]string{"2019-03-21": ReasonHolidayNoticeInvalid, "2019-03-22": "", "2026-01-01": ""} {
		text, err := CheckHolidayNotice(holidayText(t, good), "", on(t, today))
		wantReason(t, err, want)
		notice, facts := text.Calendar("51")
		if _, err := workday.New([]workday.Notice{notice}, facts); want == "" && (err != nil || notice.Province != "") {
			t.Errorf("no calendar takes %+v: %v", notice, err)
		}
	}
	text := holidayText(t, good)
	text.Scope, text.PublishDate = ProvincialHolidays, on(t, "1999-12-31")
	_, err := CheckHolidayNotice(text, "", on(t, "2019-03-22"))
	wantReason(t, err, ReasonHolidayNoticeInvalid)
	if notice, _ := text.Calendar("45"); notice.Province != "45" {
		t.Errorf("a provincial notice is of %q", notice.Province)
	}
}

// FuzzHolidayCSV: what is taken, a calendar takes too.
func FuzzHolidayCSV(f *testing.F) {
	f.Add(holidayCSV + "SC-2019-B,2019-05-01,off,劳动节\nSC-2019-B,2019-04-28,work,劳动节\n")
	f.Add(holidayCSV + "SC-2019-B,2019-05-01,off,\"a\nb\"\n")
	f.Add("\ufeff,\r\n\"")
	f.Fuzz(func(t *testing.T, csv string) {
		text, err := CheckHolidayNotice(holidayText(t), csv, on(t, "2019-03-22"))
		if err != nil {
			if !fault.Is(err, ReasonHolidayNoticeInvalid) {
				t.Fatal(err)
			}
			return
		}
		notice, facts := text.Calendar("51")
		if _, err := workday.New([]workday.Notice{notice}, facts); err != nil || len(facts) == 0 ||
			slices.ContainsFunc(facts, func(f workday.Fact) bool { return f.Name == "" }) {
			t.Fatalf("%q is taken as %v: %v", csv, facts, err)
		}
	})
}
