package obligation

import "time"

// ChangeKind says what happened to an obligation, named like
// xunshi.obligation.v1.ObligationChange.Kind.
type ChangeKind string

// The kinds of change.
const (
	Opened      ChangeKind = "OPENED"
	Restarted   ChangeKind = "RESTARTED"
	Recomputed  ChangeKind = "RECOMPUTED"
	Extended    ChangeKind = "EXTENDED"
	SuspendedBy ChangeKind = "SUSPENDED"
	ResumedBy   ChangeKind = "RESUMED"
	ShortenedBy ChangeKind = "SHORTENED"
	PartlyMet   ChangeKind = "PARTLY_MET"
	Met         ChangeKind = "SATISFIED"
	FellAway    ChangeKind = "CANCELLED"
	ShownToCity ChangeKind = "SHOWN_TO_CITY"
	Shown       ChangeKind = "SHOWN"
)

// ChangeKinds lists them in order.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{
		Opened, Restarted, Recomputed, Extended, SuspendedBy, ResumedBy, ShortenedBy, PartlyMet, Met, FellAway, ShownToCity,
		Shown,
	}
}

// Change is one entry of the history: what happened, and all that was known of the
// obligation afterwards, so that the past can be read as it was.
type Change struct {
	Sequence int // from 1
	Kind     ChangeKind
	Cause    string // a decision, a document, a calendar; "" for an event of the case
	Time     time.Time
	After    Record
}

// record enters a change. It comes last in every step, so that After is complete.
func (o *Obligation) record(at Moment, kind ChangeKind, cause string) {
	o.r.Changes++
	o.r.UpdateTime = at.Now
	o.changes = append(o.changes, Change{
		Sequence: o.r.Changes, Kind: kind, Cause: cause, Time: at.Now, After: o.Record(),
	})
}
