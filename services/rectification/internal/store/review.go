package store

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type reviewRow struct {
	ID              string
	RectificationID string
	Kind            Kind
	Number          int32
	Place           place `gorm:"embedded"`
	Reviewer        string
	Addressee       string
	State           string
	Content         contentDoc `gorm:"serializer:json"`
	Opinion         string
	ItemOpinions    []opinionDoc `gorm:"serializer:json"`
	Inviter         string
	Author          string
	CreateTime      time.Time
	GiveTime        row.Instant
	Version         int64
}

func (reviewRow) TableName() string { return "submission_review" }

func toReviewRow(r domain.ReviewRecord) reviewRow {
	kind, addressee := KindPlan, "provinces/"+r.Place.Province
	if len(r.Content.Accounts) > 0 {
		kind = KindReport
	}
	if r.OfCity {
		addressee += "/cities/" + r.Place.City
	}
	return reviewRow{
		ID: r.ID, RectificationID: r.Rectification, Kind: kind, Number: r.Content.Submission, Place: toPlace(r.Place),
		Reviewer: string(r.Reviewer), Addressee: addressee, State: string(r.State),
		Content: contentDoc{
			Problems: row.Convert(r.Content.Problems, toProblem), Measures: row.Convert(r.Content.Measures, toMeasure),
			Accounts: row.Convert(r.Content.Accounts, toAccount),
		},
		Opinion: r.Opinion, ItemOpinions: row.Convert(r.Items, toOpinion), Inviter: r.Inviter, Author: r.Author,
		CreateTime: r.CreateTime, GiveTime: row.Instant(r.GiveTime), Version: r.Version,
	}
}

func (r reviewRow) domain() *domain.Review {
	return domain.RehydrateReview(domain.ReviewRecord{
		ID: r.ID, Rectification: r.RectificationID, Place: r.Place.domain(), Reviewer: domain.Reviewer(r.Reviewer),
		OfCity: r.Addressee != "provinces/"+r.Place.Province, State: domain.ReviewState(r.State),
		Content: domain.Content{
			Submission: r.Number, Problems: row.Convert(r.Content.Problems, fromProblem),
			Measures: row.Convert(r.Content.Measures, fromMeasure), Accounts: row.Convert(r.Content.Accounts, fromAccount),
		},
		Opinion: r.Opinion, Items: row.Convert(r.ItemOpinions, fromOpinion), Inviter: r.Inviter, Author: r.Author,
		CreateTime: r.CreateTime, GiveTime: time.Time(r.GiveTime), Version: r.Version,
	})
}

// asInvited hides from an organ what another was invited to; county and city see none.
func asInvited(tx *pg.Tx) clause.Expression {
	p := tx.Principal()
	if p.Inside() {
		return always(tx)
	}
	return clause.Expr{SQL: "reviewer = ?", Vars: []any{string(p.Party)}}
}

// AddReview keeps an invitation.
func AddReview(tx *pg.Tx, r *domain.Review) error { return row.Insert(tx, toReviewRow(r.Record())) }

// Review gives a review of a case.
func Review(tx *pg.Tx, rectification, id string) (*domain.Review, error) {
	query := scoped[reviewRow](tx, byAddressee(), asInvited).Where("rectification_id = ? AND id = ?", rectification, id)
	found, err := row.One(tx, query, row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(), nil
}

// Reviews lists reviews in order of invitation.
func Reviews(tx *pg.Tx, q Query) ([]*domain.Review, error) {
	rows, err := list(tx, scoped[reviewRow](tx, byAddressee(), asInvited), q, "id")
	return row.Convert(rows, reviewRow.domain), err
}

// SaveReview keeps the opinion that was given.
func SaveReview(tx *pg.Tx, r *domain.Review) error {
	next := r.Record()
	old := next.Version
	next.Version++
	query := scoped[reviewRow](tx, byAddressee(), asInvited).Where("id = ?", next.ID)
	if err := row.Update(tx, query, toReviewRow(next), old, "state", "opinion", "item_opinions", "author", "give_time"); err != nil {
		return err
	}
	*r = *domain.RehydrateReview(next)
	return nil
}

// CloseReviews ends the invitations to a submission that were not taken up: the reply goes out.
func CloseReviews(tx *pg.Tx, kind Kind, rectification string) error {
	_, err := scoped[reviewRow](tx, byPlace(), always).
		Where("rectification_id = ? AND kind = ? AND state = ?", rectification, kind, domain.ReviewInvited).
		Select("state").Updates(tx.Context(), reviewRow{State: string(domain.ReviewClosed)})
	if err != nil {
		return fmt.Errorf("close reviews: %w", err)
	}
	return nil
}
