package workday

import (
	_ "embed" // the notices are data files
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed data/holiday-notices.csv
var noticesCSV string

//go:embed data/holiday-days.csv
var daysCSV string

// National returns the calendar of the State Council's notices, 2008 to 2026,
// that are built into the program. It reads them anew at each call, so call it
// once at the start.
func National() (*Calendar, error) {
	notices, err := parse("holiday-notices.csv", noticesCSV, []string{"notice", "published", "source"}, readNotice)
	if err != nil {
		return nil, err
	}
	facts, err := parse("holiday-days.csv", daysCSV, []string{"notice", "date", "kind", "name"}, readFact)
	if err != nil {
		return nil, err
	}
	return New(notices, facts)
}

func readNotice(row []string) (Notice, error) {
	published, err := ParseDate(row[1])
	return Notice{ID: row[0], Published: published, Source: row[2]}, err
}

func readFact(row []string) (Fact, error) {
	date, err := ParseDate(row[1])
	if err != nil {
		return Fact{}, err
	}
	kind := row[2]
	if kind != "off" && kind != "work" {
		return Fact{}, fmt.Errorf("kind %q is neither off nor work", kind)
	}
	return Fact{Notice: row[0], Date: date, Working: kind == "work", Name: row[3]}, nil
}

func parse[T any](file, text string, header []string, read func(row []string) (T, error)) ([]T, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], header) {
		return nil, fmt.Errorf("%s: the header is not %v", file, header)
	}
	out := make([]T, 0, len(rows)-1)
	for i, row := range rows[1:] {
		v, err := read(row)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, i+2, err)
		}
		out = append(out, v)
	}
	return out, nil
}
