package outbox_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/outbox"
)

func TestWhatIsOldIsPurgedAndTheOrderKept(t *testing.T) {
	f := newFixture(t)
	for _, statement := range []string{
		// 2500 are more than two batches.
		`INSERT INTO request_log (principal, method, request_id, request_hash, province, create_time)
		 SELECT 'p', 'm', gen_random_uuid(), '', '51', now() - interval '30 days' - n * interval '1 second' FROM generate_series(1, 2500) AS n`,
		`INSERT INTO request_log (principal, method, request_id, request_hash, province) VALUES ('p', 'm', gen_random_uuid(), '', '51')`,
		`INSERT INTO outbox (id, destination, aggregate, sequence, type_url, payload, occur_time, province, done_time)
		 SELECT gen_random_uuid(), 'casefile', 'old', n, 't', '', now(), '51', now() - n * interval '20 days' FROM generate_series(1, 4) AS n`,
		// Three events of each aggregate; the last of both is old too.
		`INSERT INTO inbox (province, source, event_id, aggregate, sequence, type_url, receive_time)
		 SELECT '51', 'scheduling', gen_random_uuid(), a, n, 't', now() - interval '100 days' FROM generate_series(1, 3) AS n, unnest('{a,b}'::text[]) AS a`,
	} {
		if _, err := f.admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	f.start(t, outbox.Config{PurgeInterval: 20 * time.Millisecond})
	for query, want := range map[string]int{
		"SELECT count(*) FROM request_log":                    1,
		"SELECT count(*) FROM outbox":                         1,
		"SELECT count(*) FROM inbox WHERE sequence < 3":       0,
		"SELECT count(*) FROM inbox WHERE sequence = 3":       2,
		"SELECT count(*) FROM outbox WHERE done_time IS NULL": 0,
	} {
		eventually(t, query, func() bool { return f.count(t, query) == want })
	}
}
