package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/casefile/internal/domain"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

type paperRow struct {
	Province       string `gorm:"primaryKey"`
	InspectionID   string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	Title          string
	Facts          string
	State          string
	Author         string
	ReviewOpinion  string
	WithdrawReason string
	AuthorSignTime row.Instant
	Leader         row.Text
	LeaderSignTime row.Instant
	Office         row.Text
	OfficeSignTime row.Instant
	CreateTime     time.Time
	UpdateTime     time.Time
	Version        int64
}

// TableName implements gorm's Tabler.
func (paperRow) TableName() string { return "working_paper" }

func rowOfPaper(r domain.PaperRecord) paperRow {
	return paperRow{
		Province: r.Province, InspectionID: r.CaseFile, ID: r.ID, Title: r.Title, Facts: r.Facts,
		State: string(r.State), Author: r.Author, ReviewOpinion: r.ReviewOpinion,
		WithdrawReason: r.WithdrawReason, AuthorSignTime: row.Instant(r.Signed.Author),
		Leader: row.Text(r.Signed.Leader.Subject), LeaderSignTime: row.Instant(r.Signed.Leader.Time),
		Office: row.Text(r.Signed.Office.Subject), OfficeSignTime: row.Instant(r.Signed.Office.Time),
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	}
}

func (r paperRow) paper() *domain.Paper {
	return domain.RehydratePaper(domain.PaperRecord{
		Key:   domain.Key{Province: r.Province, CaseFile: r.InspectionID, ID: r.ID},
		Title: r.Title, Facts: r.Facts, State: domain.PaperState(r.State), Author: r.Author,
		ReviewOpinion: r.ReviewOpinion, WithdrawReason: r.WithdrawReason,
		Signed: domain.Signatures{
			Author: time.Time(r.AuthorSignTime),
			Leader: signature(r.Leader, r.LeaderSignTime),
			Office: signature(r.Office, r.OfficeSignTime),
		},
		CreateTime: r.CreateTime, UpdateTime: r.UpdateTime, Version: r.Version,
	})
}

// Paper reads a working paper.
func Paper(tx *pg.Tx, k domain.Key) (*domain.Paper, error) {
	stored, err := oneIn[paperRow](tx, k)
	if err != nil {
		return nil, err
	}
	return stored.paper(), nil
}

// Papers lists the working papers of a case file in order of creation.
func Papers(tx *pg.Tx, q Query) ([]*domain.Paper, error) {
	rows, err := many[paperRow](tx, inCaseFile(tx), q, byCreation()...)
	return row.Convert(rows, paperRow.paper), err
}

// OpenPapers counts the working papers of a case file that are neither passed nor
// withdrawn.
func OpenPapers(tx *pg.Tx, province, caseFile string) (int, error) {
	n, err := gorm.G[paperRow](tx.Gorm()).Where(inCaseFile(tx)).
		Where("province = ? AND inspection_id = ? AND state NOT IN ?", province, caseFile,
			[]string{string(domain.PaperPassed), string(domain.PaperWithdrawn)}).
		Count(tx.Context(), "*")
	if err != nil {
		return 0, fmt.Errorf("count open papers: %w", err)
	}
	return int(n), nil
}

// InsertPaper stores a new working paper.
func InsertPaper(tx *pg.Tx, p *domain.Paper) error {
	return row.Insert(tx, rowOfPaper(p.Record()))
}

// SavePaper stores a changed working paper.
func SavePaper(tx *pg.Tx, p *domain.Paper) error {
	r := p.Record()
	stored := rowOfPaper(r)
	stored.Version = r.Version + 1
	err := update(tx, stored, r.Version, []string{
		"title", "facts", "state", "review_opinion", "withdraw_reason", "author_sign_time",
		"leader", "leader_sign_time", "office", "office_sign_time", "update_time",
	}, byKey, r.Province, r.CaseFile, r.ID)
	if err != nil {
		return err
	}
	p.Saved()
	return nil
}
