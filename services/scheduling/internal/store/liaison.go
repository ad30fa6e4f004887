package store

import (
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/regulation"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

// liaisonText is what a liaison body and each of its versions have in common.
type liaisonText struct {
	CityCode   string
	LeaderName string
	LeaderPost string
	Leads      []liaisonLead   `gorm:"serializer:json"`
	Members    []liaisonMember `gorm:"serializer:json"`
	Contact    string
}

// liaisonLead is one department in the column leads.
type liaisonLead struct {
	Body string `json:"body"`
	Name string `json:"name"`
}

// liaisonMember is one person in the column members.
type liaisonMember struct {
	Name       string `json:"name"`
	Post       string `json:"post"`
	Department string `json:"department"`
	Window     string `json:"window"`
}

type liaisonBodyRow struct {
	Province string      `gorm:"primaryKey"`
	ID       string      `gorm:"primaryKey"`
	Text     liaisonText `gorm:"embedded"`

	CreateTime time.Time
	UpdateTime time.Time
	Version    int64
}

// TableName implements gorm's Tabler.
func (liaisonBodyRow) TableName() string { return "liaison_body" }

type liaisonChangeRow struct {
	Province      string      `gorm:"primaryKey"`
	LiaisonBodyID string      `gorm:"primaryKey"`
	Sequence      int64       `gorm:"primaryKey;autoIncrement:false"`
	Text          liaisonText `gorm:"embedded"`

	Author     string
	CreateTime time.Time // of the body
	ChangeTime time.Time
}

// TableName implements gorm's Tabler.
func (liaisonChangeRow) TableName() string { return "liaison_body_change" }

func textOfLiaison(r domain.LiaisonBodyRecord) liaisonText {
	return liaisonText{
		CityCode: r.City, LeaderName: r.Leader.DisplayName, LeaderPost: r.Leader.Post, Contact: r.Contact,
		Leads: row.Convert(r.Leads, func(l domain.LiaisonLead) liaisonLead {
			return liaisonLead{Body: string(l.Body), Name: l.DisplayName}
		}),
		Members: row.Convert(r.Members, func(m domain.LiaisonMember) liaisonMember {
			return liaisonMember{Name: m.DisplayName, Post: m.Post, Department: m.Department, Window: m.ContactWindow}
		}),
	}
}

func (t liaisonText) text() domain.LiaisonText {
	return domain.LiaisonText{
		Leader: domain.LiaisonLeader{DisplayName: t.LeaderName, Post: t.LeaderPost}, Contact: t.Contact,
		Leads: row.Convert(t.Leads, func(l liaisonLead) domain.LiaisonLead {
			return domain.LiaisonLead{Body: regulation.Body(l.Body), DisplayName: l.Name}
		}),
		Members: row.Convert(t.Members, func(m liaisonMember) domain.LiaisonMember {
			return domain.LiaisonMember{DisplayName: m.Name, Post: m.Post, Department: m.Department, ContactWindow: m.Window}
		}),
	}
}

func rowOfLiaison(r domain.LiaisonBodyRecord) liaisonBodyRow {
	return liaisonBodyRow{
		Province: r.Province, ID: r.ID, Text: textOfLiaison(r),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r liaisonBodyRow) body() *domain.LiaisonBody {
	return domain.RehydrateLiaisonBody(domain.LiaisonBodyRecord{
		LiaisonText: r.Text.text(), Province: r.Province, ID: r.ID, City: r.Text.CityCode,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

func liaisonScope(tx *pg.Tx) clause.Expression { return tx.Own(pg.Columns{City: "city_code"}) }

// LiaisonBody reads a liaison body.
func LiaisonBody(tx *pg.Tx, province, id string) (*domain.LiaisonBody, error) {
	return readLiaisonBody(tx, province, id)
}

// AnyLiaisonBody reads a liaison body of the province: a group assigns to that of the
// city of its inspection, to which no grant of a group's task reaches.
func AnyLiaisonBody(tx *pg.Tx, province, id string) (*domain.LiaisonBody, error) {
	stored, err := one[liaisonBodyRow](tx, clause.Expr{SQL: "true"}, key{province, id, domain.LiaisonBodyName})
	if err != nil {
		return nil, err
	}
	return stored.body(), nil
}

// LiaisonBodyForUpdate reads a liaison body and keeps others from changing it.
func LiaisonBodyForUpdate(tx *pg.Tx, province, id string) (*domain.LiaisonBody, error) {
	return readLiaisonBody(tx, province, id, row.ForUpdate())
}

func readLiaisonBody(tx *pg.Tx, province, id string, lock ...clause.Expression) (*domain.LiaisonBody, error) {
	stored, err := one[liaisonBodyRow](tx, liaisonScope(tx), key{province, id, domain.LiaisonBodyName}, lock...)
	if err != nil {
		return nil, err
	}
	return stored.body(), nil
}

// LiaisonBodies lists liaison bodies in order of registration.
func LiaisonBodies(tx *pg.Tx, q Query) ([]*domain.LiaisonBody, error) {
	rows, err := many[liaisonBodyRow](tx, liaisonScope(tx), q, "id")
	return row.Convert(rows, liaisonBodyRow.body), err
}

// HasLiaisonBody tells whether a city has registered its body. Where it has not, the
// caller takes the city's turn: a registration at the same moment then fails or lets
// this one fail with a serialization error, and whoever runs again sees the other.
func HasLiaisonBody(tx *pg.Tx, province, city string) (bool, error) {
	if city == "" {
		return false, nil
	}
	n, err := gorm.G[liaisonBodyRow](tx.Gorm()).Where(liaisonScope(tx)).
		Where("province = ? AND city_code = ?", province, city).Count(tx.Context(), "*")
	if err != nil {
		return false, fmt.Errorf("liaison body of city: %w", err)
	}
	if n > 0 {
		return true, nil // it is never taken back
	}
	return false, TakeLiaisonTurn(tx, province, city)
}

// TakeLiaisonTurn counts up on the row of a city, so that whoever does so at the same
// moment sees what came of it; a city that is not the caller's is missing (art. 16).
func TakeLiaisonTurn(tx *pg.Tx, province, city string) error {
	n, err := gorm.G[cityRow](tx.Gorm()).Where(tx.Own(pg.Columns{City: "code"})).
		Where("province = ? AND code = ?", province, city).
		Update(tx.Context(), "liaison_turn", gorm.Expr("liaison_turn + 1"))
	if err != nil {
		return fmt.Errorf("turn of city: %w", err)
	}
	if n != 1 {
		return fault.Missing(domain.CityName(province, city))
	}
	return nil
}

// InsertLiaisonBody stores a new liaison body with the first entry of its history. A
// city has one (art. 16).
func InsertLiaisonBody(tx *pg.Tx, b *domain.LiaisonBody) error {
	if err := row.Insert(tx, rowOfLiaison(b.Record())); err != nil {
		return row.Instead(err, "liaison_body_one_per_city",
			fault.New(fault.Exists, fault.ReasonAlreadyExists, fault.MetaArticle, "16"))
	}
	return insertLiaisonChange(tx, b)
}

// SaveLiaisonBody stores a changed liaison body with the next entry of its history.
func SaveLiaisonBody(tx *pg.Tx, b *domain.LiaisonBody) error {
	r := b.Record()
	stored := rowOfLiaison(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Province, r.ID, r.Version,
		"leader_name", "leader_post", "leads", "members", "contact", "update_time")
	if err != nil {
		return err
	}
	b.Saved()
	return insertLiaisonChange(tx, b)
}

func insertLiaisonChange(tx *pg.Tx, b *domain.LiaisonBody) error {
	r := b.Record()
	return row.Insert(tx, liaisonChangeRow{
		Province: r.Province, LiaisonBodyID: r.ID, Sequence: r.Version, Text: textOfLiaison(r),
		Author: tx.Principal().Subject, CreateTime: r.CreateTime, ChangeTime: r.UpdateTime,
	})
}

// StoredLiaisonChange is an entry of the history with its number, by which they are listed.
type StoredLiaisonChange struct {
	domain.LiaisonBodyChange
	Sequence string
}

func (r liaisonChangeRow) change() StoredLiaisonChange {
	return StoredLiaisonChange{
		LiaisonBodyChange: domain.LiaisonBodyChange{
			After: domain.LiaisonBodyRecord{
				LiaisonText: r.Text.text(), Province: r.Province, ID: r.LiaisonBodyID, City: r.Text.CityCode,
				CreateTime: r.CreateTime, UpdateTime: r.ChangeTime, Version: r.Sequence,
			},
			Author: r.Author,
		},
		Sequence: strconv.FormatInt(r.Sequence, 10),
	}
}

// LiaisonBodyChanges lists the history of a liaison body.
func LiaisonBodyChanges(tx *pg.Tx, body string, q Query) ([]StoredLiaisonChange, error) {
	chain := gorm.G[liaisonChangeRow](tx.Gorm()).Where(liaisonScope(tx)).
		Where("province = ? AND liaison_body_id = ?", q.Province, body)
	rows, err := finish(tx, chain, q, "sequence")
	if err != nil {
		return nil, fmt.Errorf("history of liaison body: %w", err)
	}
	return row.Convert(rows, liaisonChangeRow.change), nil
}
