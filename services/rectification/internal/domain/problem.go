package domain

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Problem is one problem fed back to the county, with the group's suggestion
// (改进意见, art. 11).
type Problem struct {
	Number      int32
	Description string
	Suggestion  string
}

func checkProblems(problems []Problem) error {
	return checkNumbering(artFeedback, func(yield func(int32) bool) {
		for _, p := range problems {
			if !yield(p.Number) {
				return
			}
		}
	})
}

// checkNumbering wants 1, 2, 3 …: plan and report refer to problems and measures
// by number, so a gap or a repeat would make them ambiguous.
func checkNumbering(article string, numbers iter.Seq[int32]) error {
	want := int32(1)
	for n := range numbers {
		if n != want {
			return fault.Refuse(article, "NUMBERING_INVALID")
		}
		want++
	}
	return nil
}

// list writes numbers as the texts of the reasons want them: "2, 5".
func list(numbers []int32) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	parts := make([]string, len(sorted))
	for i, n := range sorted {
		parts[i] = strconv.Itoa(int(n))
	}
	return strings.Join(parts, ", ")
}
