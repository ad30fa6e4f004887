package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type itemRow struct {
	ID                string
	RectificationID   string
	Place             place `gorm:"embedded"`
	Number            int32
	Measure           measureDoc `gorm:"serializer:json"`
	DueDate           row.Day
	State             string
	Percent           int32
	Progress          string
	Evidence          []evidenceDoc `gorm:"serializer:json"`
	Opinion           string
	DecisionID        row.Text
	CityNotApplicable string
	LooksBackID       row.Text
	TwoPersons        bool
	Implementer       string
	CityVerifier      string
	Verifier          string
	Closer            string
	CityMaySee        bool
	Version           int64
	CreateTime        time.Time
	UpdateTime        time.Time
}

func (itemRow) TableName() string { return "item" }

func toItemRow(r domain.ItemRecord) itemRow {
	return itemRow{
		ID: r.ID, RectificationID: r.Rectification, Place: toPlace(r.Place), Number: r.Measure.Number,
		Measure: toMeasure(r.Measure), DueDate: row.Day(r.Due), State: string(r.State), Percent: r.Percent, Progress: r.Progress,
		Evidence: row.Convert(r.Evidence, toEvidence), Opinion: r.Opinion, DecisionID: row.Text(r.Decision),
		CityNotApplicable: string(r.CityNotApplicable), LooksBackID: row.Text(r.LooksBackAt), TwoPersons: r.TwoPersons,
		Implementer: r.Implementer, CityVerifier: r.CityVerifier, Verifier: r.Verifier, Closer: r.Closer,
		CityMaySee: r.CityMaySee, Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func (r itemRow) domain() *domain.Item {
	return domain.RehydrateItem(domain.ItemRecord{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(), CityMaySee: r.CityMaySee,
		Measure: fromMeasure(r.Measure), Due: workday.Date(r.DueDate), State: domain.ItemState(r.State), Percent: r.Percent,
		Progress: r.Progress, Evidence: row.Convert(r.Evidence, fromEvidence), Opinion: r.Opinion, Decision: string(r.DecisionID),
		CityNotApplicable: domain.NotApplicable(r.CityNotApplicable), LooksBackAt: string(r.LooksBackID), TwoPersons: r.TwoPersons,
		Implementer: r.Implementer, CityVerifier: r.CityVerifier, Verifier: r.Verifier, Closer: r.Closer,
		Version: r.Version, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	})
}

// AddItems keeps the items that the measures of a plan became.
func AddItems(tx *pg.Tx, items []*domain.Item) error {
	return row.InsertAll(tx, row.Convert(items, func(i *domain.Item) itemRow { return toItemRow(i.Record()) }))
}

// AddLookBack keeps the item of a look-back. Another one may have taken its number at
// the same time; then nothing is decided yet.
func AddLookBack(tx *pg.Tx, i *domain.Item) error {
	err := row.Insert(tx, toItemRow(i.Record()))
	return row.Instead(err, "item_number", fault.New(fault.Contended, fault.ReasonConflict))
}

// Item gives an item of a case.
func Item(tx *pg.Tx, rectification, id string) (*domain.Item, error) {
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ? AND id = ?", rectification, id)
	found, err := row.One(tx, query, row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(), nil
}

// Items lists the items of a case by number.
func Items(tx *pg.Tx, rectification string, q Query) ([]*domain.Item, error) {
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ?", rectification)
	rows, err := list(tx, query, q, "number", "id")
	return row.Convert(rows, itemRow.domain), err
}

// AllItems gives the items of a case by number.
func AllItems(tx *pg.Tx, rectification string) ([]*domain.Item, error) {
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).Where("rectification_id = ?", rectification).Order("number").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	return row.Convert(rows, itemRow.domain), nil
}

// ItemsNumbered gives those items of a case that have one of the numbers, by number.
func ItemsNumbered(tx *pg.Tx, rectification string, numbers []int32) (map[int32]*domain.Item, error) {
	wanted := row.Texts(row.Convert(numbers, func(n int32) string { return strconv.Itoa(int(n)) }))
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).
		Where("rectification_id = ? AND number = ANY (?::integer[])", rectification, wanted).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("items by number: %w", err)
	}
	found := make(map[int32]*domain.Item, len(rows))
	for _, r := range rows {
		found[r.Number] = r.domain()
	}
	return found, nil
}

