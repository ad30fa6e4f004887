package docketserver

import (
	"context"
	"fmt"

	ics "github.com/arran4/golang-ical"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// mostEvents bounds a calendar: the earliest dates are in it. No body owes more at a time.
const mostEvents = 2000

// ExportObligationCalendar gives the open obligations of the caller's body as an iCalendar.
func (s *obligations) ExportObligationCalendar(ctx context.Context, req *obligationv1.ExportObligationCalendarRequest) (*obligationv1.ObligationCalendar, error) {
	if _, err := parseProvince(req.GetParent()); err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*obligationv1.ObligationCalendar, error) {
		own := filter.Condition{SQL: "state = ? AND obligor_party = ?", Args: []any{string(obligation.Open), owes(tx.Principal().Party)}}
		var cursor page.Cursor
		calendar := newCalendar()
		for n := 0; n < mostEvents; {
			found, err := s.Docket.List(tx, docket.Query{Filter: own, Cursor: cursor, Size: 200})
			if err != nil {
				return nil, err
			}
			found, more := page.Cut(found, 200)
			for _, o := range found {
				s.addEvent(calendar, o)
			}
			if !more {
				break
			}
			n += len(found)
			last := found[len(found)-1].Record()
			cursor = page.Cursor{Keys: []string{last.Due.String()}, ID: last.ID}
		}
		// The library's default on Unix is a bare line feed; RFC 5545 wants both.
		return &obligationv1.ObligationCalendar{Content: calendar.Serialize(ics.WithNewLineWindows)}, nil
	})
}

// owes is the party whose dates a caller keeps: a liaison body keeps its city's (art. 16).
func owes(p principal.Party) string {
	if p == principal.CityLiaisonBody {
		p = principal.CityCommittee
	}
	return string(p)
}

func newCalendar() *ics.Calendar {
	c := ics.NewCalendar()
	c.SetProductId("-//xunshi//obligations//ZH")
	c.SetMethod(ics.MethodPublish)
	return c
}

// addEvent adds a whole day. The UID is the obligation's name, so that a client
// moves the entry when the date moves.
func (d Deps) addEvent(c *ics.Calendar, o *obligation.Obligation) {
	r := o.Record()
	name := d.Docket.Name(r.ID, r.Place.Province)
	event := c.AddEvent(name)
	event.SetDtStampTime(r.UpdateTime)
	event.SetSequence(r.Changes)
	event.SetAllDayStartAt(r.Due.Time())
	event.SetAllDayEndAt(r.Due.AddDays(1).Time())
	event.SetSummary(fmt.Sprintf("%s（第%s条）", title(r.Duty), r.Article))
	text := "事项 " + r.Subject + "\n时限 " + name
	if r.Place.County != "" { // a term is the subject of one date for each of its counties
		text += "\n被巡视县 " + child(r.Place.Province, "counties", r.Place.County)
	}
	if r.Provisional {
		text += "\n跨越尚未公布放假安排的年份，日期可能调整"
	}
	event.SetDescription(text)
}

// title says in Chinese what is owed.
func title(d regulation.DutyName) string {
	titles := map[regulation.DutyName]string{
		regulation.DutyCoverage: "任期内巡视全覆盖", regulation.DutyOnSitePeriod: "驻点结束", regulation.DutyHearing: "领导小组听取汇报",
		regulation.DutyImmediate: "立行立改", regulation.DutyInspectionReport: "提交巡视报告", regulation.DutyFeedback: "反馈巡视意见", regulation.DutyFeedbackCopy: "抄送反馈意见",
		regulation.DutyEntryNotice: "书面通知巡视安排", regulation.DutyCityBriefing: "介绍被巡视县情况",
		regulation.DutyLiaison: "登记巡视工作联络机构", regulation.DutyCityMeasures: "研究本级运用巡视成果的措施",
		regulation.DutyPlan: "报送整改方案", regulation.DutyReport: "报送整改情况报告",
	}
	if t := titles[d]; t != "" {
		return t
	}
	return string(d)
}
