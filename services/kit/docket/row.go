package docket

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// columns are what is known of an obligation; a change has them too.
type columns struct {
	Province        string
	ID              string
	Duty            string
	Article         string
	ObligorParty    string
	Soft            bool
	Subject         string
	CountyCode      string
	CityCode        string
	InspectionID    row.Text
	RuleSet         string
	Clock           string
	StartDate       row.Day
	PlannedDate     row.Day
	Awaiting        int
	DueDate         row.Day
	ComputedDate    row.Day
	Provisional     bool
	CalendarVersion string
	Extension       int
	Suspensions     row.Docs[spanDoc] `gorm:"type:jsonb"`
	State           string
	SatisfyDate     row.Day
	Late            bool
	CountySees      bool
	CitySees        bool
	Series          int
	NextRung        int
	RungDate        row.Day
	YellowDate      row.Day
	ChangeCount     int
	CreateTime      time.Time
	UpdateTime      time.Time
	Version         int64
}

type obligationRow struct {
	Columns columns `gorm:"embedded"`
}

func (obligationRow) TableName() string { return "obligation" }

type changeRow struct {
	Sequence   int
	Kind       string
	Cause      string
	RecordTime time.Time
	Columns    columns `gorm:"embedded"`
}

func (changeRow) TableName() string { return "obligation_change" }

// spanDoc is one suspension; one that has not ended has no end.
type spanDoc struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}

func toSpan(s workday.Span) spanDoc {
	doc := spanDoc{From: s.From.String()}
	if !s.To.IsZero() {
		doc.To = s.To.String()
	}
	return doc
}

// span reads what toSpan wrote, and nothing else is in the column.
func (s spanDoc) span() workday.Span {
	var out workday.Span
	out.From, _ = workday.ParseDate(s.From)
	out.To, _ = workday.ParseDate(s.To)
	return out
}

func toColumns(r obligation.Record) columns {
	obligor, _ := Recipient(r.Obligor, r.Place)
	return columns{
		Province: r.Place.Province, ID: r.ID, Duty: string(r.Duty), Article: r.Article, ObligorParty: string(obligor),
		Soft: r.Soft, Subject: r.Subject, CountyCode: r.Place.County, CityCode: r.Place.City,
		InspectionID: row.Text(r.Place.Inspection), RuleSet: r.RuleSet, Clock: string(r.Clock), StartDate: row.Day(r.Start),
		PlannedDate: row.Day(r.Planned), Awaiting: r.Awaiting, DueDate: row.Day(r.Due), ComputedDate: row.Day(r.Computed),
		Provisional: r.Provisional, CalendarVersion: r.Calendar, Extension: r.Extension,
		Suspensions: row.Convert(r.Suspensions, toSpan), State: string(r.State), SatisfyDate: row.Day(r.SatisfyDate),
		Late: r.Late, CountySees: r.CountySees, CitySees: r.CitySees, Series: r.Series, NextRung: r.NextRung,
		RungDate: row.Day(r.RungDate), YellowDate: row.Day(r.YellowDate), ChangeCount: r.Changes,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (c columns) record() obligation.Record {
	r := obligation.Record{
		ID: c.ID, Duty: regulation.DutyName(c.Duty), Article: c.Article, Obligor: bodyOf(c.ObligorParty), Soft: c.Soft,
		Subject: c.Subject,
		Place: obligation.Place{
			Province: c.Province, City: c.CityCode, County: c.CountyCode, Inspection: string(c.InspectionID),
		},
		RuleSet: c.RuleSet, Clock: regulation.ClockName(c.Clock), Start: workday.Date(c.StartDate),
		Planned: workday.Date(c.PlannedDate), Awaiting: c.Awaiting, Due: workday.Date(c.DueDate),
		Computed: workday.Date(c.ComputedDate), Provisional: c.Provisional, Calendar: c.CalendarVersion,
		Extension: c.Extension, State: obligation.State(c.State), SatisfyDate: workday.Date(c.SatisfyDate), Late: c.Late,
		CountySees: c.CountySees, CitySees: c.CitySees, Series: c.Series, NextRung: c.NextRung,
		RungDate: workday.Date(c.RungDate), YellowDate: workday.Date(c.YellowDate), Changes: c.ChangeCount,
		CreateTime: c.CreateTime, UpdateTime: c.UpdateTime, Version: c.Version,
	}
	for _, s := range c.Suspensions {
		r.Suspensions = append(r.Suspensions, s.span())
	}
	return r
}

func toObligationRow(r obligation.Record) obligationRow { return obligationRow{toColumns(r)} }

func (r obligationRow) obligation() *obligation.Obligation {
	return obligation.Rehydrate(r.Columns.record())
}

func toChangeRow(c obligation.Change) changeRow {
	return changeRow{
		Sequence: c.Sequence, Kind: string(c.Kind), Cause: c.Cause, RecordTime: c.Time, Columns: toColumns(c.After),
	}
}

func (r changeRow) change() obligation.Change {
	return obligation.Change{
		Sequence: r.Sequence, Kind: obligation.ChangeKind(r.Kind), Cause: r.Cause, Time: r.RecordTime, After: r.Columns.record(),
	}
}
