-- +goose Up
-- An item goes on to verification by the city, by office or group, and to its close
-- (arts 15(3), 16, 17). Persons are subjects of the identity provider.
ALTER TABLE item
  ADD COLUMN due_date            date,
  ADD COLUMN evidence            jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN opinion             text NOT NULL DEFAULT '',
  ADD COLUMN decision_id         uuid,
  ADD COLUMN city_not_applicable text NOT NULL DEFAULT '',
  ADD COLUMN looks_back_id       uuid,
  ADD COLUMN two_persons         boolean NOT NULL DEFAULT true,
  ADD COLUMN implementer         text NOT NULL DEFAULT '',
  ADD COLUMN city_verifier       text NOT NULL DEFAULT '',
  ADD COLUMN verifier            text NOT NULL DEFAULT '',
  ADD COLUMN closer              text NOT NULL DEFAULT '';
CREATE POLICY migration ON item TO rectification_owner USING (true) WITH CHECK (true);
UPDATE item SET due_date = (measure ->> 'due')::date;
DROP POLICY migration ON item;
ALTER TABLE item
  ALTER COLUMN due_date SET NOT NULL,
  DROP CONSTRAINT item_state,
  DROP CONSTRAINT item_percent,
  ADD CONSTRAINT item_place UNIQUE (province, id, rectification_id, inspection_id, county_code, city_code),
  ADD CONSTRAINT item_state CHECK (state IN
    ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE', 'CITY_VERIFIED', 'VERIFIED', 'CLOSED', 'CANNOT_COMPLETE')),
  ADD CONSTRAINT item_percent CHECK (percent BETWEEN 0 AND 100
    AND (percent = 100) = (state IN ('DONE', 'CITY_VERIFIED', 'VERIFIED', 'CLOSED'))),
  ADD CONSTRAINT item_deferred CHECK (state <> 'CANNOT_COMPLETE' OR decision_id IS NOT NULL AND opinion <> ''),
  ADD CONSTRAINT item_city_verified CHECK (state <> 'CITY_VERIFIED' OR city_code <> '' AND city_verifier <> ''),
  ADD CONSTRAINT item_verified CHECK ((state IN ('VERIFIED', 'CLOSED')) = (verifier <> '')
    AND (verifier = '' OR (city_code = '') = (city_verifier = ''))
    AND (city_not_applicable = 'NO_CITY_COMMITTEE') = (verifier <> '' AND city_code = '')
    AND city_not_applicable IN ('', 'NO_CITY_COMMITTEE')),
  ADD CONSTRAINT item_closed CHECK ((state = 'CLOSED') = (closer <> '')),
  ADD CONSTRAINT item_two_persons CHECK (NOT two_persons OR closer = '' OR closer NOT IN (implementer, city_verifier, verifier)),
  ADD CONSTRAINT item_looks_back FOREIGN KEY (province, looks_back_id, rectification_id, inspection_id, county_code, city_code)
    REFERENCES item (province, id, rectification_id, inspection_id, county_code, city_code),
  ADD CONSTRAINT item_look_back_reason CHECK (looks_back_id IS NULL OR version > 1 OR opinion <> '');

-- item_change: every step of an item, in the order of its versions.
CREATE TABLE item_change (
  province         text NOT NULL,
  item_id          uuid NOT NULL,
  number           bigint NOT NULL,
  rectification_id uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  city_may_see     boolean NOT NULL,
  state            text NOT NULL,
  percent          integer NOT NULL,
  text             text NOT NULL,
  due_date         date NOT NULL,
  party            text NOT NULL,
  subject          text NOT NULL,
  change_time      timestamptz NOT NULL,
  CONSTRAINT item_change_pkey PRIMARY KEY (province, item_id, number),
  CONSTRAINT item_change_item FOREIGN KEY (province, item_id, rectification_id, inspection_id, county_code, city_code)
    REFERENCES item (province, id, rectification_id, inspection_id, county_code, city_code),
  CONSTRAINT item_change_city CHECK (city_code <> '' OR NOT city_may_see)
);

-- evidence: what the county handed in with a step. Nothing forbids the same document
-- twice: that would tell the county what the office looks for.
CREATE TABLE evidence (
  province         text NOT NULL,
  item_id          uuid NOT NULL,
  change_number    bigint NOT NULL,
  number           integer NOT NULL,
  rectification_id uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  city_may_see     boolean NOT NULL,
  document         text NOT NULL,
  sha256           text NOT NULL,
  document_date    date,
  title            text NOT NULL,
  upload_time      timestamptz NOT NULL,
  CONSTRAINT evidence_pkey PRIMARY KEY (province, item_id, change_number, number),
  CONSTRAINT evidence_change FOREIGN KEY (province, item_id, change_number) REFERENCES item_change (province, item_id, number),
  CONSTRAINT evidence_item FOREIGN KEY (province, item_id, rectification_id, inspection_id, county_code, city_code)
    REFERENCES item (province, id, rectification_id, inspection_id, county_code, city_code),
  CONSTRAINT evidence_number CHECK (number > 0),
  CONSTRAINT evidence_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT evidence_title CHECK (title <> '')
);

-- The moves of an item: who takes which, what each may write, and that it is signed
-- with the caller's own name.
-- +goose StatementBegin
CREATE FUNCTION item_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  party  text := authz.party();
  person text := authz.subject();
  lawful boolean;
BEGIN
  lawful := NEW.version = OLD.version + 1 AND CASE
    WHEN party = 'COUNTY_COMMITTEE' THEN
      (OLD.state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'CANNOT_COMPLETE') OR OLD.state = 'DONE' AND NEW.state = 'DONE')
      AND NEW.state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE')
      AND NEW.implementer = person AND NEW.opinion = '' AND NEW.city_verifier = ''
    WHEN party IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY') THEN
      OLD.state = 'DONE'
      AND (NEW.state = 'CITY_VERIFIED' AND NEW.city_verifier = person AND NEW.opinion = ''
        OR NEW.state = 'IN_PROGRESS' AND NEW.city_verifier = '' AND NEW.opinion <> '')
      AND (NEW.progress, NEW.evidence, NEW.implementer) = (OLD.progress, OLD.evidence, OLD.implementer)
    WHEN NEW.state = 'CANNOT_COMPLETE' THEN
      party = 'INSPECTION_OFFICE' AND OLD.state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'CANNOT_COMPLETE')
      AND NEW.decision_id IS DISTINCT FROM OLD.decision_id AND NEW.due_date > OLD.due_date AND NEW.percent = OLD.percent
      AND (NEW.city_not_applicable, NEW.verifier, NEW.closer) = (OLD.city_not_applicable, OLD.verifier, OLD.closer)
    WHEN NEW.state = 'CLOSED' THEN
      party = 'INSPECTION_OFFICE' AND OLD.state = 'VERIFIED' AND NEW.closer = person
      AND (NEW.opinion, NEW.due_date, NEW.decision_id, NEW.city_not_applicable, NEW.verifier)
        IS NOT DISTINCT FROM (OLD.opinion, OLD.due_date, OLD.decision_id, OLD.city_not_applicable, OLD.verifier)
    ELSE
      OLD.state = CASE OLD.city_code WHEN '' THEN 'DONE' ELSE 'CITY_VERIFIED' END
      AND (NEW.state = 'VERIFIED' AND NEW.verifier = person AND NEW.opinion = ''
        OR NEW.state = 'IN_PROGRESS' AND NEW.opinion <> '')
      AND (NEW.due_date, NEW.decision_id) IS NOT DISTINCT FROM (OLD.due_date, OLD.decision_id)
    END;
  IF lawful IS NOT TRUE THEN
    RAISE EXCEPTION 'item % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'item_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER item_moves BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION item_moves();

