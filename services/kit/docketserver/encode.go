package docketserver

import (
	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/docket"
	"github.com/xunshi/xunshi/services/kit/etag"
	"github.com/xunshi/xunshi/services/kit/obligation"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

func (d Deps) encode(at obligation.Moment, o *obligation.Obligation) (*obligationv1.Obligation, error) {
	r, today := o.Record(), at.Today()
	ledger, err := o.Ledger(at, today)
	if err != nil {
		return nil, err
	}
	party, area := docket.Recipient(r.Obligor, r.Place)
	return &obligationv1.Obligation{
		Name:                d.Docket.Name(r.ID, r.Place.Province),
		Duty:                obligationv1.Obligation_Duty(obligationv1.Obligation_Duty_value["DUTY_"+string(r.Duty)]),
		Article:             r.Article,
		Obligor:             policyv1.Party(policyv1.Party_value["PARTY_"+string(party)]),
		ObligorJurisdiction: area,
		Subject:             r.Subject,
		Inspection:          child(r.Place.Province, "inspections", r.Place.Inspection),
		County:              child(r.Place.Province, "counties", r.Place.County),
		City:                child(r.Place.Province, "cities", r.Place.City),
		DueDate:             wire.Date(r.Due),
		Computed:            d.Docket.Computed(r),
		Soft:                r.Soft,
		State:               encodeState(r.State),
		Color:               obligationv1.Obligation_Color(obligationv1.Obligation_Color_value["COLOR_"+string(o.Color(today))]),
		SatisfyDate:         wire.Date(r.SatisfyDate),
		Late:                r.Late || o.Overdue(today),
		Ledger: &obligationv1.Ledger{
			Unit: string(ledger.Unit), Budget: int32(ledger.Budget), Consumed: int32(ledger.Consumed),
			Remaining: int32(ledger.Remaining), Extension: int32(ledger.Extension), SuspendedDays: int32(ledger.SuspendedDays),
		},
		CreateTime: wire.Time(r.CreateTime), UpdateTime: wire.Time(r.UpdateTime), Etag: etag.Format(r.Version),
	}, nil
}

func encodeState(s obligation.State) obligationv1.Obligation_State {
	return obligationv1.Obligation_State(obligationv1.Obligation_State_value["STATE_"+string(s)])
}

func (d Deps) encodeChange(c obligation.Change) *obligationv1.ObligationChange {
	return &obligationv1.ObligationChange{
		Sequence:   int32(c.Sequence),
		Kind:       obligationv1.ObligationChange_Kind(obligationv1.ObligationChange_Kind_value["KIND_"+string(c.Kind)]),
		RecordTime: wire.Time(c.Time),
		Cause:      c.Cause,
		DueDate:    wire.Date(c.After.Due),
		Computed:   d.Docket.Computed(c.After),
		State:      encodeState(c.After.State),
	}
}

// CountedDay shows a day of a count, with where the notice that speaks of it was
// published. Whoever explains a date shows its days so.
func CountedDay(cal *workday.Calendar, day workday.Day) *obligationv1.CountedDay {
	notice, _ := cal.Notice(day.Notice)
	return &obligationv1.CountedDay{
		Date: wire.Date(day.Date), Working: day.Working, Weekend: day.Weekend, Number: int32(day.Counted),
		Suspended: day.Suspended, Notice: day.Notice, Source: notice.Source, Holiday: day.Name, Settled: day.Settled,
	}
}

func (d Deps) encodeNotification(n docket.Notification) *obligationv1.Notification {
	return &obligationv1.Notification{
		Name:                  d.Docket.NotificationName(n.ID, n.Place.Province),
		Obligation:            d.Docket.Name(n.Obligation, n.Place.Province),
		Duty:                  obligationv1.Obligation_Duty(obligationv1.Obligation_Duty_value["DUTY_"+string(n.Duty)]),
		Article:               n.Article,
		Kind:                  obligationv1.Notification_Kind(obligationv1.Notification_Kind_value["KIND_"+string(n.Kind)]),
		Rung:                  int32(n.Rung),
		Recipient:             policyv1.Party(policyv1.Party_value["PARTY_"+string(n.Recipient)]),
		RecipientJurisdiction: n.Jurisdiction,
		Subject:               n.Subject,
		DueDate:               wire.Date(n.Due),
		CreateTime:            wire.Time(n.CreateTime),
		AcknowledgeTime:       wire.Time(n.AcknowledgeTime),
		Acknowledger:          n.Acknowledger,
		Etag:                  etag.Format(n.Version),
	}
}

// child is the name of an object of the province; empty for none.
func child(province, collection, id string) string {
	if id == "" {
		return ""
	}
	return "provinces/" + province + "/" + collection + "/" + id
}
