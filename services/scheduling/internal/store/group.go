package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type groupRow struct {
	Province    string `gorm:"primaryKey"`
	ID          string `gorm:"primaryKey"`
	DisplayName string
	CreateTime  time.Time
	UpdateTime  time.Time
	Version     int64
}

// TableName implements gorm's Tabler.
func (groupRow) TableName() string { return "inspection_group" }

type memberRow struct {
	Province     string `gorm:"primaryKey"`
	GroupID      string `gorm:"primaryKey"`
	Subject      string `gorm:"primaryKey"`
	DisplayName  string
	Post         string
	Position     int
	RemoveTime   row.Instant
	RemoveReason row.Text
}

// TableName implements gorm's Tabler.
func (memberRow) TableName() string { return "group_member" }

// Group reads a group with its members of today.
func Group(tx *pg.Tx, province, id string) (*domain.Group, error) { return readGroup(tx, province, id) }

// GroupForUpdate reads a group and keeps others from changing it.
func GroupForUpdate(tx *pg.Tx, province, id string) (*domain.Group, error) {
	return readGroup(tx, province, id, row.ForUpdate())
}

func readGroup(tx *pg.Tx, province, id string, lock ...clause.Expression) (*domain.Group, error) {
	stored, err := one[groupRow](tx, tx.Own(pg.Columns{}), key{province, id, domain.GroupName}, lock...)
	if err != nil {
		return nil, err
	}
	found, err := withMembers(tx, province, []groupRow{stored})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Groups lists groups in order of creation.
func Groups(tx *pg.Tx, q Query) ([]*domain.Group, error) {
	rows, err := many[groupRow](tx, tx.Own(pg.Columns{}), q, "id")
	if err != nil {
		return nil, err
	}
	return withMembers(tx, q.Province, rows)
}

func withMembers(tx *pg.Tx, province string, rows []groupRow) ([]*domain.Group, error) {
	ids := row.Convert(rows, func(r groupRow) string { return r.ID })
	members, err := gorm.G[memberRow](tx.Gorm()).
		Where("province = ? AND group_id IN ? AND remove_time IS NULL", province, ids).
		Order("group_id, position").Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("members of groups: %w", err)
	}
	of := make(map[string][]domain.GroupMember, len(rows))
	for _, m := range members {
		of[m.GroupID] = append(of[m.GroupID],
			domain.GroupMember{Subject: m.Subject, DisplayName: m.DisplayName, Post: domain.Post(m.Post)})
	}
	return row.Convert(rows, func(r groupRow) *domain.Group {
		return domain.RehydrateGroup(domain.GroupRecord{
			Province: r.Province, ID: r.ID, DisplayName: r.DisplayName, Members: of[r.ID],
			CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
		})
	}), nil
}

// InsertGroup stores a new group with its members.
func InsertGroup(tx *pg.Tx, g *domain.Group) error {
	r := g.Record()
	stored := groupRow{
		Province: r.Province, ID: r.ID, DisplayName: r.DisplayName,
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
	if err := row.Insert(tx, stored); err != nil {
		return err
	}
	members := make([]memberRow, 0, len(r.Members))
	for n, m := range r.Members {
		members = append(members, memberRow{
			Province: r.Province, GroupID: r.ID, Subject: m.Subject,
			DisplayName: m.DisplayName, Post: string(m.Post), Position: n,
		})
	}
	return row.InsertAll(tx, members)
}

// SaveRemoval stores that a member left the group, and ends that person's access
// to every task of it in the same transaction (art. 12(6)).
func SaveRemoval(tx *pg.Tx, g *domain.Group, removed domain.Removal) error {
	r := g.Record()
	stored := groupRow{UpdateTime: r.UpdateTime, Version: r.Version + 1}
	if err := update(tx, stored, r.Province, r.ID, r.Version, "update_time"); err != nil {
		return err
	}
	g.Saved()
	leaving := gorm.G[memberRow](tx.Gorm()).
		Where("province = ? AND group_id = ? AND subject = ? AND remove_time IS NULL", r.Province, r.ID, removed.Subject)
	left := memberRow{RemoveTime: row.Instant(removed.Time), RemoveReason: row.Text(removed.Reason)}
	if err := row.Change(tx, leaving, left, "remove_time", "remove_reason"); err != nil {
		return err
	}
	const endAccess = `
DELETE FROM task_member m USING inspection i
WHERE m.province = ? AND m.subject = ? AND i.province = m.province AND i.id = m.inspection_id AND i.group_id = ?`
	if err := tx.Gorm().Exec(endAccess, r.Province, removed.Subject, r.ID).Error; err != nil {
		return fmt.Errorf("end access of member: %w", err)
	}
	return nil
}

// EndMembership ends the access of all members to a task (domain.md §8(b)).
func EndMembership(tx *pg.Tx, province, inspection string) error {
	_, err := gorm.G[taskMemberRow](tx.Gorm()).
		Where("province = ? AND inspection_id = ?", province, inspection).Delete(tx.Context())
	if err != nil {
		return fmt.Errorf("end membership: %w", err)
	}
	return nil
}

type taskMemberRow struct {
	Province     string
	InspectionID string
	Subject      string
	DisplayName  string
	Leader       bool
}

// TableName implements gorm's Tabler.
func (taskMemberRow) TableName() string { return "task_member" }

// GiveTask lets the members of the group act on a task. It also counts the task
// on the group's row: who takes a member out at the same moment then fails with a
// serialization error, runs again, and sees this task.
func GiveTask(tx *pg.Tx, inspection string, g *domain.Group) error {
	r := g.Record()
	err := tx.Gorm().Exec("UPDATE inspection_group SET task_count = task_count + 1 WHERE province = ? AND id = ?",
		r.Province, r.ID).Error
	if err != nil {
		return fmt.Errorf("count task: %w", err)
	}
	return row.InsertAll(tx, row.Convert(r.Members, func(m domain.GroupMember) taskMemberRow {
		return taskMemberRow{
			Province: r.Province, InspectionID: inspection, Subject: m.Subject,
			DisplayName: m.DisplayName, Leader: m.Post == domain.Leader,
		}
	}))
}
