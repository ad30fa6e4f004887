package store

import (
	"fmt"
	"time"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

type answerRow struct {
	DeliveryID string
	Number     int32
	Place      place `gorm:"embedded"`
	Text       string
	Signer     string
	AnswerTime time.Time
	Verdict    string
	Opinion    string
	VerifyTime row.Instant
}

func (answerRow) TableName() string { return "answer" }

func toAnswerRow(delivery string, p domain.Place, a domain.Answer) answerRow {
	return answerRow{
		DeliveryID: delivery, Number: a.Number, Place: toPlace(p), Text: a.Text, Signer: a.Signer, AnswerTime: a.AnswerTime,
		Verdict: string(a.Verdict), Opinion: a.Opinion, VerifyTime: row.Instant(a.VerifyTime),
	}
}

func (r answerRow) domain() domain.Answer {
	return domain.Answer{
		Number: r.Number, Text: r.Text, Signer: r.Signer, AnswerTime: r.AnswerTime,
		Verdict: domain.Verdict(r.Verdict), Opinion: r.Opinion, VerifyTime: time.Time(r.VerifyTime),
	}
}

// withAnswers adds the county's answers to the notices among the deliveries, the steps of
// the submissions among them, and what took the place of which. Who makes those cannot
// write in the table of deliveries, so they have tables of their own.
func withAnswers(tx *pg.Tx, rows []deliveryRow) ([]*domain.Delivery, error) {
	var notices, copied []string
	for _, r := range rows {
		switch domain.DeliveryKind(r.Kind) {
		case domain.DeliverImmediate:
			notices = append(notices, r.ID)
		case domain.DeliverPlanCopy, domain.DeliverReportCopy:
			copied = append(copied, string(r.RectificationID))
		}
	}
	answers := make(map[string][]domain.Answer, len(notices))
	if len(notices) > 0 {
		found, err := scoped[answerRow](tx, byPlace(), always).
			Where("delivery_id IN ?", notices).Order("number").Find(tx.Context())
		if err != nil {
			return nil, fmt.Errorf("answers: %w", err)
		}
		for _, a := range found {
			answers[a.DeliveryID] = append(answers[a.DeliveryID], a.domain())
		}
	}
	next, err := successors(tx, rows)
	if err != nil {
		return nil, err
	}
	steps, err := stepsOf(tx, copied)
	if err != nil {
		return nil, err
	}
	return row.Convert(rows, func(r deliveryRow) *domain.Delivery {
		return r.domain(answers[r.ID], steps[stepKey(string(r.RectificationID), r.Kind, r.Submission)], next[r.ID])
	}), nil
}

// AddAnswer keeps an answer of the county.
func AddAnswer(tx *pg.Tx, d *domain.Delivery, a domain.Answer) error {
	return row.Insert(tx, toAnswerRow(d.Record().ID, d.Record().Place, a))
}

// SaveVerdict keeps what the group said to an answer, once.
func SaveVerdict(tx *pg.Tx, i *domain.Immediate, a domain.Answer) error {
	delivery := i.Record().Handover.Delivery
	query := scoped[answerRow](tx, byPlace(), always).
		Where("delivery_id = ? AND number = ? AND verdict = ''", delivery, a.Number)
	return row.Change(tx, query, toAnswerRow(delivery, i.Record().Place, a), "verdict", "opinion", "verify_time")
}