-- A look-back is at a closed item (回头看); an item that closed stays so.
-- +goose StatementBegin
CREATE FUNCTION item_looks_back() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.item i WHERE i.province = NEW.province AND i.id = NEW.looks_back_id
    AND i.state = 'CLOSED' AND i.city_may_see = NEW.city_may_see)
  THEN
    RAISE EXCEPTION 'item % looks back at one that is not closed', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'item_looks_back_closed';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER item_looks_back BEFORE INSERT ON item FOR EACH ROW
  WHEN (NEW.looks_back_id IS NOT NULL) EXECUTE FUNCTION item_looks_back();

-- The history writes itself, with the rights of whoever takes the step: nobody can
-- leave a step out, and the policies below let nobody make one up.
-- +goose StatementBegin
CREATE FUNCTION item_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  party text := authz.party();
BEGIN
  INSERT INTO public.item_change VALUES (NEW.province, NEW.id, NEW.version, NEW.rectification_id, NEW.inspection_id, NEW.county_code,
    NEW.city_code, NEW.city_may_see, NEW.state, NEW.percent, CASE party WHEN 'COUNTY_COMMITTEE' THEN NEW.progress ELSE NEW.opinion END,
    NEW.due_date, party, authz.subject(), NEW.update_time);
  IF party = 'COUNTY_COMMITTEE' AND NEW.evidence <> '[]' THEN
    INSERT INTO public.evidence
    SELECT NEW.province, NEW.id, NEW.version, e.ordinality, NEW.rectification_id, NEW.inspection_id, NEW.county_code, NEW.city_code,
      NEW.city_may_see, coalesce(e.document, ''), e.sha256, e.document_date, e.title, NEW.update_time
    FROM ROWS FROM (jsonb_to_recordset(NEW.evidence) AS (document text, sha256 text, document_date date, title text))
      WITH ORDINALITY AS e(document, sha256, document_date, title, ordinality);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION item_change_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of an item is never changed' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER item_history AFTER UPDATE ON item FOR EACH ROW EXECUTE FUNCTION item_history();
