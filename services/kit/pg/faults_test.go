package pg_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// The map of security.md §4.1.
func TestFaultOfEverySQLState(t *testing.T) {
	const none = fault.Kind(0)
	for code, want := range map[string]fault.Kind{
		"40001": fault.Contended, "40P01": fault.Contended,
		"23505": fault.Exists,
		"23503": fault.Precondition, "23514": fault.Precondition, "23P01": fault.Precondition,
		"22P02": fault.Invalid, "22021": fault.Invalid, "22003": fault.Invalid,
		"42501": fault.Denied,
		"57014": fault.Timeout,
		"53100": fault.Unavailable, "53300": fault.Unavailable, "57P01": fault.Unavailable, "57P03": fault.Unavailable,
		"25006": fault.Unavailable, "55P03": fault.Unavailable, "25P03": fault.Unavailable, "08006": fault.Unavailable,
		"42P01": none, "XX000": none, "P0001": none,
	} {
		err := fmt.Errorf("save: %w", &pgconn.PgError{Code: code, Message: "m"})
		got := pg.Fault(err)
		f, ok := fault.As(got)
		switch {
		case want == none && (ok || got != err):
			t.Errorf("%s: %v; want the error itself", code, got)
		case want != none && (!ok || f.Kind != want):
			t.Errorf("%s: %v; want %v", code, got, want)
		case !errors.Is(got, err) && !errors.As(got, new(*pgconn.PgError)):
			t.Errorf("%s: the cause is lost", code)
		}
	}
}

func TestFaultOfOtherErrors(t *testing.T) {
	own := fault.New(fault.Stale, "X")
	for _, tt := range []struct {
		err  error
		want fault.Kind
	}{
		{fmt.Errorf("load: %w", gorm.ErrRecordNotFound), fault.NotFound},
		{fmt.Errorf("load: %w", context.DeadlineExceeded), fault.Timeout},
		{context.Canceled, fault.Timeout},
		{own, fault.Stale},
		{fmt.Errorf("wrapped: %w", own), fault.Stale},
	} {
		if f, ok := fault.As(pg.Fault(tt.err)); !ok || f.Kind != tt.want {
			t.Errorf("%v: %v; want %v", tt.err, pg.Fault(tt.err), tt.want)
		}
	}
	if pg.Fault(nil) != nil {
		t.Error("a fault of nothing")
	}
	if odd := errors.New("odd"); pg.Fault(odd) != odd {
		t.Error("an unknown error was changed")
	}
}

// Petition text that does not fit must not get into the log by the database's
// message.
func TestFaultDoesNotQuoteTheInput(t *testing.T) {
	db := stage(t).Open(t)
	const canary = "canary-8123"
	err := exec(db, office("51"), "SELECT '"+canary+"'::uuid")
	if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v; want Invalid without the input", err)
	}
}
