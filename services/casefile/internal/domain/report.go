package domain

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Reasons of refusal about inspection reports (arts 5, 10).
const (
	ReasonReportState    = "REPORT_STATE_INVALID"
	ReasonPapersOpen     = "WORKING_PAPERS_OPEN"
	ReasonStayNotEnded   = "STAY_NOT_ENDED"
	ReasonNotCovered     = "DECISION_DOES_NOT_COVER"
	ReasonFindingUnknown = "FINDING_UNKNOWN"
)

// ReportState says where a report stands.
type ReportState string

// The states of a report.
const (
	ReportDraft     ReportState = "DRAFT"
	ReportSubmitted ReportState = "SUBMITTED"
	ReportReturned  ReportState = "RETURNED"
	ReportAgreed    ReportState = "AGREED"
)

// ReportStates lists the states.
func ReportStates() []ReportState {
	return []ReportState{ReportDraft, ReportSubmitted, ReportReturned, ReportAgreed}
}

// ReportRecord is what is known of a report.
type ReportRecord struct {
	Province      string
	ID            string
	CaseFile      string
	Content       string
	Findings      []string // ids, in the order of the report
	State         ReportState
	Signed        Signature // of the group leader, for what was submitted
	Decision      string    // id of the decision that agreed
	ReturnOpinion string
	CreateTime    time.Time
	UpdateTime    time.Time
	Version       int64
}

// Name is the resource name.
func (r ReportRecord) Name() string { return ReportName(r.Province, r.ID) }

// Report is the group's report on a county (巡视报告, art. 10).
type Report struct {
	r ReportRecord
}

// DraftReport starts the report of a case file.
func DraftReport(id string, file *CaseFile, content string, findings []string, now time.Time) *Report {
	return &Report{ReportRecord{
		Province: file.r.Province, ID: id, CaseFile: file.r.ID, Content: content,
		Findings: slices.Clone(findings), State: ReportDraft, CreateTime: now, UpdateTime: now, Version: 1,
	}}
}

// RehydrateReport makes a report of a stored record; for the store only.
func RehydrateReport(r ReportRecord) *Report { return &Report{r} }

// Record gives a copy of what is known.
func (r *Report) Record() ReportRecord {
	c := r.r
	c.Findings = slices.Clone(c.Findings)
	return c
}

// Saved counts the version up; for the store only, after it wrote the record.
func (r *Report) Saved() { r.r.Version++ }

// reportMove is a lawful change of state and the article that calls for it.
type reportMove struct {
	from    []ReportState
	to      ReportState // "" if the state stays
	article string
}

// The moves are data, so that a test can hold them against all states. None
// leads out of AGREED: what the leading group agreed to is fed back as it was.
func reportMoves() map[string]reportMove {
	withGroup := []ReportState{ReportDraft, ReportReturned}
	withLeadingGroup := []ReportState{ReportSubmitted}
	return map[string]reportMove{
		"update": {withGroup, "", "10"},
		"submit": {withGroup, ReportSubmitted, "10"},
		"return": {withLeadingGroup, ReportReturned, "5"},
		"agree":  {withLeadingGroup, ReportAgreed, "10"},
	}
}

// check refuses a move in a wrong state, before any other rule is asked.
func (r *Report) check(verb string) (reportMove, error) {
	m := reportMoves()[verb]
	if !slices.Contains(m.from, r.r.State) {
		return m, fault.Refuse(m.article, ReasonReportState, "state", string(r.r.State))
	}
	return m, nil
}

func (r *Report) apply(m reportMove, now time.Time) {
	if m.to != "" {
		r.r.State = m.to
	}
	r.r.UpdateTime = now
}

// Update changes what the report says while it is with the group (art. 10).
func (r *Report) Update(content string, findings []string, now time.Time) error {
	m, err := r.check("update")
	if err != nil {
		return err
	}
	r.r.Content, r.r.Findings = content, slices.Clone(findings)
	r.apply(m, now)
	return nil
}

// Submit signs the report as group leader, once the on-site work has ended and
// every working paper is passed (art. 10; 组长负责制).
func (r *Report) Submit(by Actor, file *CaseFile, openPapers int, now time.Time) error {
	m, err := r.check("submit")
	if err != nil {
		return err
	}
	switch {
	case !by.leader:
		return fault.Refuse(m.article, ReasonLeaderRequired)
	case !file.StayEnded():
		return fault.Refuse(m.article, ReasonStayNotEnded)
	case openPapers > 0:
		return fault.Refuse(m.article, ReasonPapersOpen, "count", strconv.Itoa(openPapers))
	}
	r.r.Signed = Signature{Subject: by.Subject, Time: now}
	r.apply(m, now)
	return nil
}

// Return sends the report back to the group with a reason (arts 5, 10). The
// leader signs again what the group makes of it.
func (r *Report) Return(opinion string, now time.Time) error {
	m, err := r.check("return")
	if err != nil {
		return err
	}
	opinion = strings.TrimSpace(opinion)
	if opinion == "" {
		return reasonRequired(m.article, "opinion")
	}
	r.r.ReturnOpinion, r.r.Signed = opinion, Signature{}
	r.apply(m, now)
	return nil
}

// Agreement is what a decision of the leading group says of a report.
type Agreement struct {
	Decision string // id
	Covers   bool   // it has an item KIND_AGREE_REPORT for this very report
}

// Agree records that the leading group agreed, by a decision that covers the
// report; there is no agreement in general (arts 5, 10).
func (r *Report) Agree(a Agreement, now time.Time) error {
	m, err := r.check("agree")
	if err != nil {
		return err
	}
	if !a.Covers {
		return fault.Refuse(m.article, ReasonNotCovered)
	}
	r.r.Decision = a.Decision
	r.apply(m, now)
	return nil
}

// Agreed reports whether feedback may go ahead, and by which decision (art. 11).
func (r *Report) Agreed() (decision string, ok bool) {
	return r.r.Decision, r.r.State == ReportAgreed
}
