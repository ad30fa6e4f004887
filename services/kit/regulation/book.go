package regulation

import (
	"errors"
	"fmt"
	"slices"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// ReasonRuleSetUnavailable is the refusal of a day without a usable rule set.
const ReasonRuleSetUnavailable = "RULE_SET_UNAVAILABLE"

// Book holds the rule sets.
type Book struct {
	sets []*RuleSet
}

// Load returns the book of the rule sets that are built in, each checked. Call
// it once at the start.
func Load() (*Book, error) {
	return newBook(county2012(), regulations2015(), regulations2017(), regulations2024())
}

func newBook(sets ...*RuleSet) (*Book, error) {
	var errs []error
	for i, rs := range sets {
		if slices.ContainsFunc(sets[:i], func(o *RuleSet) bool { return o.ID == rs.ID }) {
			errs = append(errs, fmt.Errorf("rule set %s is there twice", rs.ID))
		}
		if err := rs.validate(); err != nil {
			errs = append(errs, fmt.Errorf("rule set %s: %w", rs.ID, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Book{sets: sets}, nil
}

// With returns a book that also has these rule sets, e.g. interpreted ones.
func (b *Book) With(sets ...*RuleSet) (*Book, error) {
	return newBook(slices.Concat(b.sets, sets)...)
}

// All lists every rule set, those that cannot be selected included.
func (b *Book) All() []*RuleSet { return slices.Clone(b.sets) }

// Select returns the rule set for a task that is authorised on the given day.
// Only verified ones are considered: while the later versions are not, the
// measures of 2012 go on, since no text that was read repeals them.
func (b *Book) Select(kind TargetKind, day workday.Date) (*RuleSet, error) {
	var best *RuleSet
	for _, rs := range b.sets {
		if rs.Verified && rs.Applies(kind, day) && (best == nil || rs.From.After(best.From)) {
			best = rs
		}
	}
	if best == nil {
		return nil, fault.Refuse("20", ReasonRuleSetUnavailable, "date", day.String(), "target_kind", string(kind))
	}
	return best, nil
}

// Find returns the rule set with this id, verified or not.
func (b *Book) Find(id string) (*RuleSet, bool) {
	at := slices.IndexFunc(b.sets, func(rs *RuleSet) bool { return rs.ID == id })
	if at < 0 {
		return nil, false
	}
	return b.sets[at], true
}

// Get returns the rule set that a task has pinned. A pinned id comes from our own
// records, so one that is unknown or not verified is a fault of ours.
func (b *Book) Get(id string) (*RuleSet, error) {
	rs, ok := b.Find(id)
	if !ok {
		return nil, fault.New(fault.Internal, fault.ReasonInternal).Wrap(fmt.Errorf("rule set %q is not known", id))
	}
	if rs.Verified {
		return rs, nil
	}
	return nil, fault.New(fault.Internal, fault.ReasonInternal).Wrap(fmt.Errorf("rule set %q is not verified", id))
}
