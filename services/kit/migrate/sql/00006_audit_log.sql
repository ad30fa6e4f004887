-- +goose Up
-- The audit log as an RFC 6962 Merkle tree over audit_entry (adr 0012). The sequencer
-- of the service fills it as the job role; nobody changes or deletes of it.

-- commitment binds an entry to what was handed in without holding it: a SHA-256 over
-- something that has a salt of its own.
ALTER TABLE audit_entry ADD COLUMN commitment bytea;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_commitment CHECK (octet_length(commitment) = 32);

-- audit_pending: the entries that have no place in the log yet. A transaction that
-- commits late leaves its row here late; nothing has to guess how late.
CREATE TABLE audit_pending (
  province text NOT NULL,
  id       uuid NOT NULL,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (province, id)
);
-- +goose StatementBegin
CREATE FUNCTION audit_entry_waits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.audit_pending (province, id) VALUES (NEW.province, NEW.id);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entry_waits AFTER INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_waits();

-- audit_leaf: which entry is where. That the entry is there still, and is what it was, is
-- the verifier's to say: a foreign key would stop nobody who can delete it.
CREATE TABLE audit_leaf (
  idx      bigint NOT NULL,
  province text NOT NULL,
  entry_id uuid NOT NULL,
  CONSTRAINT audit_leaf_pkey PRIMARY KEY (idx),
  CONSTRAINT audit_leaf_once UNIQUE (province, entry_id),
  CONSTRAINT audit_leaf_idx CHECK (idx >= 0)
);
-- For the list of a province, in the order of the log.
CREATE UNIQUE INDEX audit_leaf_by_idx ON audit_leaf (province, idx);

-- audit_hash: the hashes of all complete subtrees, by their index of x/mod/sumdb/tlog.
CREATE TABLE audit_hash (
  position bigint NOT NULL,
  hash     bytea NOT NULL,
  CONSTRAINT audit_hash_pkey PRIMARY KEY (position),
  CONSTRAINT audit_hash_size CHECK (octet_length(hash) = 32)
);

-- audit_checkpoint: the signed state of the tree after each batch.
CREATE TABLE audit_checkpoint (
  size        bigint NOT NULL,
  note        text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (size),
  CONSTRAINT audit_checkpoint_size CHECK (size > 0)
);

-- audit_cosignature: what witnesses signed.
CREATE TABLE audit_cosignature (
  size        bigint NOT NULL,
  witness     text NOT NULL,
  province    text NOT NULL,
  note        text NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT audit_cosignature_pkey PRIMARY KEY (province, size, witness),
  CONSTRAINT audit_cosignature_checkpoint FOREIGN KEY (size) REFERENCES audit_checkpoint (size)
);

CREATE TRIGGER audit_leaf_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_leaf
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();
CREATE TRIGGER audit_hash_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_hash
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();
CREATE TRIGGER audit_checkpoint_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();
CREATE TRIGGER audit_cosignature_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cosignature
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();

ALTER TABLE audit_pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pending FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_leaf FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_hash ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_hash FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoint FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_cosignature FORCE ROW LEVEL SECURITY;

-- The sequencer and the operator's export: the job role reads entries and adds to the
-- tree. Only the trigger fills audit_pending.
CREATE POLICY owner ON audit_pending FOR INSERT TO {{service}}_owner WITH CHECK (true);
-- What was entered before this migration gets its place too.
CREATE POLICY backfill ON audit_entry FOR SELECT TO {{service}}_owner USING (true);
INSERT INTO audit_pending (province, id) SELECT province, id FROM audit_entry;
DROP POLICY backfill ON audit_entry;
CREATE POLICY sequencer ON audit_pending TO {{service}}_job USING (true) WITH CHECK (false);
CREATE POLICY sequencer ON audit_entry FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY sequencer_read ON audit_leaf FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY sequencer_add ON audit_leaf FOR INSERT TO {{service}}_job WITH CHECK (true);
CREATE POLICY sequencer_read ON audit_hash FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY sequencer_add ON audit_hash FOR INSERT TO {{service}}_job WITH CHECK (true);
CREATE POLICY sequencer_read ON audit_checkpoint FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY sequencer_add ON audit_checkpoint FOR INSERT TO {{service}}_job WITH CHECK (true);
CREATE POLICY sequencer_read ON audit_cosignature FOR SELECT TO {{service}}_job USING (true);
GRANT SELECT, DELETE ON audit_pending TO {{service}}_job;
GRANT SELECT ON audit_entry, audit_cosignature TO {{service}}_job;
GRANT SELECT, INSERT ON audit_leaf, audit_hash, audit_checkpoint TO {{service}}_job;

-- The audit administrator reads the entries of his province, without their details, and
-- the tree, whose hashes tell nothing of what they are over.
CREATE POLICY auditor ON audit_entry FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
CREATE POLICY auditor ON audit_leaf FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
CREATE POLICY auditor ON audit_hash FOR SELECT TO {{service}}_inside
  USING ((SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
CREATE POLICY auditor ON audit_checkpoint FOR SELECT TO {{service}}_inside
  USING ((SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
CREATE POLICY auditor_read ON audit_cosignature FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
CREATE POLICY auditor_add ON audit_cosignature FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'AUDIT_ADMINISTRATOR');
GRANT SELECT (id, province, occur_time, subject, party, jurisdiction, method, object, outcome, request_id, articles)
  ON audit_entry TO {{service}}_inside;
GRANT SELECT ON audit_leaf, audit_hash, audit_checkpoint, audit_cosignature TO {{service}}_inside;
GRANT INSERT ON audit_cosignature TO {{service}}_inside;

-- +goose Down
DROP TABLE audit_cosignature;
DROP TABLE audit_checkpoint;
DROP TABLE audit_hash;
DROP TABLE audit_leaf;
DROP TRIGGER audit_entry_waits ON audit_entry;
DROP FUNCTION audit_entry_waits();
DROP TABLE audit_pending;
DROP POLICY auditor ON audit_entry;
DROP POLICY sequencer ON audit_entry;
REVOKE SELECT ON audit_entry FROM {{service}}_job;
REVOKE SELECT (id, province, occur_time, subject, party, jurisdiction, method, object, outcome, request_id, articles)
  ON audit_entry FROM {{service}}_inside;
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_commitment;
ALTER TABLE audit_entry DROP COLUMN commitment;
