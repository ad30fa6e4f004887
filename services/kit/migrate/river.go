package migrate

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"

	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

const riverSchema = "river"

func (m *Migrator) river() (*rivermigrate.Migrator[*sql.Tx], error) {
	return rivermigrate.New(riverdatabasesql.New(m.db), riverConfig())
}

func riverConfig() *rivermigrate.Config {
	return &rivermigrate.Config{Schema: riverSchema, Logger: slog.New(slog.DiscardHandler)}
}

// riverRequired is the newest version that River's code brings along.
func riverRequired() (int64, error) {
	river, err := rivermigrate.New(riverdatabasesql.New(nil), riverConfig())
	if err != nil {
		return 0, err
	}
	var newest int
	for _, m := range river.AllVersions() {
		newest = max(newest, m.Version)
	}
	return int64(newest), nil
}

// riverUp makes River's tables by its own migrations and then confines them. A
// business transaction of an app role may enqueue a job and nothing else; the
// job carries only the id of an outbox row. The job role works the jobs.
func (m *Migrator) riverUp(ctx context.Context) error {
	river, err := m.river()
	if err != nil {
		return err
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	_, err = m.db.ExecContext(ctx, strings.ReplaceAll(confineRiver, "{{service}}", m.service))
	return err
}

func (m *Migrator) riverDown(ctx context.Context) error {
	_, err := m.db.ExecContext(ctx, "DROP SCHEMA IF EXISTS river CASCADE; CREATE SCHEMA river")
	return err
}

// The owner needs a policy of its own, since FORCE binds it too and River reads
// its version table as the owner.
//
// River's INSERT … ON CONFLICT reads state, unique_key and unique_states (null in all
// our jobs), for which PostgreSQL wants the right to select, on the new row too.
// So each job carries the transaction that enqueued it, and an app role sees
// those of its own transaction only. (xmin would say the same, but a row that is
// not written yet has none.)
const confineRiver = `
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'river' LOOP
    EXECUTE format('ALTER TABLE river.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE river.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('DROP POLICY IF EXISTS workers ON river.%I', t);
    EXECUTE format('CREATE POLICY workers ON river.%I TO {{service}}_owner, {{service}}_job USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
ALTER TABLE river.river_job ADD COLUMN IF NOT EXISTS enqueued_by xid8 DEFAULT pg_current_xact_id();
DROP POLICY IF EXISTS enqueue ON river.river_job;
CREATE POLICY enqueue ON river.river_job FOR INSERT TO {{service}}_inside, {{service}}_outside
  WITH CHECK (enqueued_by = pg_current_xact_id());
DROP POLICY IF EXISTS enqueue_arbiter ON river.river_job;
CREATE POLICY enqueue_arbiter ON river.river_job FOR SELECT TO {{service}}_inside, {{service}}_outside
  USING (enqueued_by = pg_current_xact_id_if_assigned());
DROP POLICY IF EXISTS readiness ON river.river_migration;
CREATE POLICY readiness ON river.river_migration FOR SELECT TO {{service}}_inside USING (true);
GRANT USAGE ON SCHEMA river TO {{service}}_inside, {{service}}_outside, {{service}}_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA river TO {{service}}_job;
REVOKE INSERT, UPDATE, DELETE ON river.river_migration FROM {{service}}_job;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA river TO {{service}}_inside, {{service}}_outside, {{service}}_job;
GRANT INSERT, SELECT (unique_key, unique_states, state) ON river.river_job TO {{service}}_inside, {{service}}_outside;
GRANT SELECT ON river.river_migration TO {{service}}_inside;
`
