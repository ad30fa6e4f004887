package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonInspectionState is the refusal of a step from a wrong state.
const ReasonInspectionState = "INSPECTION_STATE_INVALID"

// Reasons of refusal to extend a stay (art. 3).
const (
	ReasonOnSiteOver         = "ON_SITE_PERIOD_OVER"
	ReasonOnSiteEndNotLater  = "ON_SITE_END_NOT_LATER"
	ReasonOnSiteDecisionUsed = "ON_SITE_DECISION_USED"
)

// ReasonEntryDateDiffers is the refusal of an entry on another day than planned.
const ReasonEntryDateDiffers = "ENTRY_DATE_DIFFERS"

// InspectionState says where an inspection stands.
type InspectionState string

// The states of an inspection, in their order.
const (
	InspectionPlanned          InspectionState = "PLANNED"
	InspectionAuthorized       InspectionState = "AUTHORIZED"
	InspectionNoticed          InspectionState = "NOTICED"
	InspectionOnSite           InspectionState = "ON_SITE"
	InspectionOnSiteEnded      InspectionState = "ON_SITE_ENDED"
	InspectionFeedbackReceived InspectionState = "FEEDBACK_RECEIVED"
	InspectionClosed           InspectionState = "CLOSED"
)

// InspectionStates lists the states in their order.
func InspectionStates() []InspectionState {
	return []InspectionState{
		InspectionPlanned, InspectionAuthorized, InspectionNoticed, InspectionOnSite,
		InspectionOnSiteEnded, InspectionFeedbackReceived, InspectionClosed,
	}
}

// InspectionRecord is what is known of an inspection. City is the code of the
// city that supervised the county when it was planned, "" where there is none.
type InspectionRecord struct {
	Province            string
	ID                  string
	Batch               string
	County              string
	City                string
	State               InspectionState
	PlannedEntry        workday.Date
	PlannedEnd          workday.Date
	PeriodReason        string
	Group               string // "" until authorised
	RuleSet             string // "" until authorised
	EntryDate           workday.Date
	OnSiteEndDate       workday.Date
	FeedbackReceiveDate workday.Date
	CloseDate           workday.Date
	CreateTime          time.Time
	UpdateTime          time.Time
	Version             int64
}

// Name is the resource name.
func (r InspectionRecord) Name() string { return InspectionName(r.Province, r.ID) }

// Inspection is the inspection of one county in one batch: the task (一次一授权).
type Inspection struct {
	r InspectionRecord
}

// RehydrateInspection makes an inspection of a stored record; for the store only.
func RehydrateInspection(r InspectionRecord) *Inspection { return &Inspection{r} }

