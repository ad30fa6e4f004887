package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonNoticeAlreadyReceived is the refusal of a second receipt.
const ReasonNoticeAlreadyReceived = "NOTICE_ALREADY_RECEIVED"

// AddresseeKind is the kind of body that a notice goes to.
type AddresseeKind string

// The addressees of art. 12(2).
const (
	ToCounty AddresseeKind = "COUNTY"
	ToCity   AddresseeKind = "CITY"
)

// EntryNoticeRecord is what is known of a notice.
type EntryNoticeRecord struct {
	Province       string
	ID             string
	Inspection     string
	County         string
	Addressee      AddresseeKind
	AddresseeCode  string // of the county or of the city
	DocumentNumber string
	PlannedEntry   workday.Date
	PlannedEnd     workday.Date
	IssueTime      time.Time
	ReceiveTime    time.Time // zero until signed for
	Receiver       string
	Version        int64
}

// Name is the resource name.
func (r EntryNoticeRecord) Name() string { return EntryNoticeName(r.Province, r.ID) }

// AddresseeName is the resource name of the county or city that it goes to.
func (r EntryNoticeRecord) AddresseeName() string {
	if r.Addressee == ToCity {
		return CityName(r.Province, r.AddresseeCode)
	}
	return CountyName(r.Province, r.AddresseeCode)
}

// EntryNotice is the written notice of an inspection to one addressee (书面通知,
// art. 12(2)).
type EntryNotice struct {
	r EntryNoticeRecord
}

// RehydrateEntryNotice makes a notice of a stored record; for the store only.
func RehydrateEntryNotice(r EntryNoticeRecord) *EntryNotice { return &EntryNotice{r} }

// Record gives a copy of what is known.
func (n *EntryNotice) Record() EntryNoticeRecord { return n.r }

// Saved counts the version up; for the store only, after it wrote the record.
func (n *EntryNotice) Saved() { n.r.Version++ }

// Acknowledge signs for the notice. Its day counts, so it happens once
// (art. 12(2)).
func (n *EntryNotice) Acknowledge(receiver string, now time.Time) error {
	if !n.r.ReceiveTime.IsZero() {
		return fault.Refuse("12(2)", ReasonNoticeAlreadyReceived)
	}
	n.r.Receiver, n.r.ReceiveTime = receiver, now
	return nil
}

// NoticeIDs are the ids that the notices of an inspection get.
type NoticeIDs struct {
	County, City string
}

// IssueNotices notifies the county and, where it has one, its city, unless today
// is later than the last lawful day for the planned entry (art. 12(2)).
func (i *Inspection) IssueNotices(law Law, number string, ids NoticeIDs) ([]*EntryNotice, error) {
	m, err := i.check("issueNotices")
	if err != nil {
		return nil, err
	}
	if err := i.checkNoticeDay(law, law.Today()); err != nil {
		return nil, err
	}
	notices := []*EntryNotice{i.notice(law, number, ids.County, ToCounty, i.r.County)}
	if i.r.City != "" {
		notices = append(notices, i.notice(law, number, ids.City, ToCity, i.r.City))
	}
	i.apply(m, law.Now)
	return notices, nil
}

func (i *Inspection) notice(law Law, number, id string, kind AddresseeKind, code string) *EntryNotice {
	return &EntryNotice{EntryNoticeRecord{
		Province: i.r.Province, ID: id, Inspection: i.r.ID, County: i.r.County,
		Addressee: kind, AddresseeCode: code, DocumentNumber: number,
		PlannedEntry: i.r.PlannedEntry, PlannedEnd: i.r.PlannedEnd,
		IssueTime: law.Now, Version: 1,
	}}
}

// checkNotices holds the planned entry against the receipts: every addressee has
// signed, and the last of them in time (art. 12(2)).
func (i *Inspection) checkNotices(law Law, notices []*EntryNotice) error {
	wanted := []AddresseeKind{ToCounty}
	if i.r.City != "" {
		wanted = append(wanted, ToCity)
	}
	var issued workday.Date
	var receipts []workday.Date
	for _, kind := range wanted {
		n := noticeTo(notices, kind)
		if n == nil || n.r.ReceiveTime.IsZero() {
			return fault.Refuse("12(2)", regulation.ReasonNoticeNotReceived,
				"addressee", i.addresseeName(kind), "entry_date", i.r.PlannedEntry.String())
		}
		issued = workday.DateOf(n.r.IssueTime)
		receipts = append(receipts, workday.DateOf(n.r.ReceiveTime))
	}
	day, err := law.Rules.NoticeDay(issued, receipts...)
	if err != nil {
		return err
	}
	return i.checkNoticeDay(law, day)
}

func (i *Inspection) addresseeName(kind AddresseeKind) string {
	if kind == ToCity {
		return CityName(i.r.Province, i.r.City)
	}
	return CountyName(i.r.Province, i.r.County)
}

func noticeTo(notices []*EntryNotice, kind AddresseeKind) *EntryNotice {
	for _, n := range notices {
		if n.r.Addressee == kind {
			return n
		}
	}
	return nil
}

func (i *Inspection) checkNoticeDay(law Law, day workday.Date) error {
	err := law.Rules.CheckNotice(law.Calendar, i.r.Province, i.r.PlannedEntry, day)
	if e, ok := fault.As(err); ok && e.Reason == regulation.ReasonNoticeTooLate {
		return e.With("working_days_ahead", e.Meta["working_days"])
	}
	return err
}
