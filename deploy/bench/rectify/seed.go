package main

import (
	"context"
	_ "embed" // the statements below
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/workday"
)

//go:embed seed.sql
var seedSQL string

const (
	itemsPerCase = 20
	counties     = 189 // cases go round them, see seed.sql
	perCounty    = 50  // cases with items, in each of two counties
	cases        = 2 * perCounty
)

// target is a case with twenty items, to which W and R1 go.
type target struct {
	number           int // of the case
	id, city, county string
}

func (t target) name() string { return "provinces/51/rectifications/" + t.id }

// item is the id of the n-th item, from 1.
func (t target) item(n int) string {
	return fmt.Sprintf("01900005-0000-7000-80%02x-%012x", n, t.number)
}

// seed fills an empty database, and takes one that was filled alike as it is.
func (s *subject) seed(ctx context.Context, p plan) error {
	var found, items int
	err := s.admin.QueryRow(ctx, "SELECT (SELECT count(*) FROM rectification), (SELECT count(*) FROM item)").Scan(&found, &items)
	if err != nil {
		return err
	}
	if found == p.Rows && items > 0 {
		return nil
	}
	if found > 0 {
		return fmt.Errorf("%s holds %d cases and not %d; remove it first", s.dir, found, p.Rows)
	}
	calendar, err := workday.National()
	if err != nil {
		return err
	}
	today := workday.DateOf(clock.System().Now())
	text := strings.NewReplacer(
		":rows", strconv.Itoa(p.Rows), ":stride", strconv.Itoa(p.stride()),
		":'calendar'", "'"+calendar.KnownAt(today).Version()+"'",
	).Replace(seedSQL)
	fmt.Fprintf(os.Stderr, "seeding %d cases\n", p.Rows)
	if _, err := s.admin.PgConn().Exec(ctx, text).ReadAll(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	_, err = s.admin.Exec(ctx, "VACUUM ANALYZE")
	return err
}

// targets are the cases with items, those of one county first.
func (p plan) targets() []target {
	var all []target
	for _, first := range []int{1, 100} {
		for n := range perCounty {
			i := first + n*p.stride()*counties
			all = append(all, target{
				number: i, id: fmt.Sprintf("01900004-0000-7000-8000-%012x", i),
				city: strconv.Itoa(510000 + 100*(1+i%21)), county: strconv.Itoa(510001 + 100*(1+i%21) + i/21%9),
			})
		}
	}
	return all
}

func (p plan) stride() int { return p.Rows / counties / perCounty }

// versions reads how often each item was changed, which its etag says.
func (s *subject) versions(ctx context.Context, table string) (map[string]*int64, error) {
	rows, err := s.admin.Query(ctx, "SELECT id::text, version FROM "+table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]*int64{}
	for rows.Next() {
		var id string
		var version int64
		if err := rows.Scan(&id, &version); err != nil {
			return nil, err
		}
		all[id] = &version
	}
	return all, rows.Err()
}
