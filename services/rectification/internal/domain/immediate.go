package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ImmediateState is where an immediate rectification stands, in the order of the
// gates of art. 9.
type ImmediateState string

// The states of an immediate rectification.
const (
	ImmediateDraft     ImmediateState = "DRAFT"
	ImmediateConsented ImmediateState = "CONSENTED"
	ImmediateCityHeard ImmediateState = "CITY_HEARD"
	ImmediateIssued    ImmediateState = "ISSUED"
	ImmediateAnswered  ImmediateState = "ANSWERED" // never stored: the county's answer tells
	ImmediateVerified  ImmediateState = "VERIFIED"
	ImmediateClosed    ImmediateState = "CLOSED"
	ImmediateWithdrawn ImmediateState = "WITHDRAWN"
)

// ImmediateStates lists them in order; the last is that of what was given up before.
func ImmediateStates() []ImmediateState {
	return []ImmediateState{
		ImmediateDraft, ImmediateConsented, ImmediateCityHeard, ImmediateIssued,
		ImmediateAnswered, ImmediateVerified, ImmediateClosed, ImmediateWithdrawn,
	}
}

// Recipient is to whom in the county a notice goes.
type Recipient string

// The recipients (被巡视县党组织或者其主要负责人, art. 9).
const (
	PartyOrganization Recipient = "PARTY_ORGANIZATION"
	Principal         Recipient = "PRINCIPAL"
)

// Recipients lists them.
func Recipients() []Recipient { return []Recipient{PartyOrganization, Principal} }

// Condition is one of the three conditions, and from what the group knows it.
type Condition struct {
	Holds bool
	Text  string
}

// Conditions are the three of art. 9, which hold together or not at all.
type Conditions struct {
	StronglyReported    Condition // 群众反映强烈
	ClearlyAgainstRules Condition // 明显违反规定
	SolvableAtOnce      Condition // 能够及时解决
}

func (c Conditions) check() error {
	for _, one := range []struct {
		condition Condition
		name      string
	}{
		{c.StronglyReported, "strongly_reported"},
		{c.ClearlyAgainstRules, "clearly_against_rules"},
		{c.SolvableAtOnce, "solvable_at_once"},
	} {
		if !one.condition.Holds {
			return fault.Refuse(artImmediate, "IMMEDIATE_CONDITION_UNMET", "condition", one.name)
		}
	}
	return nil
}

// Notice is what the county is told.
type Notice struct {
	Recipient Recipient
	Problem   string
	Proposal  string // 处理意见
}

// Bypass is the decision by which an implicated city is not heard.
type Bypass struct {
	Decision string // id
	Reason   string
}

// Handover is what the delivery of the notice tells. It is not stored with the
// matter itself: the county cannot write there.
type Handover struct {
	Delivery string // id; empty before the issue
	Receipt  time.Time
	Answers  []Answer
}

// Immediate is a matter that the county is to put right while the group is on site
// (立行立改, art. 9), as group and office prepare it.
type Immediate struct{ r ImmediateRecord }

// ImmediateRecord is what is known of it.
type ImmediateRecord struct {
	ID                string
	Place             Place
	Conditions        Conditions
	Notice            Notice
	ConcernsPrincipal bool
	State             ImmediateState
	Decision          string // id of the one that consented
	Consultation      Consultation
	Bypass            Bypass
	DocumentNumber    string
	WithdrawReason    string
	ResultAfterStay   bool // a warning: the result came after the end of the stay
	Handover          Handover
	Version           int64
	CreateTime        time.Time
	UpdateTime        time.Time
}

// Drafting is what the group writes of a matter.
type Drafting struct {
	Conditions              Conditions
	Notice                  Notice
	ConcernsPrincipal       bool
	OrdersSpecificCase      bool // refused, so never kept
	ConcernsProvincialCadre bool // refused, so never kept
}

// check: the notice never goes to the person whom the matter concerns; a group orders no
// county to handle a specific case; and what concerns a cadre of the province is reported
// urgently and directly instead (art. 9).
func (d Drafting) check() error {
	switch {
	case d.ConcernsProvincialCadre:
		return fault.Refuse(artImmediate, "IMMEDIATE_URGENT_REPORT")
	case d.OrdersSpecificCase:
		return fault.Refuse(artImmediate, "IMMEDIATE_SPECIFIC_CASE")
	case d.ConcernsPrincipal && d.Notice.Recipient == Principal:
		return fault.Refuse(artImmediate, "RECIPIENT_IS_SUBJECT")
	}
	return d.Conditions.check()
}

// NewImmediate drafts one of a task whose group is on site: afterwards there is the
// feedback (art. 11).
func NewImmediate(id string, task Task, d Drafting, now time.Time) (*Immediate, error) {
	if !task.OnSite(workday.DateOf(now)) {
		return nil, fault.Refuse(artImmediate, "NOT_ON_SITE")
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return &Immediate{ImmediateRecord{
		ID: id, Place: task.Place, Conditions: d.Conditions, Notice: d.Notice, ConcernsPrincipal: d.ConcernsPrincipal,
		State: ImmediateDraft, Version: 1, CreateTime: now, UpdateTime: now,
	}}, nil
}

// RehydrateImmediate is for the store only.
func RehydrateImmediate(r ImmediateRecord) *Immediate {
	if r.State == ImmediateIssued && awaitsVerdict(r.Handover.Answers) {
		r.State = ImmediateAnswered
	}
	return &Immediate{r}
}

// Record is a copy of what is known of it.
func (i *Immediate) Record() ImmediateRecord { return i.r }

// Stored is the state as it is stored.
func (i *Immediate) Stored() ImmediateState {
	if i.r.State == ImmediateAnswered {
		return ImmediateIssued
	}
	return i.r.State
}

// Edition is the version that callers see. Receipt and answers change the matter
// without touching it, so each counts as one more.
func (i *Immediate) Edition() int64 {
	edition := i.r.Version + int64(len(i.r.Handover.Answers))
	if !i.r.Handover.Receipt.IsZero() {
		edition++
	}
	return edition
}

// Outside are the moments at which the county changed it: by its receipt and answers.
func (i *Immediate) Outside() []time.Time {
	var all []time.Time
	if !i.r.Handover.Receipt.IsZero() {
		all = append(all, i.r.Handover.Receipt)
	}
	for _, a := range i.r.Handover.Answers {
		all = append(all, a.AnswerTime)
	}
	return all
}
