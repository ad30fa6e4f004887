package store

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// addSuccessors adds which feedback was given in the place of another.
func addSuccessors(tx *pg.Tx, known map[string]beside, feedbacks []string) error {
	found, err := scoped[feedbackRow](tx, byPlace(), always).Select("id", "supersedes_id").
		Where("supersedes_id IN ? AND state IN ('GIVEN', 'COPIED', 'SUPERSEDED')", feedbacks).Find(tx.Context())
	if err != nil {
		return fmt.Errorf("superseding feedbacks: %w", err)
	}
	for _, next := range found {
		b := known[string(next.SupersedesID)]
		b.supersededBy = next.ID
		known[string(next.SupersedesID)] = b
	}
	return nil
}

// successors gives, by the id of a delivery, the one that took its place.
func successors(tx *pg.Tx, rows []deliveryRow) (map[string]string, error) {
	ids := row.Convert(rows, func(r deliveryRow) string { return r.ID })
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := scoped[deliveryRow](tx, byAddressee(), always).Select("id", "supersedes_id").
		Where("supersedes_id IN ?", ids).Find(tx.Context())
	if err != nil {
		return nil, fmt.Errorf("superseding deliveries: %w", err)
	}
	next := make(map[string]string, len(found))
	for _, d := range found {
		next[string(d.SupersedesID)] = d.ID
	}
	return next, nil
}

// DeliveryOf gives the delivery of a kind of a feedback.
func DeliveryOf(tx *pg.Tx, kind domain.DeliveryKind, feedback string) (*domain.Delivery, error) {
	found, err := row.One(tx, scoped[deliveryRow](tx, byAddressee(), always).
		Where("kind = ? AND feedback_id = ?", string(kind), feedback), row.Missing())
	if err != nil {
		return nil, err
	}
	return found.domain(nil, nil, ""), nil
}

// AwaitsReceipt reports whether a feedback of a case waits for the county's signature.
func AwaitsReceipt(tx *pg.Tx, p domain.Place) (bool, error) {
	n, err := scoped[deliveryRow](tx, byAddressee(), always).
		Where("kind = 'FEEDBACK' AND inspection_id = ? AND county_code = ? AND receive_time IS NULL", p.Inspection, p.County).
		Count(tx.Context(), "*")
	if err != nil {
		return false, fmt.Errorf("unsigned feedback: %w", err)
	}
	return n > 0, nil
}

// SaveFollowed keeps what the county's receipt of a superseding feedback made of the case.
func SaveFollowed(tx *pg.Tx, r *domain.Rectification) error {
	return saveRectification(tx, r, "problems", "city_problems", "update_time")
}