// ItemNumbers gives the numbers of the items that the plan of a case made: the
// report gives an account of those, and not of what was found later.
func ItemNumbers(tx *pg.Tx, rectification string) ([]int32, error) {
	return numbers(tx, rectification, "looks_back_id IS NULL")
}

// NextItemNumber gives the number that the next item of a case has.
func NextItemNumber(tx *pg.Tx, rectification string) (int32, error) {
	all, err := numbers(tx, rectification, "true")
	if err != nil || len(all) == 0 {
		return 1, err
	}
	return all[len(all)-1] + 1, nil
}

func numbers(tx *pg.Tx, rectification, which string) ([]int32, error) {
	rows, err := scoped[itemRow](tx, byPlace(), onceCopied).Select("number").
		Where("rectification_id = ?", rectification).Where(which).Order("number").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("item numbers: %w", err)
	}
	return row.Convert(rows, func(r itemRow) int32 { return r.Number }), nil
}

// SaveItem writes the columns of the caller's side. The tables write the history.
func SaveItem(tx *pg.Tx, i *domain.Item) error {
	r := i.Record()
	old := r.Version
	r.Version++
	columns := []string{"state", "percent", "progress", "evidence", "opinion", "implementer", "city_verifier", "update_time"}
	if tx.Principal().Inside() {
		columns = []string{
			"state", "percent", "opinion", "due_date", "decision_id", "city_not_applicable", "verifier", "closer", "update_time",
		}
	}
	query := scoped[itemRow](tx, byPlace(), onceCopied).Where("id = ?", r.ID)
	if err := row.Update(tx, query, toItemRow(r), old, columns...); err != nil {
		return err
	}
	*i = *domain.RehydrateItem(r)
	return nil
}

// reported are the columns of many items that a county reports on at once.
type reported struct {
	ID       string        `json:"id"`
	Version  int64         `json:"version"`
	State    string        `json:"state"`
	Percent  int32         `json:"percent"`
	Progress string        `json:"progress"`
	Evidence []evidenceDoc `json:"evidence"`
}

const saveReported = `
UPDATE item SET state = u.state, percent = u.percent, progress = u.progress, evidence = u.evidence, opinion = '',
  implementer = @person, city_verifier = '', version = u.version, update_time = @now
FROM jsonb_to_recordset(@updates) AS u (id uuid, version bigint, state text, percent integer, progress text, evidence jsonb)
WHERE @own AND item.province = @province AND item.id = u.id AND item.version = u.version - 1`

// SaveReported writes what a county reports of several items, in one statement.
func SaveReported(tx *pg.Tx, items []*domain.Item, act domain.Act) error {
	updates := make([]reported, len(items))
	for n, i := range items {
		r := i.Record()
		r.Version++
		updates[n] = reported{r.ID, r.Version, string(r.State), r.Percent, r.Progress, row.Convert(r.Evidence, toEvidence)}
		*i = *domain.RehydrateItem(r)
	}
	encoded, err := json.Marshal(updates)
	if err != nil {
		return fmt.Errorf("encode progress: %w", err)
	}
	done := tx.Gorm().Table("item").Exec(saveReported, map[string]any{
		"own": tx.Own(byPlace()), "province": tx.Principal().Province, "person": act.By, "now": act.Now, "updates": string(encoded),
	})
	if done.Error != nil {
		return fmt.Errorf("save progress: %w", done.Error)
	}
	if done.RowsAffected != int64(len(items)) {
		return fault.New(fault.Stale, fault.ReasonETagMismatch)
	}
	return nil
}