// Record gives a copy of what is known.
func (i *Inspection) Record() InspectionRecord { return i.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (i *Inspection) Saved() { i.r.Version++ }

// inspectionMove is a lawful change of state and the article that calls for it.
type inspectionMove struct {
	verb    string
	from    []InspectionState
	to      InspectionState // "" if the state stays
	article string
}

// The moves are data, so that a test can hold them against all states.
func inspectionMoves() map[string]inspectionMove {
	list := []inspectionMove{
		{"replan", []InspectionState{InspectionPlanned, InspectionAuthorized, InspectionNoticed}, "", "3"},
		{"authorize", []InspectionState{InspectionPlanned}, InspectionAuthorized, "5"},
		{"issueNotices", []InspectionState{InspectionAuthorized}, InspectionNoticed, "12(2)"},
		{"confirmEntry", []InspectionState{InspectionNoticed}, InspectionOnSite, "12(4)"},
		{"extendOnSite", []InspectionState{InspectionOnSite}, "", "3"},
		{"endOnSite", []InspectionState{InspectionOnSite}, InspectionOnSiteEnded, "3"},
		{"receiveFeedback", []InspectionState{InspectionOnSiteEnded}, InspectionFeedbackReceived, "11"},
		{"close", []InspectionState{InspectionFeedbackReceived}, InspectionClosed, "17"},
	}
	moves := make(map[string]inspectionMove, len(list))
	for _, m := range list {
		moves[m.verb] = m
	}
	return moves
}

// check refuses the move in a wrong state, before any other rule is asked.
func (i *Inspection) check(verb string) (inspectionMove, error) {
	m := inspectionMoves()[verb]
	if !slices.Contains(m.from, i.r.State) {
		return m, fault.Refuse(m.article, ReasonInspectionState, "verb", verb, "state", string(i.r.State))
	}
	return m, nil
}

func (i *Inspection) apply(m inspectionMove, now time.Time) {
	if m.to != "" {
		i.r.State = m.to
	}
	i.r.UpdateTime = now
}

// PlanInspection plans the inspection of a county in a batch that is still a
// draft; the stay is about a month or has a reason (arts 2, 3).
func PlanInspection(law Law, batch *Batch, id, county, city string, p Period) (*Inspection, error) {
	if err := batch.requireState(BatchDraft, "5"); err != nil {
		return nil, err
	}
	i := &Inspection{InspectionRecord{
		Province: batch.r.Province, ID: id, Batch: batch.r.ID, County: county, City: city,
		State: InspectionPlanned, CreateTime: law.Now, UpdateTime: law.Now, Version: 1,
	}}
	if err := i.setPeriod(law, p); err != nil {
		return nil, err
	}
	return i, nil
}

// Period is a planned stay: the day of entry, the last day, and the reason why
// it is not of the usual length.
type Period struct {
	Entry, End workday.Date
	Reason     string
}

// Replan changes the planned stay before entry. Notices that are out stay as
// they are: the entry is measured against them when it comes (arts 3, 12(2)).
func (i *Inspection) Replan(law Law, p Period) error {
	m, err := i.check("replan")
	if err != nil {
		return err
	}
	if err := i.setPeriod(law, p); err != nil {
		return err
	}
	i.apply(m, law.Now)
	return nil
}

func (i *Inspection) setPeriod(law Law, p Period) error {
	reason := strings.TrimSpace(p.Reason)
	if err := law.Rules.CheckOnSite(p.Entry, p.End, reason); err != nil {
		return err
	}
	i.r.PlannedEntry, i.r.PlannedEnd, i.r.PeriodReason = p.Entry, p.End, reason
	return nil
}

// LatestNotice is the last day on which the notices of the planned entry may be
// received, for one that nobody is bound to yet (art. 12(2)).
func (i *Inspection) LatestNotice(law Law) (regulation.Due, error) {
	return law.Rules.LatestNotice(law.Calendar, i.r.Province, i.r.PlannedEntry)
}

// Authorize gives the task to a group and pins the rule set, once its batch is
// approved (arts 4, 5). That the group is free in these days is for the store,
// which sees all its tasks.
func (i *Inspection) Authorize(law Law, batch *Batch, group *Group) error {
	m, err := i.check("authorize")
	if err != nil {
		return err
	}
	if err := batch.requireState(BatchApproved, "5"); err != nil {
		return err
	}
	i.r.Group, i.r.RuleSet = group.r.ID, law.Rules.ID
	i.apply(m, law.Now)
	return nil
}

// ConfirmEntry records that the group entered today, as planned and with every
// addressee notified in time (arts 3, 12(2), 12(4)).
func (i *Inspection) ConfirmEntry(law Law, notices []*EntryNotice) error {
	m, err := i.check("confirmEntry")
	if err != nil {
		return err
	}
	if law.Today() != i.r.PlannedEntry {
		return fault.Refuse("12(2)", ReasonEntryDateDiffers,
			"entry_date", i.r.PlannedEntry.String(), "today", law.Today().String())
	}
	if err := i.checkNotices(law, notices); err != nil {
		return err
	}
	i.r.EntryDate = law.Today()
	i.apply(m, law.Now)
	return nil
}

// ExtendOnSite moves the planned end of a stay that is not over, by a decision of the
// leading group on this very stay (问题较多、情况复杂的县可以延长; art. 3). used says that
// it was extended by this decision before: what was decided once is done once. The text sets no longest stay, so the band of a plan is not asked.
func (i *Inspection) ExtendOnSite(law Law, end workday.Date, by *Decision, used bool) error {
	m, err := i.check("extendOnSite")
	if err != nil {
		return err
	}
	planned := i.r.PlannedEnd
	switch {
	case law.Today().After(planned):
		return fault.Refuse("3", ReasonOnSiteOver, "planned_end_date", planned.String(), "today", law.Today().String())
	case !end.After(planned):
		return fault.Refuse("3", ReasonOnSiteEndNotLater, "planned_end_date", planned.String())
	case !by.Covers(ExtendOnSite, i.r.Name()):
		return fault.Refuse("5", ReasonDecisionDoesNotCover, "kind", string(ExtendOnSite), "subject", i.r.Name())
	case used:
		return fault.Refuse("3", ReasonOnSiteDecisionUsed, "decision", by.r.Name())
	}
	i.r.PlannedEnd = end
	i.apply(m, law.Now)
	return nil
}

// EndOnSite records that the stay ended today (art. 3).
func (i *Inspection) EndOnSite(now time.Time) error {
	m, err := i.check("endOnSite")
	if err != nil {
		return err
	}
	i.r.OnSiteEndDate = workday.DateOf(now)
	i.apply(m, now)
	return nil
}

// ReceiveFeedback records that the county signed for the feedback; from that day
// on it is covered (arts 2, 11).
func (i *Inspection) ReceiveFeedback(day workday.Date, now time.Time) error {
	m, err := i.check("receiveFeedback")
	if err != nil {
		return err
	}
	i.r.FeedbackReceiveDate = day
	i.apply(m, now)
	return nil
}

// Close records that the rectification was closed (art. 17).
func (i *Inspection) Close(day workday.Date, now time.Time) error {
	m, err := i.check("close")
	if err != nil {
		return err
	}
	i.r.CloseDate = day
	i.apply(m, now)
	return nil
}
