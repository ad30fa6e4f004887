package domain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// gap is one kind of thing that a submission lacks, and where.
type gap struct {
	path, reason string
	what         string // what the numbers are of; empty where it is said of the whole
	numbers      []int32
}

// lacking refuses a submission and names everything that it lacks, so that the county
// need not find out one by one (art. 17). The refusal is that of the first gap there is.
type lacking struct {
	gaps    []gap
	refusal *fault.Error
}

// add notes a gap; reason and key are those of the refusal.
func (l *lacking) add(g gap, reason, key string) {
	if len(g.numbers) == 0 {
		return
	}
	l.gaps = append(l.gaps, g)
	if l.refusal == nil {
		l.refusal = fault.Refuse(artPlan, reason, key, list(g.numbers))
	}
}

// uncommitted notes that the signer does not answer for the truth.
func (l *lacking) uncommitted(s Signature) {
	if s.Truthful {
		return
	}
	l.gaps = append(l.gaps, gap{path: "truthfulness_commitment", reason: "COMMITMENT_MISSING"})
	if l.refusal == nil {
		l.refusal = fault.Refuse(artPlan, "COMMITMENT_MISSING")
	}
}

func (l *lacking) err() error {
	if l.refusal == nil {
		return nil
	}
	out := l.refusal
	for _, g := range l.gaps {
		if g.what == "" {
			out = out.WithField(g.path, g.reason, "missing")
		}
		for _, part := range spans(g.numbers) {
			out = out.WithField(g.path, g.reason, g.what+" "+part)
		}
	}
	return out
}

// checkComplete wants every problem answered by enough measures, no measure for a problem
// that was not fed back, and each measure with owner, post, date and acceptance test
// (art. 17; domain.md §7).
func (p *Plan) checkComplete(problems []Problem, s Signature, rules *regulation.RuleSet) error {
	unknown, uncovered, astray, err := p.coverage(problems, rules)
	if err != nil {
		return err
	}
	var l lacking
	l.add(gap{"measures.problem_numbers", "PROBLEM_UNKNOWN", "problems", unknown}, "PROBLEM_UNKNOWN", "problems")
	l.add(gap{"measures", "PROBLEM_UNCOVERED", "problems", uncovered}, "PLAN_INCOMPLETE", "problems")
	l.add(gap{"measures.problem_numbers", "PROBLEMS_MISSING", "measures", astray}, "MEASURES_INCOMPLETE", "measures")
	for _, field := range []struct {
		name string
		has  func(Measure) bool
	}{
		{"owner", func(m Measure) bool { return written(m.Owner) }},
		{"owner_post", func(m Measure) bool { return written(m.OwnerPost) }},
		{"due_date", func(m Measure) bool { return !m.Due.IsZero() }},
		{"acceptance_test", func(m Measure) bool { return written(m.AcceptanceTest) }},
	} {
		var without []int32
		for _, m := range p.r.Measures {
			if !field.has(m) {
				without = append(without, m.Number)
			}
		}
		l.add(gap{"measures." + field.name, strings.ToUpper(field.name) + "_MISSING", "measures", without}, "MEASURES_INCOMPLETE", "measures")
	}
	l.uncommitted(s)
	return l.err()
}

// coverage gives the problems that were not fed back, those with too few measures, and
// the measures that answer none.
func (p *Plan) coverage(problems []Problem, rules *regulation.RuleSet) (unknown, uncovered, astray []int32, err error) {
	enough, err := rules.Number(regulation.PlanMeasuresPerItem)
	if err != nil {
		return nil, nil, nil, err
	}
	answers := make(map[int32]int, len(problems))
	for _, problem := range problems {
		answers[problem.Number] = 0
	}
	for _, m := range p.r.Measures {
		if len(m.Problems) == 0 {
			astray = append(astray, m.Number)
		}
		for _, n := range m.Problems {
			if _, ok := answers[n]; !ok {
				unknown = append(unknown, n)
				continue
			}
			answers[n]++
		}
	}
	for n, count := range answers {
		if count < enough {
			uncovered = append(uncovered, n)
		}
	}
	return unknown, uncovered, astray, nil
}

func written(s string) bool { return strings.TrimSpace(s) != "" }

// spanLength keeps a description below what an answer may repeat.
const spanLength = 200

// spans writes numbers as "1-3, 7", in as many parts as needed to leave nothing out.
func spans(numbers []int32) []string {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	var parts []string
	for i := 0; i < len(sorted); {
		end := i
		for end+1 < len(sorted) && sorted[end+1] == sorted[end]+1 {
			end++
		}
		span := strconv.Itoa(int(sorted[i]))
		if end > i {
			span += "-" + strconv.Itoa(int(sorted[end]))
		}
		if last := len(parts) - 1; last >= 0 && len(parts[last])+len(span) < spanLength {
			parts[last] += ", " + span
		} else {
			parts = append(parts, span)
		}
		i = end + 1
	}
	return parts
}
