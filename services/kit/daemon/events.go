package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/xunshi/xunshi/services/kit/outbox"
)

// eventsParked lists the events that wait for the operator.
func eventsParked(ctx context.Context, cfg Config, out io.Writer) error {
	return withOutbox(ctx, cfg, func(s *outbox.Sender) error {
		parked, err := s.Parked(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tDESTINATION\tAGGREGATE\tSEQUENCE\tTYPE\tATTEMPTS\tPARKED\tLAST ERROR")
		for _, e := range parked {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%d\t%s\t%s\n", e.ID, e.Destination, e.Aggregate,
				e.Sequence, e.Type, e.Attempts, e.ParkedTime.UTC().Format(time.RFC3339), e.LastError)
		}
		return table.Flush()
	})
}

// eventsRetry lets a serving process deliver a parked event again.
func eventsRetry(ctx context.Context, cfg Config, id uuid.UUID) error {
	return withOutbox(ctx, cfg, func(s *outbox.Sender) error { return s.Retry(ctx, id) })
}

// withOutbox connects to the outbox without delivering anything.
func withOutbox(ctx context.Context, cfg Config, f func(*outbox.Sender) error) (err error) {
	if faults := cfg.Database.missing("job"); len(faults) > 0 {
		return errors.Join(faults...)
	}
	settings, err := cfg.Database.outbox(cfg.Events)
	if err != nil {
		return fmt.Errorf("database.job: %w", err)
	}
	s, err := outbox.NewSender(ctx, settings, outbox.Deps{
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(ctx)) }()
	return f(s)
}
