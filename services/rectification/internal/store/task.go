package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/workday"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type taskRow struct {
	Place         place `gorm:"embedded"`
	CountyName    string
	RuleSet       string
	EntryDate     row.Day
	OnSiteEndDate row.Day
	LeaderName    string
	CreateTime    time.Time
}

func (taskRow) TableName() string { return "task" }

type memberRow struct {
	Province     string
	InspectionID string
	Subject      string
	DisplayName  string
	Leader       bool
}

func (memberRow) TableName() string { return "task_member" }

// Task gives a task by the id of its inspection.
func Task(tx *pg.Tx, inspection string) (domain.Task, error) {
	found, err := row.One(tx, scoped[taskRow](tx, byPlace(), always).Where("inspection_id = ?", inspection), row.Missing())
	return domain.Task{
		Place: found.Place.domain(), CountyName: found.CountyName, RuleSet: found.RuleSet,
		EntryDate: workday.Date(found.EntryDate), EndDate: workday.Date(found.OnSiteEndDate), Leader: found.LeaderName,
	}, err
}

// OtherCounties gives the names of the counties that the caller knows to be inspected,
// but for this one and what its own name contains.
func OtherCounties(tx *pg.Tx, task domain.Task) ([]string, error) {
	var names []string
	err := tx.Gorm().Model(&taskRow{}).Where(tx.Own(byPlace())).
		Where("province = ? AND county_code <> ? AND strpos(?, county_name) = 0", tx.Principal().Province, task.Place.County, task.CountyName).
		Distinct().Order("county_name").Pluck("county_name", &names).Error
	if err != nil {
		return nil, fmt.Errorf("names of counties: %w", err)
	}
	return names, nil
}

// Leads reports whether the caller leads the group of a task.
func Leads(tx *pg.Tx, inspection string) (bool, error) {
	n, err := gorm.G[memberRow](tx.Gorm()).Where("province = ? AND inspection_id = ? AND subject = ? AND leader",
		tx.Principal().Province, inspection, tx.Principal().Subject).Count(tx.Context(), "*")
	if err != nil {
		return false, fmt.Errorf("leader of the group: %w", err)
	}
	return n > 0, nil
}

// SaveStay keeps the days of the stay of a task.
func SaveStay(tx *pg.Tx, task domain.Task) error {
	query := scoped[taskRow](tx, byPlace(), always).Where("inspection_id = ?", task.Place.Inspection)
	days := taskRow{EntryDate: row.Day(task.EntryDate), OnSiteEndDate: row.Day(task.EndDate)}
	return row.Change(tx, query, days, "entry_date", "on_site_end_date")
}

// AddTask keeps a task that scheduling announced.
func AddTask(tx *pg.Tx, task domain.Task, now time.Time) error {
	return row.Insert(tx, taskRow{
		Place: toPlace(task.Place), CountyName: task.CountyName, RuleSet: task.RuleSet, CreateTime: now,
	})
}

// ReplaceMembers makes these the members of the task: who is not among them has
// lost access from the next call on (domain.md §8). The last leader is remembered, also
// when nobody is left (art. 17).
func ReplaceMembers(tx *pg.Tx, inspection string, members []domain.Member) error {
	province := tx.Principal().Province
	_, err := gorm.G[memberRow](tx.Gorm()).
		Where("province = ? AND inspection_id = ?", province, inspection).Delete(tx.Context())
	if err != nil {
		return fmt.Errorf("remove members: %w", err)
	}
	for _, m := range members {
		if !m.Leader {
			continue
		}
		query := scoped[taskRow](tx, byPlace(), always).Where("inspection_id = ?", inspection)
		if err := row.Change(tx, query, taskRow{LeaderName: m.Name}, "leader_name"); err != nil {
			return err
		}
	}
	return row.InsertAll(tx, row.Convert(members, func(m domain.Member) memberRow {
		return memberRow{province, inspection, m.Subject, m.Name, m.Leader}
	}))
}
