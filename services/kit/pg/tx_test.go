package pg_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// TestConcurrentWritersAreRunAgain: both read, both write what the other read.
// Exactly one of them must fail with 40001 and run again.
func TestConcurrentWritersAreRunAgain(t *testing.T) {
	db := stage(t).Open(t)
	var runs [2]int
	var bothRead, wg sync.WaitGroup
	bothRead.Add(2)
	for i := range runs {
		wg.Go(func() {
			err := db.Write(office("51"), func(tx *pg.Tx) error {
				runs[i]++
				var n int
				if err := tx.SQL().QueryRow("SELECT number FROM notice WHERE county_code = $1", jinjiang).Scan(&n); err != nil {
					return err
				}
				if runs[i] == 1 {
					bothRead.Done()
					bothRead.Wait()
				}
				_, err := tx.SQL().Exec("UPDATE notice SET number = $1 WHERE county_code = $2", n+1, jinjiang)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs[0]+runs[1] != 3 {
		t.Errorf("%v runs, want one of them again", runs)
	}
	if n := count(t, db, office("51"), "SELECT number FROM notice WHERE county_code = '"+jinjiang+"'"); n != 3 {
		t.Errorf("number is %d, want 3: an update was lost", n)
	}
}

func TestWriteGivesUpAfterThreeRetries(t *testing.T) {
	db := stage(t).Open(t)
	for name, wrap := range map[string]func(error) error{
		"as it came":       func(err error) error { return err },
		"as a fault":       func(err error) error { return pg.Fault(err) },
		"as another fault": func(err error) error { return fault.New(fault.NotFound, "X").Wrap(err) },
	} {
		runs := 0
		err := db.Write(office("51"), func(tx *pg.Tx) error {
			runs++
			_, err := tx.SQL().Exec("DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40001'; END $$")
			return wrap(err)
		})
		if f, ok := fault.As(err); !ok || runs != 4 || f.Kind != fault.Contended || f.Reason != fault.ReasonConflict {
			t.Errorf("%s: %d runs, %v; want 4 and CONFLICT", name, runs, err)
		}
	}
}

// A fault that can be stored as the answer to a request_id must never come of a
// transaction that merely had bad luck.
func TestSerializationFailureIsNoFinalAnswer(t *testing.T) {
	err := exec(stage(t).Open(t), office("51"), "DO $$ BEGIN RAISE EXCEPTION 'busy' USING ERRCODE = '40P01'; END $$")
	if f, ok := fault.As(err); !ok || f.Kind.Deterministic() {
		t.Errorf("got %v", err)
	}
}

func TestCommitWithoutAnswerIsOutcomeUnknown(t *testing.T) {
	err := exec(stage(t).Open(t), office("51"), "INSERT INTO last_words VALUES ('51')")
	if f, ok := fault.As(err); !ok || f.Kind != fault.Unavailable || f.Reason != fault.ReasonOutcomeUnknown {
		t.Errorf("got %v; want OUTCOME_UNKNOWN", err)
	}
}

func TestRefusedCommitIsKnown(t *testing.T) {
	db := stage(t).Open(t)
	err := db.Write(county(jinjiang), func(tx *pg.Tx) error {
		if _, err := tx.SQL().Exec("SET CONSTRAINTS ALL DEFERRED"); err != nil {
			return err
		}
		_, err := tx.SQL().Exec("INSERT INTO signature VALUES ('51', '" + jinjiang + "', 77)")
		return err
	})
	if !pg.Violated(err, "signature_notice_fk") || !fault.Is(err, fault.ReasonConstraintViolated) {
		t.Errorf("got %v; want CONSTRAINT_VIOLATED by signature_notice_fk", err)
	}
}

func TestLostConnectionIsUnavailable(t *testing.T) {
	d := stage(t)
	db := d.Open(t)
	err := db.Write(office("51"), func(tx *pg.Tx) error {
		var pid int
		if err := tx.SQL().QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		if _, err := d.Admin(t).Exec("SELECT pg_terminate_backend($1, 1000)", pid); err != nil {
			return err
		}
		_, err := tx.SQL().Exec("UPDATE notice SET number = 5")
		return err
	})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Unavailable {
		t.Errorf("got %v; want Unavailable", err)
	}
	if n := count(t, db, office("51"), "SELECT count(*) FROM notice WHERE number = 5"); n != 0 {
		t.Error("the lost transaction took effect")
	}
}

func TestEndedCallIsRolledBack(t *testing.T) {
	db := stage(t).Open(t)
	ctx, cancel := context.WithCancel(office("51"))
	err := db.Write(ctx, func(tx *pg.Tx) error {
		defer cancel()
		_, err := tx.SQL().Exec("UPDATE notice SET number = 5")
		return err
	})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Timeout {
		t.Errorf("got %v; want Timeout", err)
	}
	if n := count(t, db, office("51"), "SELECT count(*) FROM notice WHERE number = 5"); n != 0 {
		t.Error("the effect of an ended call stayed")
	}
}

func TestPanicIsRolledBackAndGoesOn(t *testing.T) {
	d := stage(t)
	cfg := d.Config()
	cfg.MaxConns = 1 // a connection that was kept would block the count below
	db, err := pg.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.Write(office("51"), func(tx *pg.Tx) error { // it panics
			if _, err := tx.SQL().Exec("UPDATE notice SET number = 5"); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if n := count(t, db, office("51"), "SELECT count(*) FROM notice WHERE number = 5"); n != 0 {
		t.Error("the effect stayed")
	}
}

func TestSwallowedFailureIsNotCommitted(t *testing.T) {
	err := stage(t).Open(t).Write(office("51"), func(tx *pg.Tx) error {
		_, _ = tx.SQL().Exec("SELECT 1/0") // a handler that forgets to look
		return nil
	})
	if err == nil || fault.Is(err, fault.ReasonOutcomeUnknown) {
		t.Errorf("got %v; want an error that is not OUTCOME_UNKNOWN", err)
	}
}

func TestTransactionThatIsOverIsNotOutcomeUnknown(t *testing.T) {
	err := stage(t).Open(t).Write(office("51"), func(tx *pg.Tx) error { return tx.SQL().Rollback() })
	if err == nil || fault.Is(err, fault.ReasonOutcomeUnknown) {
		t.Errorf("got %v; want an error that is not OUTCOME_UNKNOWN", err)
	}
}

func TestReadCannotWrite(t *testing.T) {
	err := stage(t).Open(t).Read(office("51"), func(tx *pg.Tx) error {
		_, err := tx.SQL().Exec("UPDATE notice SET number = 5")
		return err
	})
	if sqlState(err) != "25006" {
		t.Errorf("got %v; want 25006", err)
	}
}

func TestSessionsHaveLimits(t *testing.T) {
	db := stage(t).Open(t)
	for setting, want := range map[string]string{
		"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s", "timezone": "UTC",
		"transaction_isolation": "repeatable read",
	} {
		var got string
		err := db.Read(county(jinjiang), func(tx *pg.Tx) error {
			return tx.SQL().QueryRow("SELECT current_setting($1)", setting).Scan(&got)
		})
		if err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", setting, got, err, want)
		}
	}
}

type noticeRow struct {
	Province   string `gorm:"primaryKey"`
	CityCode   *string
	CountyCode string `gorm:"primaryKey"`
	Number     int    `gorm:"primaryKey"`
	CreateTime time.Time
}

func (noticeRow) TableName() string { return "notice" }

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	db := stage(t).Open(t)
	ctx := county(jinjiang)
	err := db.Write(ctx, func(tx *pg.Tx) error {
		wrote := noticeRow{Province: "51", CountyCode: jinjiang, Number: 2, CreateTime: tx.Gorm().NowFunc()}
		if err := gorm.G[noticeRow](tx.Gorm()).Create(ctx, &wrote); err != nil {
			return err
		}
		read, err := gorm.G[noticeRow](tx.Gorm()).Where("number = ?", 2).Take(ctx)
		if read != wrote {
			t.Errorf("read %+v, wrote %+v", read, wrote)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefusalForLackOfRightsIsAnAlarm(t *testing.T) {
	var log bytes.Buffer
	cfg := stage(t).Config()
	cfg.Log = slog.New(slog.NewJSONHandler(&log, nil))
	db, err := pg.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := exec(db, office("51"), "SELECT 1/0"); err == nil || log.Len() != 0 {
		t.Errorf("%v, logged %s; want no alarm", err, &log)
	}
	if err := exec(db, county(jinjiang), "SELECT 1 FROM letter"); err == nil || !strings.Contains(log.String(), "security alarm") {
		t.Errorf("%v, logged %s; want an alarm", err, &log)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := pg.Open(t.Context(), pg.Config{ScopeKey: []byte("short")}); err == nil ||
		!strings.Contains(err.Error(), "DSN") || !strings.Contains(err.Error(), "scope key") {
		t.Errorf("got %v; want both faults", err)
	}
	if _, err := pg.Open(t.Context(), pg.Config{
		InsideDSN: "host=/nonexistent user=x", OutsideDSN: "host=/nonexistent user=x", ScopeKey: make([]byte, 32),
	}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v; want a connection error", err)
	}
}
