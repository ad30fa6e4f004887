package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
)

// row is what one contender did in one action at one number of clients, over the
// rounds: medians, and the median of its ratio to another in the same round.
type row struct {
	Action       string             `json:"action"`
	System       string             `json:"system"`
	Clients      int                `json:"clients"`
	Rates        []float64          `json:"rates"`
	PerSecond    float64            `json:"per_second"`
	MedianMicros int64              `json:"median_us,omitempty"`
	P99Micros    int64              `json:"p99_us,omitempty"`
	CPUMicros    map[string]float64 `json:"cpu_us"` // of each process for one request
	Ratios       map[string]float64 `json:"ratios"` // to other systems, of the paired rounds

	figures []figure
}

type results struct {
	Time   time.Time `json:"time"`
	Plan   plan      `json:"plan"`
	Rows   []*row    `json:"rows"`
	Absent []string  `json:"absent,omitempty"`
}

func newResults(p plan) *results { return &results{Time: clock.System().Now().UTC(), Plan: p} }

func (r *results) add(action, system string, clients int, f figure) {
	at := r.find(action, system, clients)
	if at == nil {
		at = &row{Action: action, System: system, Clients: clients}
		r.Rows = append(r.Rows, at)
	}
	at.figures = append(at.figures, f)
}

// drop forgets the rounds of a peer that failed in one of them: they have no pair.
func (r *results) drop(action, system string, clients int, why error) {
	r.Rows = slices.DeleteFunc(r.Rows, func(at *row) bool {
		return at.Action == action && at.System == system && at.Clients == clients
	})
	r.Absent = append(r.Absent, fmt.Sprintf("left out: %v", why))
}

func (r *results) find(action, system string, clients int) *row {
	for _, at := range r.Rows {
		if at.Action == action && at.System == system && at.Clients == clients {
			return at
		}
	}
	return nil
}

// summarise takes the medians.
func (r *results) summarise() {
	for _, at := range r.Rows {
		at.Rates = of(at, func(f figure) float64 { return f.perSecond })
		at.PerSecond = median(at.Rates)
		at.MedianMicros = int64(median(of(at, func(f figure) float64 { return float64(f.median.Microseconds()) })))
		at.P99Micros = int64(median(of(at, func(f figure) float64 { return float64(f.p99.Microseconds()) })))
		at.CPUMicros, at.Ratios = map[string]float64{}, map[string]float64{}
		for process := range at.figures[0].cpu {
			at.CPUMicros[process] = median(of(at, func(f figure) float64 { return float64(f.cpu[process].Microseconds()) }))
		}
	}
	for _, at := range r.Rows {
		for _, other := range r.Rows {
			if other == at || other.Action != at.Action || other.Clients != at.Clients {
				continue
			}
			var paired []float64
			for i := range at.figures {
				paired = append(paired, at.figures[i].perSecond/other.figures[i].perSecond)
			}
			at.Ratios[other.System] = median(paired)
		}
	}
}

func of(at *row, value func(figure) float64) []float64 {
	all := make([]float64, 0, len(at.figures))
	for _, f := range at.figures {
		all = append(all, value(f))
	}
	return all
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// write keeps everything as JSON in dir and prints the table and the goals.
func (r *results) write(dir string, out io.Writer) error {
	r.summarise()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "results.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "action\tclients\tsystem\tper second\tof pgbench\tmedian µs\tp99 µs\tCPU µs of a request")
	for _, at := range r.Rows {
		fmt.Fprintf(table, "%s\t%d\t%s\t%.0f\t%.2f\t%d\t%d\t%s\n", at.Action, at.Clients, at.System,
			at.PerSecond, at.share(), at.MedianMicros, at.P99Micros, at.cpu())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	r.judge(out)
	for _, peer := range r.Absent {
		fmt.Fprintln(out, peer)
	}
	_, err = fmt.Fprintln(out, "all rounds:", file)
	return err
}

func (at *row) share() float64 {
	if at.System == "pgbench" {
		return 1
	}
	return at.Ratios["pgbench"]
}

func (at *row) cpu() string {
	var all []string
	for _, process := range []string{"service", "edge", "postgres"} {
		if micros, ok := at.CPUMicros[process]; ok {
			all = append(all, fmt.Sprintf("%s %.0f", process, micros))
		}
	}
	return strings.Join(all, ", ")
}