CREATE TRIGGER item_change_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON item_change
  FOR EACH STATEMENT EXECUTE FUNCTION item_change_is_final();
CREATE TRIGGER evidence_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
  FOR EACH STATEMENT EXECUTE FUNCTION item_change_is_final();

ALTER TABLE item_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_change FORCE ROW LEVEL SECURITY;
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence FORCE ROW LEVEL SECURITY;

DROP POLICY inside_insert ON item;
CREATE POLICY inside_insert ON item FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND state = 'OPEN' AND (
    looks_back_id IS NULL AND (SELECT authz.party()) = 'LEADING_GROUP' AND EXISTS (
      SELECT FROM rectification r WHERE r.province = item.province AND r.id = item.rectification_id
        AND r.state = 'RECTIFYING' AND r.city_may_see = item.city_may_see)
    OR looks_back_id IS NOT NULL AND ((SELECT authz.party()) = 'INSPECTION_OFFICE'
      OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))));
CREATE POLICY inside_update ON item FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (state = 'CITY_VERIFIED' OR state = 'DONE' AND city_code = '')
      AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
    OR state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'CANNOT_COMPLETE', 'VERIFIED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'))
  WITH CHECK (
    state IN ('VERIFIED', 'IN_PROGRESS') AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
    OR state IN ('CANNOT_COMPLETE', 'CLOSED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE');
GRANT UPDATE (state, percent, opinion, due_date, decision_id, city_not_applicable, verifier, closer, version, update_time)
  ON item TO rectification_inside;

-- The county works on its items until they are closed, whatever has become of the case.
DROP POLICY outside_update ON item;
CREATE POLICY outside_update ON item FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
      AND state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE', 'CANNOT_COMPLETE')
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND city_may_see AND state = 'DONE'
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND city_may_see AND state = 'DONE'
    ELSE false END)
  WITH CHECK (state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE') AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR state IN ('CITY_VERIFIED', 'IN_PROGRESS') AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
GRANT UPDATE (evidence, opinion, implementer, city_verifier) ON item TO rectification_outside;

CREATE POLICY inside_read ON item_change FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY outside_read ON item_change FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND city_may_see
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND city_may_see
    ELSE false END);
CREATE POLICY step ON item_change FOR INSERT TO rectification_inside, rectification_outside
  WITH CHECK (number > 1 AND party = (SELECT authz.party()) AND subject = (SELECT authz.subject()) AND EXISTS (
    SELECT FROM item i WHERE i.province = item_change.province AND i.id = item_change.item_id AND i.version = item_change.number
      AND i.state = item_change.state AND i.percent = item_change.percent AND i.due_date = item_change.due_date
      AND i.city_may_see = item_change.city_may_see AND i.update_time = item_change.change_time));
GRANT SELECT, INSERT ON item_change TO rectification_inside, rectification_outside;

CREATE POLICY inside_read ON evidence FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY outside_read ON evidence FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND city_may_see
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND city_may_see
    ELSE false END);
