package outbox

import (
	"context"
	"fmt"
)

// purgeBatch bounds one statement, so that no lock is held for long.
const purgeBatch = 1000

// What is kept, and how long. The policies of the database allow no more. Each
// statement takes the oldest rows up to the time of the last in its batch, since
// the job role may not look at the keys of the request log.
const (
	purgeRequests = `
DELETE FROM request_log WHERE create_time <= (SELECT max(create_time) FROM (
  SELECT create_time FROM request_log WHERE create_time < now() - interval '30 days'
  ORDER BY create_time LIMIT $1) AS oldest)`

	purgeOutbox = `
DELETE FROM outbox WHERE done_time <= (SELECT max(done_time) FROM (
  SELECT done_time FROM outbox WHERE done_time < now() - interval '30 days'
  ORDER BY done_time LIMIT $1) AS oldest)`

	// The last event of an aggregate stays: the next one is told by it.
	purgeInbox = `
DELETE FROM inbox i WHERE (province, source, aggregate, sequence) IN (
  SELECT o.province, o.source, o.aggregate, o.sequence FROM inbox o
  WHERE o.receive_time < now() - interval '90 days'
    AND EXISTS (SELECT 1 FROM inbox later
                WHERE later.province = o.province AND later.source = o.source
                  AND later.aggregate = o.aggregate AND later.sequence > o.sequence)
  ORDER BY o.receive_time LIMIT $1)`
)

// purge clears away what nobody will ask for again. River clears its own table.
func (s *Sender) purge(ctx context.Context) error {
	for _, p := range []struct{ table, statement string }{
		{"request_log", purgeRequests}, {"outbox", purgeOutbox}, {"inbox", purgeInbox},
	} {
		for more := true; more; {
			tag, err := s.pool.Exec(ctx, p.statement, purgeBatch)
			if err != nil {
				return fmt.Errorf("purge %s: %w", p.table, err)
			}
			more = tag.RowsAffected() >= purgeBatch
		}
	}
	return nil
}
