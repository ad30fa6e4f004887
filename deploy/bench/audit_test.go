package bench

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// auditedBase is a database with its sequencer.
func auditedBase(b *testing.B) (*pgtest.Database, *auditlog.Sequencer, *auditlog.Key, string) {
	b.Helper()
	d := pgtest.New(b, pgtest.Service{Name: "auditbench"})
	key, err := auditlog.NewKey(auditlog.Origin("auditbench"), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "checkpoints")
	s, err := auditlog.NewSequencer(b.Context(), auditlog.SequencerConfig{
		DSN: d.DSNs.Job, Key: key, File: auditlog.NewFile(file), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return d, s, key, file
}

// BenchmarkAuditedAct is a transaction with nothing but its audit entry, by eight
// clients, without and with a sequencer beside it (G10 of security.md §7); with it, how
// far the log was behind at worst.
func BenchmarkAuditedAct(b *testing.B) {
	for _, sequenced := range []bool{false, true} {
		b.Run(fmt.Sprintf("sequenced=%v", sequenced), func(b *testing.B) {
			d, s, _, _ := auditedBase(b)
			db := d.Open(b)
			var lag time.Duration
			var beside sync.WaitGroup
			ctx, stop := context.WithCancel(b.Context())
			if sequenced {
				beside.Go(func() { _ = s.Run(ctx, 500*time.Millisecond) }) // ends with ctx
				beside.Go(func() { lag = worstLag(ctx, b, d) })
			}
			b.SetParallelism(4) // on two processors
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				office := pgtest.As(b.Context(), principal.InspectionOffice, "provinces/51", "clerk")
				for p.Next() {
					err := db.Write(office, func(tx *pg.Tx) error {
						return audit.Stage(tx, audit.Entry{Method: "/x/Do", Object: "provinces/51/x", Outcome: audit.OutcomeOK, Articles: []string{"17"}})
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			stop()
			beside.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acts/s")
			if sequenced {
				b.ReportMetric(lag.Seconds()*1000, "ms-worst-lag")
			}
		})
	}
}

// worstLag looks how old the oldest entry is that has no place.
func worstLag(ctx context.Context, b *testing.B, d *pgtest.Database) (worst time.Duration) {
	admin := d.Admin(b)
	const oldest = `SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e.occur_time)), 0)
		FROM audit_pending p JOIN audit_entry e ON e.province = p.province AND e.id = p.id`
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			return worst
		case <-tick.C:
			var seconds float64
			if err := admin.QueryRow(oldest).Scan(&seconds); err == nil {
				worst = max(worst, time.Duration(seconds*float64(time.Second)))
			}
		}
	}
}

// BenchmarkAuditLog sequences, exports and verifies entries by the ten thousand (G11).
func BenchmarkAuditLog(b *testing.B) {
	const entries = 20_000
	d, s, key, file := auditedBase(b)
	if _, err := d.Admin(b).Exec(`INSERT INTO audit_entry (id, province, subject, party, jurisdiction, method, object, outcome, articles, detail)
		SELECT gen_random_uuid(), '51', 'clerk', 'COUNTY_COMMITTEE', 'provinces/51/counties/510104', '/x/Do', 'provinces/51/x/' || i, 'OK', '{17}', '{}'
		FROM generate_series(1, $1) i`, entries); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := s.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	sequenced := entries / time.Since(start).Seconds()
	v, err := auditlog.NewVerifier(key.Verifier())
	if err != nil {
		b.Fatal(err)
	}
	outside, err := auditlog.NewFile(file).ReadAll(v.Key())
	if err != nil {
		b.Fatal(err)
	}
	x, err := auditlog.ReadExport(b.Context(), d.DSNs.Job)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := v.Verify(x, outside); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(sequenced, "sequenced/s")
	b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds(), "verified/s")
}
