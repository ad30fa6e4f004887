package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/workday"
)

const itemState = "ITEM_STATE_INVALID"

// ItemState is how far one measure is.
type ItemState string

// The states of an item. The first four are the county's to report (art. 17).
const (
	ItemOpen           ItemState = "OPEN"            // 未启动
	ItemInProgress     ItemState = "IN_PROGRESS"     // 正在整改
	ItemBasicallyDone  ItemState = "BASICALLY_DONE"  // 基本完成并持续整改
	ItemDone           ItemState = "DONE"            // 完成, as the county claims
	ItemCityVerified   ItemState = "CITY_VERIFIED"   // 市委核验
	ItemVerified       ItemState = "VERIFIED"        // 巡视机构核验
	ItemClosed         ItemState = "CLOSED"          // 销号
	ItemCannotComplete ItemState = "CANNOT_COMPLETE" // put off by decision
)

// ItemStates lists them in order.
func ItemStates() []ItemState {
	return []ItemState{
		ItemOpen, ItemInProgress, ItemBasicallyDone, ItemDone,
		ItemCityVerified, ItemVerified, ItemClosed, ItemCannotComplete,
	}
}

// Item is one measure being worked on (整改事项). It lives on after its case is
// closed, and ends by its own close (对账销号).
type Item struct{ r ItemRecord }

// ItemRecord is what is known of an item. Persons are subjects of the identity
// provider.
type ItemRecord struct {
	ID                string
	Rectification     string // id of its case
	Place             Place
	CityMaySee        bool // as its case
	Measure           Measure
	Due               workday.Date // of the measure, or the later one of a decision
	State             ItemState
	Percent           int32
	Progress          string
	Evidence          []Evidence
	Opinion           string // why it was sent back, put off or looked back at
	Decision          string // id of the one that last put it off
	CityNotApplicable NotApplicable
	LooksBackAt       string // id of the closed item, if any
	TwoPersons        bool   // of the rule set of its case
	Implementer       string // who last reported
	CityVerifier      string
	Verifier          string
	Closer            string
	Version           int64
	CreateTime        time.Time
	UpdateTime        time.Time
}

// ItemChange is one step of an item, as it was taken.
type ItemChange struct {
	Number   int64
	State    ItemState
	Percent  int32
	Text     string
	Evidence []Evidence
	Party    string
	Due      workday.Date
	Time     time.Time
}

// newItem is what a measure becomes.
func newItem(id string, r *Rectification, m Measure, twoPersons bool, now time.Time) *Item {
	return &Item{ItemRecord{
		ID: id, Rectification: r.r.ID, Place: r.r.Place, CityMaySee: r.r.CityMaySee, Measure: m, Due: m.Due,
		State: ItemOpen, TwoPersons: twoPersons, Version: 1, CreateTime: now, UpdateTime: now,
	}}
}

// RehydrateItem is for the store only.
func RehydrateItem(r ItemRecord) *Item { return &Item{r} }

// Record is a copy of what is known of it.
func (i *Item) Record() ItemRecord { return i.r }