CREATE POLICY step ON evidence FOR INSERT TO rectification_outside
  WITH CHECK ((SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND EXISTS (
    SELECT FROM item i WHERE i.province = evidence.province AND i.id = evidence.item_id AND i.version = evidence.change_number
      AND i.city_may_see = evidence.city_may_see AND i.update_time = evidence.upload_time
      AND i.evidence -> (evidence.number - 1) ->> 'sha256' = evidence.sha256));
GRANT SELECT ON evidence TO rectification_inside;
GRANT SELECT, INSERT ON evidence TO rectification_outside;

-- Who reads a case or an item, as before, by the party alone: of two conditions joined
-- by OR the planner makes one bitmap, and reads all cases of a city for one page.
DROP POLICY outside_read ON rectification;
CREATE POLICY outside_read ON rectification FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND city_may_see
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND city_may_see
    ELSE false END);
DROP POLICY outside_read ON item;
CREATE POLICY outside_read ON item FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND city_may_see
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) AND city_may_see
    ELSE false END);

-- Lists of cases by city, county or province and by state, in order of creation.
CREATE INDEX rectification_by_city_state ON rectification (province, city_code, state, id);
CREATE INDEX rectification_by_state ON rectification (province, state, id);

-- +goose Down
DROP INDEX rectification_by_state;
DROP INDEX rectification_by_city_state;
DROP POLICY outside_read ON rectification;
CREATE POLICY outside_read ON rectification FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (
    county_code = (SELECT authz.county()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR city_code = (SELECT authz.city()) AND city_may_see
       AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY')));
DROP POLICY outside_read ON item;
CREATE POLICY outside_read ON item FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (
    county_code = (SELECT authz.county()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR city_code = (SELECT authz.city()) AND city_may_see
       AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY')));
DROP TABLE evidence;
DROP TABLE item_change;
DROP TRIGGER item_history ON item;
DROP TRIGGER item_looks_back ON item;
DROP TRIGGER item_moves ON item;
DROP FUNCTION item_change_is_final();
DROP FUNCTION item_history();
DROP FUNCTION item_looks_back();
DROP FUNCTION item_moves();
REVOKE UPDATE (evidence, opinion, implementer, city_verifier) ON item FROM rectification_outside;
REVOKE UPDATE (state, percent, opinion, due_date, decision_id, city_not_applicable, verifier, closer, version, update_time)
  ON item FROM rectification_inside;
DROP POLICY outside_update ON item;
CREATE POLICY outside_update ON item FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND EXISTS (
      SELECT FROM rectification r WHERE r.province = item.province AND r.id = item.rectification_id
        AND r.state = 'RECTIFYING'));
DROP POLICY inside_update ON item;
DROP POLICY inside_insert ON item;
CREATE POLICY inside_insert ON item FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'LEADING_GROUP' AND EXISTS (
    SELECT FROM rectification r WHERE r.province = item.province AND r.id = item.rectification_id
      AND r.state = 'RECTIFYING' AND r.city_may_see = item.city_may_see));

-- What the version before does not know becomes what it knows; items of look-backs go.
CREATE POLICY migration ON item TO rectification_owner USING (true) WITH CHECK (true);
ALTER TABLE item DROP CONSTRAINT item_looks_back, DROP CONSTRAINT item_look_back_reason, DROP CONSTRAINT item_two_persons,
  DROP CONSTRAINT item_closed, DROP CONSTRAINT item_verified, DROP CONSTRAINT item_city_verified, DROP CONSTRAINT item_deferred,
  DROP CONSTRAINT item_percent, DROP CONSTRAINT item_state, DROP CONSTRAINT item_place;
DELETE FROM item WHERE looks_back_id IS NOT NULL;
UPDATE item SET state = CASE state WHEN 'CANNOT_COMPLETE' THEN 'IN_PROGRESS' ELSE 'DONE' END
  WHERE state IN ('CITY_VERIFIED', 'VERIFIED', 'CLOSED', 'CANNOT_COMPLETE');
DROP POLICY migration ON item;
ALTER TABLE item
  DROP COLUMN closer, DROP COLUMN verifier, DROP COLUMN city_verifier, DROP COLUMN implementer, DROP COLUMN two_persons,
  DROP COLUMN looks_back_id, DROP COLUMN city_not_applicable, DROP COLUMN decision_id, DROP COLUMN opinion,
  DROP COLUMN evidence, DROP COLUMN due_date,
  ADD CONSTRAINT item_state CHECK (state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE')),
  ADD CONSTRAINT item_percent CHECK (percent BETWEEN 0 AND 100 AND (percent = 100) = (state = 'DONE'));
