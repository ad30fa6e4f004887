package pgtest

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// Statements notes every statement that reaches the server, as pg.Config.Tracer: what
// is made for each row of an answer shows as a count that grows with the rows.
type Statements struct {
	mu   sync.Mutex
	made []string
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *Statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, data.SQL)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (s *Statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Of gives the statements that f makes, in order.
func (s *Statements) Of(f func()) []string {
	s.mu.Lock()
	s.made = nil
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.made)
}
