-- +goose Up
-- What the signature of a submission says, and the withdrawal before the group's reply
-- (art. 17).
ALTER TABLE submission
  ADD COLUMN signer_post text NOT NULL DEFAULT '',
  ADD COLUMN truthful boolean NOT NULL DEFAULT false,
  ADD COLUMN submit_time timestamptz,
  ADD COLUMN submit_date date,
  ADD COLUMN withdraw_reason text NOT NULL DEFAULT '',
  DROP CONSTRAINT submission_state,
  ADD CONSTRAINT submission_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'GROUP_PASSED', 'FORWARDED', 'RECEIVED', 'WITHDRAWN')),
  ADD CONSTRAINT submission_withdrawn CHECK ((state = 'WITHDRAWN') = (withdraw_reason <> '')),
  ADD CONSTRAINT submission_day CHECK ((submit_time IS NULL) = (submit_date IS NULL) AND (submit_time IS NULL OR submission_count > 0));
ALTER TABLE submission
  ALTER COLUMN signer_post DROP DEFAULT, ALTER COLUMN truthful DROP DEFAULT, ALTER COLUMN withdraw_reason DROP DEFAULT;

-- Each step is from its own state, what was signed changes only while it is with the
-- county, and each submission counts one. A policy sees the old row or the new one, never both.
-- +goose StatementBegin
CREATE FUNCTION submission_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'DRAFT'), ('DRAFT', 'SUBMITTED'), ('RETURNED', 'RETURNED'), ('RETURNED', 'SUBMITTED'),
      ('WITHDRAWN', 'WITHDRAWN'), ('WITHDRAWN', 'SUBMITTED'), ('SUBMITTED', 'WITHDRAWN'), ('SUBMITTED', 'RETURNED'),
      ('SUBMITTED', 'GROUP_PASSED'), ('GROUP_PASSED', 'FORWARDED'), ('FORWARDED', 'RECEIVED'))
    OR OLD.state = 'SUBMITTED' AND (NEW.state = 'WITHDRAWN') <> (authz.party() IS NOT DISTINCT FROM 'COUNTY_COMMITTEE')
    OR NEW.submission_count <> OLD.submission_count + (NEW.state = 'SUBMITTED')::integer
    OR OLD.state NOT IN ('DRAFT', 'RETURNED', 'WITHDRAWN') AND (NEW.measures, NEW.accounts) IS DISTINCT FROM (OLD.measures, OLD.accounts)
    OR NEW.state NOT IN ('RETURNED', 'GROUP_PASSED') AND NEW.opinion <> OLD.opinion
    OR NEW.state <> 'SUBMITTED' AND (NEW.signer, NEW.signer_post, NEW.truthful, NEW.submit_time, NEW.submit_date)
      IS DISTINCT FROM (OLD.signer, OLD.signer_post, OLD.truthful, OLD.submit_time, OLD.submit_date)
  THEN
    RAISE EXCEPTION 'submission % of % from % to %', NEW.kind, NEW.rectification_id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER submission_moves BEFORE UPDATE ON submission FOR EACH ROW EXECUTE FUNCTION submission_moves();

DROP POLICY outside_update ON submission;
CREATE POLICY outside_update ON submission FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state IN ('DRAFT', 'RETURNED', 'WITHDRAWN', 'SUBMITTED'))
  WITH CHECK (state IN ('DRAFT', 'RETURNED', 'WITHDRAWN', 'SUBMITTED'));
GRANT UPDATE (signer_post, truthful, submit_time, submit_date, withdraw_reason) ON submission TO rectification_outside;

