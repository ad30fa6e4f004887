package store

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type liaisonTaskRow struct {
	Province      string `gorm:"primaryKey"`
	ID            string `gorm:"primaryKey"`
	LiaisonBodyID string
	CityCode      string
	InspectionID  row.Text
	Title         string
	Content       string
	DueDate       row.Day
	AssignerParty string
	State         string
	Answer        string
	Signer        string
	AcceptTime    row.Instant
	AnswerTime    row.Instant
	CloseTime     row.Instant
	ClosingRemark string
	CreateTime    time.Time
	UpdateTime    time.Time
	Version       int64
}

// TableName implements gorm's Tabler.
func (liaisonTaskRow) TableName() string { return "liaison_task" }

func rowOfLiaisonTask(r domain.LiaisonTaskRecord) liaisonTaskRow {
	return liaisonTaskRow{
		Province: r.Province, ID: r.ID, LiaisonBodyID: r.LiaisonBody, CityCode: r.City, InspectionID: row.Text(r.Inspection),
		Title: r.Title, Content: r.Content, DueDate: row.Day(r.Due), AssignerParty: string(r.Assigner), State: string(r.State),
		Answer: r.Answer, Signer: r.Signer, AcceptTime: row.Instant(r.AcceptTime), AnswerTime: row.Instant(r.AnswerTime),
		CloseTime: row.Instant(r.CloseTime), ClosingRemark: r.ClosingRemark,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r liaisonTaskRow) task() *domain.LiaisonTask {
	return domain.RehydrateLiaisonTask(domain.LiaisonTaskRecord{
		LiaisonTaskText: domain.LiaisonTaskText{Title: r.Title, Content: r.Content, Due: workday.Date(r.DueDate)},
		Province:        r.Province, ID: r.ID, LiaisonBody: r.LiaisonBodyID, City: r.CityCode, Inspection: string(r.InspectionID),
		Assigner: domain.Assigner(r.AssignerParty), State: domain.LiaisonTaskState(r.State), Answer: r.Answer, Signer: r.Signer,
		AcceptTime: time.Time(r.AcceptTime), AnswerTime: time.Time(r.AnswerTime), CloseTime: time.Time(r.CloseTime),
		ClosingRemark: r.ClosingRemark, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

func liaisonTaskScope(tx *pg.Tx) clause.Expression {
	return tx.Own(pg.Columns{City: "city_code", Inspection: "inspection_id"})
}

// LiaisonTask reads a task of a liaison body.
func LiaisonTask(tx *pg.Tx, province, id string) (*domain.LiaisonTask, error) {
	stored, err := one[liaisonTaskRow](tx, liaisonTaskScope(tx), key{province, id, domain.LiaisonTaskName})
	if err != nil {
		return nil, err
	}
	return stored.task(), nil
}

// LiaisonTasks lists tasks in order of creation.
func LiaisonTasks(tx *pg.Tx, q Query) ([]*domain.LiaisonTask, error) {
	rows, err := many[liaisonTaskRow](tx, liaisonTaskScope(tx), q, "id")
	return row.Convert(rows, liaisonTaskRow.task), err
}

// InsertLiaisonTask stores a new task.
func InsertLiaisonTask(tx *pg.Tx, t *domain.LiaisonTask) error {
	return row.Insert(tx, rowOfLiaisonTask(t.Record()))
}

// SaveLiaisonAnswer stores what the liaison body did with a task.
func SaveLiaisonAnswer(tx *pg.Tx, t *domain.LiaisonTask) error {
	return saveLiaisonTask(tx, t, "state", "answer", "signer", "accept_time", "answer_time", "update_time")
}

// SaveLiaisonClosing stores that the assigner closed a task.
func SaveLiaisonClosing(tx *pg.Tx, t *domain.LiaisonTask) error {
	return saveLiaisonTask(tx, t, "state", "closing_remark", "close_time", "update_time")
}

func saveLiaisonTask(tx *pg.Tx, t *domain.LiaisonTask, columns ...string) error {
	r := t.Record()
	stored := rowOfLiaisonTask(r)
	stored.Version = r.Version + 1
	if err := update(tx, stored, r.Province, r.ID, r.Version, columns...); err != nil {
		return err
	}
	t.Saved()
	return nil
}
