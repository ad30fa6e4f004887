-- +goose Up
-- task: an inspection whose group was authorised, as scheduling announced it. A
-- city_code of '' says that no city committee supervises the county.
CREATE TABLE task (
  province      text NOT NULL,
  inspection_id uuid NOT NULL,
  county_code   text NOT NULL,
  city_code     text NOT NULL,
  county_name   text NOT NULL,
  rule_set      text NOT NULL,
  create_time   timestamptz NOT NULL,
  CONSTRAINT task_pkey PRIMARY KEY (province, inspection_id),
  CONSTRAINT task_place UNIQUE (province, inspection_id, county_code, city_code),
  CONSTRAINT task_county_code CHECK (county_code ~ '^[0-9]{6}$'),
  CONSTRAINT task_city_code CHECK (city_code = '' OR city_code ~ '^[0-9]{6}$')
);

-- feedback: as group and office prepare it (art. 11). Nothing outside reads it.
-- The state RECEIVED is not stored: the county's delivery tells it.
CREATE TABLE feedback (
  province               text NOT NULL,
  id                     uuid NOT NULL,
  inspection_id          uuid NOT NULL,
  county_code            text NOT NULL,
  city_code              text NOT NULL,
  report_id              uuid NOT NULL,
  summary                text NOT NULL,
  problems               jsonb NOT NULL,
  state                  text NOT NULL,
  decision_id            uuid,
  consult_date           date,
  consult_opinion        text NOT NULL,
  consult_dissent        boolean NOT NULL,
  consult_not_applicable text NOT NULL,
  document_number        text NOT NULL,
  meeting_date           date,
  attendees              jsonb NOT NULL,
  copy_not_applicable    text NOT NULL,
  version                bigint NOT NULL,
  create_time            timestamptz NOT NULL,
  update_time            timestamptz NOT NULL,
  CONSTRAINT feedback_pkey PRIMARY KEY (province, id),
  CONSTRAINT feedback_one_per_inspection UNIQUE (province, inspection_id),
  CONSTRAINT feedback_place UNIQUE (province, id, inspection_id, county_code, city_code),
  CONSTRAINT feedback_task FOREIGN KEY (province, inspection_id, county_code, city_code)
    REFERENCES task (province, inspection_id, county_code, city_code),
  CONSTRAINT feedback_state CHECK (state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED', 'GIVEN', 'COPIED')),
  -- The gates of art. 11: the code may be wrong, the table may not.
  CONSTRAINT feedback_agreed CHECK (state = 'DRAFT' OR decision_id IS NOT NULL),
  CONSTRAINT feedback_city_consulted CHECK (state IN ('DRAFT', 'AGREED')
    OR city_code <> '' AND consult_date IS NOT NULL AND consult_not_applicable = ''
    OR city_code = '' AND consult_date IS NULL AND consult_not_applicable = 'NO_CITY_COMMITTEE'),
  CONSTRAINT feedback_given CHECK (state NOT IN ('GIVEN', 'COPIED')
    OR meeting_date IS NOT NULL AND document_number <> ''
       AND (consult_date IS NULL OR meeting_date >= consult_date)),
  CONSTRAINT feedback_copied CHECK (state <> 'COPIED'
    OR copy_not_applicable = CASE city_code WHEN '' THEN 'NO_CITY_COMMITTEE' ELSE '' END),
  CONSTRAINT feedback_version CHECK (version > 0)
);

-- delivery: what was handed to a county or a city; a copy that does not change
-- (arts 11, 17). It is all that the outside reads of a feedback.
CREATE TABLE delivery (
  province         text NOT NULL,
  id               uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  addressee        text NOT NULL,
  kind             text NOT NULL,
  submission       integer NOT NULL,
  feedback_id      uuid,
  rectification_id uuid,
  rule_set         text NOT NULL,
  document_number  text NOT NULL,
  content          jsonb NOT NULL,
  deliver_time     timestamptz NOT NULL,
  receive_time     timestamptz,
  receiver         text NOT NULL,
  version          bigint NOT NULL,
  CONSTRAINT delivery_pkey PRIMARY KEY (province, id),
  CONSTRAINT delivery_place UNIQUE (province, id, kind, inspection_id, county_code, city_code),
  CONSTRAINT delivery_once_per_feedback UNIQUE (province, county_code, feedback_id, kind),
  CONSTRAINT delivery_once_per_submission UNIQUE (province, county_code, rectification_id, kind, submission),
  CONSTRAINT delivery_feedback FOREIGN KEY (province, feedback_id, inspection_id, county_code, city_code)
    REFERENCES feedback (province, id, inspection_id, county_code, city_code),
  CONSTRAINT delivery_kind CHECK (kind IN ('FEEDBACK', 'FEEDBACK_COPY', 'PLAN_COPY', 'REPORT_COPY')),
  CONSTRAINT delivery_addressee CHECK (addressee = 'provinces/' || province ||
    CASE kind WHEN 'FEEDBACK' THEN '/counties/' || county_code ELSE '/cities/' || city_code END),
  CONSTRAINT delivery_city CHECK (kind = 'FEEDBACK' OR city_code <> ''),
  CONSTRAINT delivery_of_feedback CHECK ((kind IN ('FEEDBACK', 'FEEDBACK_COPY')) = (feedback_id IS NOT NULL)),
  CONSTRAINT delivery_of_rectification CHECK (kind = 'FEEDBACK' OR rectification_id IS NOT NULL),
  CONSTRAINT delivery_signed CHECK ((receive_time IS NULL) = (receiver = '')),
  CONSTRAINT delivery_opens CHECK (kind <> 'FEEDBACK' OR (receive_time IS NULL) = (rectification_id IS NULL)),
  CONSTRAINT delivery_version CHECK (version > 0)
);
CREATE INDEX delivery_by_addressee ON delivery (province, addressee, id);
CREATE INDEX delivery_by_inspection ON delivery (province, inspection_id, id);

-- The gates of art. 11 are taken in their order, and each writes only what is its
-- own: what the leading group agreed to is not changed afterwards. A policy sees
-- the old row or the new one, never both, so this is a trigger's.
-- +goose StatementBegin
CREATE FUNCTION feedback_gates() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'DRAFT'), ('DRAFT', 'AGREED'), ('AGREED', 'CITY_CONSULTED'),
      ('CITY_CONSULTED', 'GIVEN'), ('GIVEN', 'COPIED'))
    OR NEW.state <> 'DRAFT' AND (NEW.summary, NEW.problems) IS DISTINCT FROM (OLD.summary, OLD.problems)
    OR NEW.state <> 'AGREED' AND NEW.decision_id IS DISTINCT FROM OLD.decision_id
    OR NEW.state <> 'CITY_CONSULTED'
      AND (NEW.consult_date, NEW.consult_opinion, NEW.consult_dissent, NEW.consult_not_applicable)
      IS DISTINCT FROM (OLD.consult_date, OLD.consult_opinion, OLD.consult_dissent, OLD.consult_not_applicable)
    OR NEW.state <> 'GIVEN' AND (NEW.document_number, NEW.meeting_date, NEW.attendees)
      IS DISTINCT FROM (OLD.document_number, OLD.meeting_date, OLD.attendees)
    OR NEW.state <> 'COPIED' AND NEW.copy_not_applicable <> OLD.copy_not_applicable
  THEN
    RAISE EXCEPTION 'feedback % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_gates';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER feedback_gates BEFORE UPDATE ON feedback FOR EACH ROW EXECUTE FUNCTION feedback_gates();

