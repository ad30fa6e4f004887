package inbox

import (
	"fmt"
	"strconv"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

const selectProgress = `
SELECT EXISTS (SELECT 1 FROM inbox WHERE province = $4 AND source = $1 AND event_id = $2),
       coalesce((SELECT max(sequence) FROM inbox WHERE province = $4 AND source = $1 AND aggregate = $3), 0)`

const insertEvent = `
INSERT INTO inbox (source, event_id, aggregate, sequence, type_url, province)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING`

// register enters the event, or reports that it was applied before. Two
// deliveries of the same event at once: the second one's insert waits, fails
// with 40001 when the first commits, and the transaction runs again and sees it.
func register(tx *pg.Tx, ev Event) (seen bool, err error) {
	var last int64
	row := tx.SQL().QueryRowContext(tx.Context(), selectProgress, ev.Source, ev.ID.String(), ev.Aggregate, tx.Principal().Province)
	if err := row.Scan(&seen, &last); err != nil {
		return false, fmt.Errorf("read inbox: %w", err)
	}
	if seen {
		return true, nil
	}
	if err := inOrder(ev, last); err != nil {
		return false, err
	}
	_, err = tx.SQL().ExecContext(tx.Context(), insertEvent,
		ev.Source, ev.ID.String(), ev.Aggregate, ev.Sequence, "type.googleapis.com/"+string(ev.typeOfBody), tx.Principal().Province)
	if err != nil {
		return false, fmt.Errorf("enter event: %w", err)
	}
	return false, nil
}

// inOrder allows only the event that follows the last one. A later one comes
// again when its turn is; another event on a place that is taken never will.
func inOrder(ev Event, last int64) error {
	switch {
	case ev.Sequence == last+1:
		return nil
	case ev.Sequence > last:
		return fault.New(fault.Stale, fault.ReasonEventOutOfOrder,
			"aggregate", ev.Aggregate, "sequence", strconv.FormatInt(ev.Sequence, 10))
	default:
		return fault.New(fault.Exists, fault.ReasonAlreadyExists,
			fault.MetaName, ev.Aggregate, "sequence", strconv.FormatInt(ev.Sequence, 10))
	}
}
