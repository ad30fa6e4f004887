package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// SQLSTATEs that are looked for by name.
const (
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateNoRights      = "42501" // no grant, row-level security refused the row, or a bad scope
)

// Fault gives the fault that a database error means for the caller
// (security.md §4.1). A fault stays what it is; an unknown error stays itself,
// and is answered INTERNAL.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, fault.ReasonNotFound).Wrap(err)
	}
	code, ok := state(err)
	if !ok {
		return connectionFault(err)
	}
	if f := stateFault(code); f != nil {
		return f.Wrap(withoutInput(err, code))
	}
	return err
}

func connectionFault(err error) error {
	var netErr net.Error
	var connectErr *pgconn.ConnectError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown).Wrap(err)
	case errors.As(err, &connectErr), errors.As(err, &netErr), pgconn.SafeToRetry(err),
		errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(err)
	default:
		return err
	}
}

// stateFault gives nil for a state that only a fault of ours can cause.
func stateFault(code string) *fault.Error {
	switch {
	case code == stateSerialization, code == stateDeadlock:
		// Not a refusal for good: nothing was decided, and a repeat may go through.
		return fault.New(fault.Contended, fault.ReasonConflict)
	case code == "23505": // unique
		return fault.New(fault.Exists, fault.ReasonAlreadyExists)
	case strings.HasPrefix(code, "23"): // check, foreign key, exclusion, not null
		return fault.New(fault.Precondition, fault.ReasonConstraintViolated)
	case strings.HasPrefix(code, "22"): // data exception
		return fault.New(fault.Invalid, fault.ReasonFieldInvalid)
	case code == stateNoRights:
		return fault.New(fault.Denied, fault.ReasonMethodNotGranted)
	case code == "57014": // statement timeout
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown)
	case code == "25006", code == "25P03", code == "55P03", // read-only server, idle too long, lock timeout
		strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57P"):
		return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	default:
		return nil
	}
}

// Violated reports whether err is a violation of the named constraint, so that
// a service can answer with its own reason.
func Violated(err error, constraint string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.ConstraintName == constraint
}

func state(err error) (string, bool) {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return "", false
	}
	return pgErr.Code, true
}

// Contended reports whether nothing but bad luck with a concurrent transaction
// stood in the way. It holds for an error that is a fault already, too: the
// transaction is lost either way, and Write runs it again.
func Contended(err error) bool {
	code, _ := state(err)
	return code == stateSerialization || code == stateDeadlock
}

// withoutInput keeps the input out of the log. A data exception quotes the
// offending value in its message, and that may be of a petition.
func withoutInput(err error, code string) error {
	if strings.HasPrefix(code, "22") {
		return silent{err, code}
	}
	return err
}

type silent struct {
	error
	code string
}

func (s silent) Error() string { return "SQLSTATE " + s.code }
func (s silent) Unwrap() error { return s.error }