ALTER TABLE task ENABLE ROW LEVEL SECURITY;
ALTER TABLE task FORCE ROW LEVEL SECURITY;
ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery FORCE ROW LEVEL SECURITY;

-- Scheduling announces tasks; a group drafts the feedback of its own.
CREATE POLICY inside_read ON task FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND ((SELECT authz.party()) = 'SERVICE'
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON task FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE');
GRANT SELECT, INSERT ON task TO rectification_inside;

CREATE POLICY inside_read ON feedback FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON feedback FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND state = 'DRAFT'
    AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
-- Each of the two takes its own gates only, from the state before (art. 11).
CREATE POLICY inside_update ON feedback FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('DRAFT', 'AGREED', 'GIVEN') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('DRAFT', 'CITY_CONSULTED', 'GIVEN') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state IN ('AGREED', 'CITY_CONSULTED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'COPIED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND EXISTS (
      SELECT FROM delivery d WHERE d.province = feedback.province AND d.feedback_id = feedback.id
        AND d.kind = 'FEEDBACK' AND d.receive_time IS NOT NULL));
GRANT SELECT, INSERT, UPDATE (summary, problems, state, decision_id, consult_date, consult_opinion,
  consult_dissent, consult_not_applicable, document_number, meeting_date, attendees,
  copy_not_applicable, version, update_time) ON feedback TO rectification_inside;

-- The group hands the feedback to the county, the office its copy to the city.
CREATE POLICY inside_read ON delivery FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON delivery FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND receive_time IS NULL AND (
    kind = 'FEEDBACK_COPY' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR kind = 'FEEDBACK' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
GRANT SELECT, INSERT ON delivery TO rectification_inside;

-- The addressee reads and signs, once; the county hands copies to its city.
CREATE POLICY outside_read ON delivery FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'COUNTY_COMMITTEE'));
CREATE POLICY outside_sign ON delivery FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'COUNTY_COMMITTEE') AND receive_time IS NULL)
  WITH CHECK (receive_time IS NOT NULL);
CREATE POLICY outside_insert ON delivery FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND kind IN ('PLAN_COPY', 'REPORT_COPY')
    AND receive_time IS NULL);
GRANT SELECT, INSERT, UPDATE (receive_time, receiver, rectification_id, version) ON delivery TO rectification_outside;

-- +goose Down
DROP POLICY inside_update ON feedback; -- it reads delivery
DROP TABLE delivery;
DROP TABLE feedback;
DROP FUNCTION feedback_gates();
DROP TABLE task;
