-- +goose Up
-- receipt: what a county or a city got for a submission (adr 0013). Its id is that of the
-- audit entry of the act, which holds the hash of it as its commitment.
CREATE TABLE receipt (
  province     text NOT NULL,
  id           uuid NOT NULL,
  party        text NOT NULL,
  jurisdiction text NOT NULL,
  text         text NOT NULL,
  create_time  timestamptz NOT NULL, -- by the business clock, as the receipt says
  CONSTRAINT receipt_pkey PRIMARY KEY (province, id),
  CONSTRAINT receipt_party CHECK (party IN ('COUNTY_COMMITTEE', 'CITY_COMMITTEE', 'CITY_LIAISON_BODY')),
  CONSTRAINT receipt_place CHECK (starts_with(jurisdiction, 'provinces/' || province || '/'))
);
CREATE INDEX receipt_by_body ON receipt (province, jurisdiction, create_time, id);
CREATE INDEX receipt_by_time ON receipt (province, create_time, id);
CREATE TRIGGER receipt_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();
ALTER TABLE receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipt FORCE ROW LEVEL SECURITY;

-- A body reads its own, and a liaison body its city's (art. 16); the office reads all that
-- was handed in in its province.
CREATE POLICY own_give ON receipt FOR INSERT TO {{service}}_outside
  WITH CHECK (province = (SELECT authz.province()) AND party = (SELECT authz.party())
              AND jurisdiction = (SELECT authz.jurisdiction()));
CREATE POLICY own_read ON receipt FOR SELECT TO {{service}}_outside
  USING (province = (SELECT authz.province()) AND jurisdiction = (SELECT authz.jurisdiction())
         AND CASE (SELECT authz.party()) WHEN 'CITY_LIAISON_BODY' THEN party IN ('CITY_LIAISON_BODY', 'CITY_COMMITTEE')
             ELSE party = (SELECT authz.party()) END);
CREATE POLICY office_read ON receipt FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE');
GRANT SELECT, INSERT ON receipt TO {{service}}_outside;
GRANT SELECT ON receipt TO {{service}}_inside;

-- Of the log, whoever may read a receipt may have it proven: its entry, its place, and the
-- tree, whose hashes tell nothing of what they are over.
CREATE POLICY receipt ON audit_entry FOR SELECT TO {{service}}_outside, {{service}}_inside
  USING (commitment IS NOT NULL AND EXISTS (SELECT FROM receipt r WHERE r.province = audit_entry.province AND r.id = audit_entry.id));
CREATE POLICY receipt ON audit_leaf FOR SELECT TO {{service}}_outside, {{service}}_inside
  USING (EXISTS (SELECT FROM receipt r WHERE r.province = audit_leaf.province AND r.id = audit_leaf.entry_id));
CREATE POLICY receipt ON audit_hash FOR SELECT TO {{service}}_outside, {{service}}_inside
  USING ((SELECT authz.party()) IN ('COUNTY_COMMITTEE', 'CITY_COMMITTEE', 'CITY_LIAISON_BODY', 'INSPECTION_OFFICE'));
CREATE POLICY receipt ON audit_checkpoint FOR SELECT TO {{service}}_outside, {{service}}_inside
  USING ((SELECT authz.party()) IN ('COUNTY_COMMITTEE', 'CITY_COMMITTEE', 'CITY_LIAISON_BODY', 'INSPECTION_OFFICE'));
GRANT SELECT ON audit_entry, audit_leaf, audit_hash, audit_checkpoint TO {{service}}_outside;
GRANT SELECT (detail, commitment) ON audit_entry TO {{service}}_inside;

-- A repeat of the request is answered with the same receipt.
ALTER TABLE request_log ADD COLUMN receipt text;
GRANT UPDATE (receipt) ON request_log TO {{service}}_inside, {{service}}_outside;

-- +goose Down
ALTER TABLE request_log DROP COLUMN receipt;
REVOKE SELECT (detail, commitment) ON audit_entry FROM {{service}}_inside;
REVOKE SELECT ON audit_entry, audit_leaf, audit_hash, audit_checkpoint FROM {{service}}_outside;
DROP POLICY receipt ON audit_checkpoint;
DROP POLICY receipt ON audit_hash;
DROP POLICY receipt ON audit_leaf;
DROP POLICY receipt ON audit_entry;
DROP TABLE receipt;