-- submission_version: each submission as it was signed. Nobody has a right to change a row.
CREATE TABLE submission_version (
  province         text NOT NULL,
  id               uuid NOT NULL,
  rectification_id uuid NOT NULL,
  kind             text NOT NULL,
  number           integer NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  measures         jsonb NOT NULL,
  accounts         jsonb NOT NULL,
  signer           text NOT NULL,
  signer_post      text NOT NULL,
  truthful         boolean NOT NULL,
  submit_time      timestamptz NOT NULL,
  submit_date      date NOT NULL,
  CONSTRAINT submission_version_pkey PRIMARY KEY (province, id),
  CONSTRAINT submission_version_number UNIQUE (province, rectification_id, kind, number),
  CONSTRAINT submission_version_submission FOREIGN KEY (province, rectification_id, kind)
    REFERENCES submission (province, rectification_id, kind),
  CONSTRAINT submission_version_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT submission_version_counts CHECK (number > 0),
  CONSTRAINT submission_version_signed CHECK (signer <> '')
);
ALTER TABLE submission_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE submission_version FORCE ROW LEVEL SECURITY;

-- What was submitted before is known as it last was, if it is not with the county again.
-- The owner is bound by row-level security, so it has a policy for so long.
CREATE POLICY migration ON submission TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON submission_version TO rectification_owner USING (true) WITH CHECK (true);
INSERT INTO submission_version
SELECT province, gen_random_uuid(), rectification_id, kind, submission_count, inspection_id, county_code, city_code, measures, accounts,
  signer, signer_post, truthful, update_time, (update_time AT TIME ZONE 'Asia/Shanghai')::date
FROM submission WHERE state NOT IN ('DRAFT', 'RETURNED');
DROP POLICY migration ON submission_version;
DROP POLICY migration ON submission;

CREATE POLICY inside_read ON submission_version FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
GRANT SELECT ON submission_version TO rectification_inside;

-- The county keeps what it signed and nothing else; its city reads it from when the feedback
-- was copied to it (art. 11).
CREATE POLICY outside_read ON submission_version FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND EXISTS (
      SELECT FROM rectification r WHERE r.province = submission_version.province AND r.id = submission_version.rectification_id AND r.city_may_see)
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND EXISTS (
      SELECT FROM rectification r WHERE r.province = submission_version.province AND r.id = submission_version.rectification_id AND r.city_may_see)
    ELSE false END);
CREATE POLICY outside_insert ON submission_version FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND EXISTS (
      SELECT FROM submission s WHERE s.province = submission_version.province AND s.rectification_id = submission_version.rectification_id
        AND s.kind = submission_version.kind AND s.state = 'SUBMITTED' AND s.submission_count = submission_version.number
        AND (s.measures, s.accounts, s.signer, s.signer_post, s.truthful, s.submit_time, s.submit_date) IS NOT DISTINCT FROM
          (submission_version.measures, submission_version.accounts, submission_version.signer, submission_version.signer_post,
           submission_version.truthful, submission_version.submit_time, submission_version.submit_date)));
GRANT SELECT, INSERT ON submission_version TO rectification_outside;

-- +goose Down
DROP TABLE submission_version;
DROP TRIGGER submission_moves ON submission;
DROP FUNCTION submission_moves();
DROP POLICY outside_update ON submission;
CREATE POLICY outside_update ON submission FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state IN ('DRAFT', 'RETURNED'))
  WITH CHECK (state IN ('DRAFT', 'RETURNED', 'SUBMITTED'));
-- The states of before know no withdrawal: it is with the county again, with the reason.
CREATE POLICY migration ON submission TO rectification_owner USING (true) WITH CHECK (true);
ALTER TABLE submission DROP CONSTRAINT submission_withdrawn;
UPDATE submission SET state = 'RETURNED', opinion = withdraw_reason WHERE state = 'WITHDRAWN';
DROP POLICY migration ON submission;
ALTER TABLE submission
  DROP CONSTRAINT submission_day,
  DROP CONSTRAINT submission_state,
  ADD CONSTRAINT submission_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'GROUP_PASSED', 'FORWARDED', 'RECEIVED')),
  DROP COLUMN signer_post, DROP COLUMN truthful, DROP COLUMN submit_time, DROP COLUMN submit_date, DROP COLUMN withdraw_reason;
