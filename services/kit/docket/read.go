package docket

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	regulationv1 "github.com/xunshi/xunshi/gen/go/xunshi/regulation/v1"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Query asks for a page of obligations.
type Query struct {
	// Filter is over the columns state, duty, article, county_code, city_code,
	// inspection_id, subject, soft, obligor_party and due_date.
	Filter filter.Condition
	Cursor page.Cursor // Keys: SortKey
	Size   int
	AsOf   *time.Time // nil: as they are
}

// SortKey is the sort key of an obligation in a page token.
func SortKey(r obligation.Record) string { return r.Due.String() }

// Of gives the obligations of each of the subjects that the caller may see, the
// ended ones too, oldest first.
func (d *Docket) Of(tx *pg.Tx, subjects ...string) (map[string][]*obligation.Obligation, error) {
	out := make(map[string][]*obligation.Obligation, len(subjects))
	if len(subjects) == 0 {
		return out, nil
	}
	found, err := mine[obligationRow](tx).Where("subject IN ?", subjects).
		Order("create_time").Order("id").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("obligations of subjects: %w", err)
	}
	for _, r := range found {
		out[r.Columns.Subject] = append(out[r.Columns.Subject], r.obligation())
	}
	return out, nil
}

// Date is what a subject tells of an obligation.
type Date struct {
	Duty      regulation.DutyName
	State     obligation.State
	Statutory *regulationv1.StatutoryDate
}

// dateRow are the columns that a Date is made of, a third of all.
type dateRow struct {
	ID              string
	Subject         string
	Duty            string
	State           string
	Article         string
	RuleSet         string
	Clock           string
	StartDate       row.Day
	DueDate         row.Day
	Provisional     bool
	CalendarVersion string
}

func (dateRow) TableName() string { return "obligation" }

// DatesOf is Of for those who only tell the dates: it reads no more than they need.
func (d *Docket) DatesOf(tx *pg.Tx, subjects ...string) (map[string][]Date, error) {
	out := make(map[string][]Date, len(subjects))
	if len(subjects) == 0 {
		return out, nil
	}
	found, err := mine[dateRow](tx).Where("subject IN ?", subjects).Select("id", "subject", "duty", "state", "article",
		"rule_set", "clock", "start_date", "due_date", "provisional", "calendar_version").
		Order("create_time").Order("id").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("dates of subjects: %w", err)
	}
	for _, r := range found {
		out[r.Subject] = append(out[r.Subject], Date{
			Duty: regulation.DutyName(r.Duty), State: obligation.State(r.State),
			Statutory: &regulationv1.StatutoryDate{
				Date: wire.Date(workday.Date(r.DueDate)), StartDate: wire.Date(workday.Date(r.StartDate)), Provisional: r.Provisional,
				Article: r.Article, RuleSet: r.RuleSet, CalendarVersion: r.CalendarVersion, Clock: r.Clock,
				Obligation: d.Name(r.ID, tx.Principal().Province),
			},
		})
	}
	return out, nil
}

// Get reads an obligation that the caller may see.
func (d *Docket) Get(tx *pg.Tx, id string) (*obligation.Obligation, error) {
	found, err := row.One(tx, mine[obligationRow](tx).Where("id = ?", id), d.missing(tx, id))
	if err != nil {
		return nil, err
	}
	return found.obligation(), nil
}

// GetAsOf reads it as it was known at an instant: by the last entry of its history
// up to then. What the caller could not know then is missing.
func (d *Docket) GetAsOf(tx *pg.Tx, id string, t time.Time) (*obligation.Obligation, error) {
	found, err := mine[changeRow](tx).Where("id = ? AND record_time <= ?", id, t).
		Order("sequence DESC").Limit(1).Take(tx.Context())
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return nil, d.missing(tx, id)
	case err != nil:
		return nil, fmt.Errorf("obligation as of %s: %w", t.UTC().Format(time.RFC3339), err)
	}
	return obligation.Rehydrate(found.Columns.record()), nil
}

// List gives a page by (due_date, id), with one more than its size if another follows.
func (d *Docket) List(tx *pg.Tx, q Query) ([]*obligation.Obligation, error) {
	query := mine[obligationRow](tx)
	if q.AsOf != nil {
		query = asOf(tx, *q.AsOf)
	}
	if q.Filter.SQL != "" {
		query = query.Where(q.Filter.SQL, q.Filter.Args...)
	}
	found, err := row.Page(tx, query, q.Cursor, q.Size, "due_date", "id")
	return row.Convert(found, obligationRow.obligation), err
}

// asOf reads the histories as if they were the obligations: of each the last entry
// up to the instant. Who may see one entry may see all that follow it, so the last
// one that is seen is the last one there is.
func asOf(tx *pg.Tx, t time.Time) gorm.ChainInterface[obligationRow] {
	latest := tx.Gorm().Model(&changeRow{}).Select("DISTINCT ON (id) *").
		Where("province = ? AND record_time <= ?", tx.Principal().Province, t).
		Where(tx.Own(place())).Where(known(tx)).Order("id").Order("sequence DESC")
	// Named behind G, which forgets what the connection was told before.
	return gorm.G[obligationRow](tx.Gorm()).Table("(?) AS obligation", latest).Where("true")
}

// Changes gives the history, oldest first; up to an instant if one is given. The
// entries from before the caller might know of the obligation are not his.
func (d *Docket) Changes(tx *pg.Tx, id string, until *time.Time) ([]obligation.Change, error) {
	query := mine[changeRow](tx).Where("id = ?", id)
	if until != nil {
		query = query.Where("record_time <= ?", *until)
	}
	found, err := query.Order("sequence").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("history of an obligation: %w", err)
	}
	if len(found) == 0 {
		return nil, d.missing(tx, id)
	}
	return row.Convert(found, changeRow.change), nil
}

// Known is since when the caller knows of an obligation.
type Known struct {
	Time     time.Time
	Sequence int // of the first entry of the history that is his
}

// Of gives an obligation as one who knows of it since then is told of it: what he sees
// of it began then, and its versions are the steps that he knows.
func (k Known) Of(o *obligation.Obligation) *obligation.Obligation {
	r := o.Record()
	r.CreateTime, r.Version = k.Time, int64(r.Changes-k.Sequence+1)
	return obligation.Rehydrate(r)
}

// KnownSince tells of each of the obligations since when the caller knows of it. A body
// of the inside knows all from the beginning, so that there is nothing to tell.
func (d *Docket) KnownSince(tx *pg.Tx, list []*obligation.Obligation) (map[string]Known, error) {
	if tx.Principal().Inside() || len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, len(list))
	for _, o := range list {
		ids = append(ids, o.Record().ID)
	}
	var found []struct {
		ID         string
		RecordTime time.Time
		Sequence   int
	}
	err := mine[changeRow](tx).Select("id, min(record_time) AS record_time, min(sequence) AS sequence").
		Where("id IN ?", ids).Group("id").Scan(tx.Context(), &found)
	if err != nil {
		return nil, fmt.Errorf("since when obligations are known: %w", err)
	}
	out := make(map[string]Known, len(found))
	for _, f := range found {
		out[f.ID] = Known{Time: f.RecordTime, Sequence: f.Sequence}
	}
	return out, nil
}
