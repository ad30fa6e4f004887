package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// goal is a figure that is to be reached at eight clients: at least a ratio to
// another system, or at most so many microseconds of CPU of the service.
type goal struct {
	action, system, versus string
	least                  float64
	most                   float64
}

// goals are those of the performance page of the project.
func goals() []goal {
	return []goal{
		{action: "W", system: "gRPC", versus: "pgbench", least: 0.65},
		{action: "R1", system: "gRPC", versus: "pgbench", least: 0.28},
		{action: "R2", system: "gRPC", versus: "pgbench", least: 0.20},
		{action: "W", system: "gRPC", most: 320},
		{action: "R1", system: "gRPC", most: 320},
		{action: "R2", system: "gRPC", most: 320},
		{action: "R1", system: "REST", versus: "Directus", least: 18},
		{action: "R2", system: "REST", versus: "Directus", least: 14},
		{action: "W", system: "REST", versus: "Directus", least: 18},
		{action: "R1", system: "REST", versus: "Fastify", least: 2},
		{action: "R2", system: "REST", versus: "Fastify", least: 2},
		{action: "W", system: "REST", versus: "Fastify", least: 2},
	}
}

// judge prints each goal with what was measured.
func (r *results) judge(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\ngoal at 8 clients\tmeasured\twanted\t")
	for _, g := range goals() {
		at := r.find(g.action, g.system, 8)
		if at == nil {
			continue
		}
		if g.versus == "" {
			micros := at.CPUMicros["service"]
			fmt.Fprintf(table, "%s %s, CPU of the service\t%.0f µs\t≤ %.0f\t%s\n", g.action, g.system, micros, g.most, verdict(micros <= g.most))
			continue
		}
		if ratio, ok := at.Ratios[g.versus]; ok {
			fmt.Fprintf(table, "%s %s of %s\t%.2f\t≥ %.2f\t%s\n", g.action, g.system, g.versus, ratio, g.least, verdict(ratio >= g.least))
		}
	}
	_ = table.Flush() // the standard output is gone if this fails
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "NOT MET"
}
