package domain

import (
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// FlagKind is why an item should be looked at more closely.
type FlagKind int

// The kinds of flags, in the order in which they are listed.
const (
	SameEvidence  FlagKind = 1 + iota // one document for two items
	EarlyEvidence                     // a document older than what it is to prove
	AlikeMeasures                     // a measure in nearly the words of another
	LastDayBurst                      // many items called done on the last day
)

// Flag is a reason to look closer, with its proof (敷衍整改、虚假整改). It is no
// finding, and nobody outside gets any.
type Flag struct {
	Kind       FlagKind
	Key        string // tells it from others of the kind
	Item       string // id; empty for what is about several
	Evidence   Evidence
	Since      workday.Date // of early evidence: from when on there was something to do
	Measure    string
	Other      FlagOther
	Similarity int32 // per cent
	Due        workday.Date
	DueItems   int32
	Numbers    []int32 // of the items that were first called done on the last day
}

// FlagOther is the other item of a flag about two.
type FlagOther struct {
	Item, Rectification, County string
	Evidence                    Evidence
	Measure                     string
}

// FlagRules say from how much on something is flagged.
type FlagRules struct{ Alike, BurstShare, BurstItems int }

// NewFlagRules are those of a rule set.
func NewFlagRules(rules *regulation.RuleSet) (f FlagRules, err error) {
	for name, into := range map[regulation.Name]*int{
		regulation.FlagAlikeMeasures: &f.Alike, regulation.FlagBurstShare: &f.BurstShare, regulation.FlagBurstItems: &f.BurstItems,
	} {
		if *into, err = rules.Number(name); err != nil {
			return FlagRules{}, err
		}
	}
	return f, nil
}
