package domain

import (
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal of liaison tasks (arts 12(2), 16).
const (
	ReasonLiaisonTaskState       = "LIAISON_TASK_STATE_INVALID"
	ReasonLiaisonBodyOfOtherCity = "LIAISON_BODY_OF_OTHER_CITY"
	ReasonCityNotNotified        = "CITY_NOT_NOTIFIED"
	ReasonLiaisonTaskOfOther     = "LIAISON_TASK_OF_OTHER_BODY"
	ReasonDateInPast             = "DATE_IN_PAST"
)

// LiaisonTaskState says where a task of a liaison body stands.
type LiaisonTaskState string

// The states of a task of a liaison body.
const (
	LiaisonTaskAssigned LiaisonTaskState = "ASSIGNED"
	LiaisonTaskAccepted LiaisonTaskState = "ACCEPTED"
	LiaisonTaskDone     LiaisonTaskState = "DONE"
	LiaisonTaskReturned LiaisonTaskState = "RETURNED"
	LiaisonTaskClosed   LiaisonTaskState = "CLOSED"
)

// LiaisonTaskStates lists the states.
func LiaisonTaskStates() []LiaisonTaskState {
	return []LiaisonTaskState{LiaisonTaskAssigned, LiaisonTaskAccepted, LiaisonTaskDone, LiaisonTaskReturned, LiaisonTaskClosed}
}

// Assigner is the kind of body that assigns, as in package principal.
type Assigner string

// The bodies that assign (巡视办、巡视组交办, art. 16).
const (
	ByOffice Assigner = "INSPECTION_OFFICE"
	ByGroup  Assigner = "INSPECTION_GROUP"
)

// LiaisonTaskText is what is assigned.
type LiaisonTaskText struct {
	Title, Content string
	Due            workday.Date
}

// LiaisonTaskRecord is what is known of a task.
type LiaisonTaskRecord struct {
	LiaisonTaskText
	Province, ID  string
	LiaisonBody   string
	City          string
	Inspection    string // "" for one of the office that is about none
	Assigner      Assigner
	State         LiaisonTaskState
	Answer        string
	Signer        string
	AcceptTime    time.Time
	AnswerTime    time.Time
	CloseTime     time.Time
	ClosingRemark string
	CreateTime    time.Time
	UpdateTime    time.Time
	Version       int64
}

// Name is the resource name.
func (r LiaisonTaskRecord) Name() string { return LiaisonTaskName(r.Province, r.ID) }

// LiaisonTask is something that office or group assign to a city's liaison body
// (巡视办、巡视组交办的事宜, art. 16).
type LiaisonTask struct{ r LiaisonTaskRecord }

// RehydrateLiaisonTask makes a task of a stored record; for the store only.
func RehydrateLiaisonTask(r LiaisonTaskRecord) *LiaisonTask { return &LiaisonTask{r} }

// Record gives a copy of what is known.
func (t *LiaisonTask) Record() LiaisonTaskRecord { return t.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (t *LiaisonTask) Saved() { t.r.Version++ }

// AssignTask assigns a task to a liaison body. An inspection that it is about, nil if
// none, is of a county of its city, which was notified of it: no city learns of an
// inspection by a task (arts 12(2), 16). A group assigns about its own.
func AssignTask(id string, to *LiaisonBody, about *Inspection, by Assigner, text LiaisonTaskText, now time.Time) (*LiaisonTask, error) {
	t := &LiaisonTask{LiaisonTaskRecord{
		LiaisonTaskText: text, Province: to.r.Province, ID: id, LiaisonBody: to.r.ID, City: to.r.City, Assigner: by,
		State: LiaisonTaskAssigned, CreateTime: now, UpdateTime: now, Version: 1,
	}}
	if text.Due.Before(workday.DateOf(now)) {
		return nil, fault.InvalidField("liaison_task.due_date", ReasonDateInPast, "the task is due today or later")
	}
	if about == nil {
		if by == ByGroup {
			return nil, fault.InvalidField("liaison_task.inspection", "REQUIRED", "a group assigns about an inspection of its own")
		}
		return t, nil
	}
	switch {
	case about.r.City != to.r.City:
		return nil, fault.Refuse("16", ReasonLiaisonBodyOfOtherCity)
	case slices.Contains([]InspectionState{InspectionPlanned, InspectionAuthorized}, about.r.State):
		return nil, fault.Refuse("12(2)", ReasonCityNotNotified, "state", string(about.r.State))
	}
	t.r.Inspection = about.r.ID
	return t, nil
}

func (t *LiaisonTask) take(to LiaisonTaskState, now time.Time, from ...LiaisonTaskState) error {
	if !slices.Contains(from, t.r.State) {
		return fault.Refuse("16", ReasonLiaisonTaskState, "state", string(t.r.State))
	}
	t.r.State, t.r.UpdateTime = to, now
	return nil
}

// Accept takes it out of the inbox.
func (t *LiaisonTask) Accept(now time.Time) error {
	if err := t.take(LiaisonTaskAccepted, now, LiaisonTaskAssigned); err != nil {
		return err
	}
	t.r.AcceptTime = now
	return nil
}

// Complete answers that it is done. Being late is told by the days, not refused.
func (t *LiaisonTask) Complete(answer, signer string, now time.Time) error {
	return t.reply(LiaisonTaskDone, answer, signer, now, LiaisonTaskAccepted)
}

// Return hands it back undone, and says why.
func (t *LiaisonTask) Return(answer, signer string, now time.Time) error {
	return t.reply(LiaisonTaskReturned, answer, signer, now, LiaisonTaskAssigned, LiaisonTaskAccepted)
}

func (t *LiaisonTask) reply(to LiaisonTaskState, answer, signer string, now time.Time, from ...LiaisonTaskState) error {
	if err := t.take(to, now, from...); err != nil {
		return err
	}
	t.r.Answer, t.r.Signer, t.r.AnswerTime = answer, signer, now
	return nil
}

// Close ends it. A group closes what a group assigned; the office, which coordinates,
// closes any, also when the group is no more (art. 16).
func (t *LiaisonTask) Close(by Assigner, remark string, now time.Time) error {
	if by == ByGroup && t.r.Assigner != ByGroup {
		return fault.Refuse("16", ReasonLiaisonTaskOfOther)
	}
	if err := t.take(LiaisonTaskClosed, now, LiaisonTaskDone, LiaisonTaskReturned); err != nil {
		return err
	}
	t.r.ClosingRemark, t.r.CloseTime = strings.TrimSpace(remark), now
	return nil
}
