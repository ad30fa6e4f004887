package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// ReasonPaperNotPassed is the refusal of a finding on an unfinished paper.
const ReasonPaperNotPassed = "WORKING_PAPER_NOT_PASSED"

// Problem is what a finding states.
type Problem struct {
	Description  string
	ContentCodes []string // of the rule set's list (art. 7)
}

// FindingRecord is what is known of a finding.
type FindingRecord struct {
	Key
	Problem
	Paper      string // id of the passed working paper
	CreateTime time.Time
}

// Finding is a problem found (发现的问题). It never changes: a report that names
// it must find it as it was.
type Finding struct {
	r FindingRecord
}

// RecordFinding draws a finding from a paper that passed all three reviews
// (arts 6, 7, 10). codes are the contents of inspection in the rule set of the
// task: a problem of none of them is not the inspection's.
func RecordFinding(key Key, paper *Paper, p Problem, codes []string, now time.Time) (*Finding, error) {
	if !paper.Passed() {
		return nil, fault.Refuse("10", ReasonPaperNotPassed, "state", string(paper.r.State))
	}
	for n, code := range p.ContentCodes {
		if !slices.Contains(codes, code) {
			return nil, fault.InvalidField(fmt.Sprintf("finding.content_codes[%d]", n), "CONTENT_CODE_UNKNOWN",
				"not a content of inspection in the rule set of the task (art. 7)")
		}
	}
	p.ContentCodes = slices.Clone(p.ContentCodes)
	return &Finding{FindingRecord{Key: key, Problem: p, Paper: paper.r.ID, CreateTime: now}}, nil
}

// RehydrateFinding makes a finding of a stored record; for the store only.
func RehydrateFinding(r FindingRecord) *Finding { return &Finding{r} }

// Record gives a copy of what is known.
func (f *Finding) Record() FindingRecord {
	r := f.r
	r.ContentCodes = slices.Clone(r.ContentCodes)
	return r
}
