package pg

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
)

// Config says how the database is reached. The two roles are the two exposure
// classes: a city, a county or a department is served by the outside role, which
// has no grant on what is confidential.
type Config struct {
	InsideDSN  string
	OutsideDSN string
	ScopeKey   []byte // signs the scope; 32 bytes, as installed by migrate
	MaxConns   int    // per role; 0 means 12

	// Tracer, if any, is told of every statement: a test counts them.
	Tracer pgx.QueryTracer

	// Log gets an alarm when the database refuses a statement for lack of rights:
	// nothing that our code does on purpose is refused so. Nil logs nothing.
	Log *slog.Logger
}

// ScopeKeySize is the length of a scope key in bytes.
const ScopeKeySize = 32

const defaultMaxConns = 12

func (c Config) logger() *slog.Logger {
	return cmp.Or(c.Log, slog.New(slog.DiscardHandler))
}

func (c Config) validate() error {
	var faults []error
	if c.InsideDSN == "" || c.OutsideDSN == "" {
		faults = append(faults, errors.New("both the inside and the outside DSN are needed"))
	}
	if len(c.ScopeKey) != ScopeKeySize {
		faults = append(faults, fmt.Errorf("the scope key has %d bytes and needs %d", len(c.ScopeKey), ScopeKeySize))
	}
	return errors.Join(faults...)
}
