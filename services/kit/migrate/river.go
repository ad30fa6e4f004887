package migrate

import (
	"context"
	"database/sql"
	"strings"

	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

const riverSchema = "river"

func (m *Migrator) river() (*rivermigrate.Migrator[*sql.Tx], error) {
	return rivermigrate.New(riverdatabasesql.New(m.db), &rivermigrate.Config{Schema: riverSchema})
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
// its version table as the owner. The arbiter of River's INSERT … ON CONFLICT
// reads unique_key and unique_states, which are null in all our jobs.
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
DROP POLICY IF EXISTS enqueue ON river.river_job;
CREATE POLICY enqueue ON river.river_job FOR INSERT TO {{service}}_inside, {{service}}_outside WITH CHECK (true);
DROP POLICY IF EXISTS enqueue_arbiter ON river.river_job;
CREATE POLICY enqueue_arbiter ON river.river_job FOR SELECT TO {{service}}_inside, {{service}}_outside USING (true);
GRANT USAGE ON SCHEMA river TO {{service}}_inside, {{service}}_outside, {{service}}_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA river TO {{service}}_job;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA river TO {{service}}_inside, {{service}}_outside, {{service}}_job;
GRANT INSERT, SELECT (unique_key, unique_states) ON river.river_job TO {{service}}_inside, {{service}}_outside;
`
