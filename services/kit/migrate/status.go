package migrate

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/pressly/goose/v3"
)

// Step is one migration as the command `migrate status` shows it. River's own
// count as one.
type Step struct {
	Part    string // "kit", "river" or the service
	Name    string
	Applied bool
	At      time.Time // zero if not applied or not known
}

// Status lists every migration in the order in which Up applies them.
func (m *Migrator) Status(ctx context.Context) ([]Step, error) {
	steps, err := status(ctx, "kit", m.kit)
	if err != nil {
		return nil, err
	}
	current, err := m.riverVersion(ctx)
	if err != nil {
		return nil, err
	}
	required, err := riverRequired()
	if err != nil {
		return nil, err
	}
	steps = append(steps, Step{Part: "river", Name: fmt.Sprintf("version %d", required), Applied: current >= required})
	if m.own == nil {
		return steps, nil
	}
	own, err := status(ctx, m.service, m.own)
	return append(steps, own...), err
}

func status(ctx context.Context, part string, p *goose.Provider) ([]Step, error) {
	all, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("status of %s: %w", part, err)
	}
	steps := make([]Step, 0, len(all))
	for _, s := range all {
		steps = append(steps, Step{
			Part: part, Name: path.Base(s.Source.Path),
			Applied: s.State == goose.StateApplied, At: s.AppliedAt,
		})
	}
	return steps, nil
}

func (m *Migrator) riverVersion(ctx context.Context) (int64, error) {
	river, err := m.river()
	if err != nil {
		return 0, err
	}
	existing, err := river.ExistingVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("version of river: %w", err)
	}
	var newest int
	for _, e := range existing {
		newest = max(newest, e.Version)
	}
	return int64(newest), nil
}
