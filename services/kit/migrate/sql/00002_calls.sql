-- +goose Up
-- request_log keeps the answer of every write beside its effect (AIP-155).
CREATE TABLE request_log (
  principal    text NOT NULL,
  method       text NOT NULL,
  request_id   uuid NOT NULL,
  request_hash bytea NOT NULL,
  province     text NOT NULL,
  code         integer,
  answer       bytea,
  create_time  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT request_log_pkey PRIMARY KEY (province, principal, method, request_id)
);
CREATE INDEX request_log_by_time ON request_log (create_time);
ALTER TABLE request_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE request_log FORCE ROW LEVEL SECURITY;
CREATE POLICY own_read ON request_log FOR SELECT TO {{service}}_inside, {{service}}_outside
  USING (principal = (SELECT authz.principal_key()));
CREATE POLICY own_claim ON request_log FOR INSERT TO {{service}}_inside, {{service}}_outside
  WITH CHECK (principal = (SELECT authz.principal_key()) AND province = (SELECT authz.province()));
-- An answer that was given stays given.
CREATE POLICY own_answer ON request_log FOR UPDATE TO {{service}}_inside, {{service}}_outside
  USING (principal = (SELECT authz.principal_key()) AND code IS NULL)
  WITH CHECK (principal = (SELECT authz.principal_key()) AND code IS NOT NULL);
GRANT SELECT, INSERT, UPDATE (code, answer) ON request_log TO {{service}}_inside, {{service}}_outside;
-- An answer is kept for thirty days (AIP-155). What is older is cleared away by
-- the job role, which sees no more of it than its age.
CREATE POLICY expired_read ON request_log FOR SELECT TO {{service}}_job
  USING (create_time < now() - interval '30 days');
CREATE POLICY expired_purge ON request_log FOR DELETE TO {{service}}_job
  USING (create_time < now() - interval '30 days');
GRANT SELECT (create_time), DELETE ON request_log TO {{service}}_job;

-- audit_entry: one for every write and every audited read, in its transaction.
CREATE TABLE audit_entry (
  id           uuid NOT NULL,
  province     text NOT NULL,
  occur_time   timestamptz NOT NULL DEFAULT clock_timestamp(),
  subject      text NOT NULL,
  party        text NOT NULL,
  jurisdiction text NOT NULL,
  method       text NOT NULL,
  object       text NOT NULL,
  outcome      text NOT NULL,
  request_id   uuid,
  articles     text[] NOT NULL,
  detail       jsonb NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (province, id)
);
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
-- Nobody enters another's act, not even by an injected statement.
CREATE POLICY own ON audit_entry FOR INSERT TO {{service}}_inside, {{service}}_outside
  WITH CHECK (province = (SELECT authz.province()) AND subject = (SELECT authz.subject())
              AND party = (SELECT authz.party()) AND jurisdiction = (SELECT authz.jurisdiction()));
GRANT INSERT ON audit_entry TO {{service}}_inside, {{service}}_outside;

-- +goose StatementBegin
CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();

-- +goose Down
DROP TABLE audit_entry;
DROP FUNCTION audit_entry_is_final();
DROP TABLE request_log;
