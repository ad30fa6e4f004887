package domain

import (
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// ItemState is how far the county is with one measure.
type ItemState string

// The states of an item, as the county reports them (art. 17).
const (
	ItemOpen          ItemState = "OPEN"           // 未启动
	ItemInProgress    ItemState = "IN_PROGRESS"    // 正在整改
	ItemBasicallyDone ItemState = "BASICALLY_DONE" // 基本完成并持续整改
	ItemDone          ItemState = "DONE"           // 完成
)

// ItemStates lists them in order.
func ItemStates() []ItemState {
	return []ItemState{ItemOpen, ItemInProgress, ItemBasicallyDone, ItemDone}
}

// Item is one measure being worked on (整改事项).
type Item struct{ r ItemRecord }

// ItemRecord is what is known of an item.
type ItemRecord struct {
	ID            string
	Rectification string // id of its case
	Place         Place
	CityMaySee    bool // as its case
	Measure       Measure
	State         ItemState
	Percent       int32
	Progress      string
	Version       int64
	CreateTime    time.Time
	UpdateTime    time.Time
}

// RehydrateItem is for the store only.
func RehydrateItem(r ItemRecord) *Item { return &Item{r} }

// Record is a copy of what is known of it.
func (i *Item) Record() ItemRecord { return i.r }

// Progress is what the county reports of an item.
type Progress struct {
	State   ItemState
	Percent int32
	Text    string
}

// progress records it. Setbacks are told as they are, but an item that was
// called done stays done: what is then found wanting is a matter for the review
// of the report (art. 17).
func (i *Item) progress(p Progress, now time.Time) error {
	if i.r.State == ItemDone && p.State != ItemDone {
		return fault.Refuse(artPlan, "ITEM_STATE_INVALID", "state", string(i.r.State))
	}
	if (p.State == ItemDone) != (p.Percent == 100) {
		return fault.Refuse(artPlan, "PERCENT_INVALID")
	}
	i.r.State, i.r.Percent, i.r.Progress, i.r.UpdateTime = p.State, p.Percent, p.Text, now
	return nil
}
