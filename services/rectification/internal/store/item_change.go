package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// changeRow is read only: the tables write the history themselves.
type changeRow struct {
	ItemID     string
	Number     int64
	State      string
	Percent    int32
	Text       string
	DueDate    row.Day
	Party      string
	ChangeTime time.Time
}

func (changeRow) TableName() string { return "item_change" }

type evidenceRow struct {
	ItemID       string
	ChangeNumber int64
	Number       int32
	Document     string
	SHA256       string `gorm:"column:sha256"`
	DocumentDate row.Day
	Title        string
	UploadTime   time.Time
}

func (evidenceRow) TableName() string { return "evidence" }

func (r evidenceRow) domain() domain.Evidence {
	return domain.Evidence{
		Document: r.Document, SHA256: r.SHA256, Date: workday.Date(r.DocumentDate), Title: r.Title, Uploaded: r.UploadTime,
	}
}

// Changes lists the steps of an item, oldest first, with their evidence: two
// statements, however many they are.
func Changes(tx *pg.Tx, item string, q Query) ([]domain.ItemChange, error) {
	rows, err := list(tx, scoped[changeRow](tx, byPlace(), onceCopied).Where("item_id = ?", item), q, "number", "item_id")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	documents, err := scoped[evidenceRow](tx, byPlace(), onceCopied).
		Where("item_id = ? AND change_number BETWEEN ? AND ?", item, rows[0].Number, rows[len(rows)-1].Number).
		Order("change_number").Order("number").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	handedIn := make(map[int64][]domain.Evidence)
	for _, d := range documents {
		handedIn[d.ChangeNumber] = append(handedIn[d.ChangeNumber], d.domain())
	}
	return row.Convert(rows, func(r changeRow) domain.ItemChange {
		return domain.ItemChange{
			Number: r.Number, State: domain.ItemState(r.State), Percent: r.Percent, Text: r.Text, Evidence: handedIn[r.Number],
			Party: r.Party, Due: workday.Date(r.DueDate), Time: r.ChangeTime,
		}
	}), nil
}
