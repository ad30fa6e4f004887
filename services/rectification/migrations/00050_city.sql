-- +goose Up
-- city_guidance: how the city guided the county and urged it on (art. 15(3)). An entry
-- never changes; the county, to whom it is addressed, reads it.
CREATE TABLE city_guidance (
  province         text NOT NULL,
  id               uuid NOT NULL,
  rectification_id uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  guide_date       date NOT NULL,
  content          text NOT NULL,
  signer           text NOT NULL,
  author_party     text NOT NULL,
  create_time      timestamptz NOT NULL,
  CONSTRAINT city_guidance_pkey PRIMARY KEY (province, id),
  CONSTRAINT city_guidance_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT city_guidance_city CHECK (city_code <> ''),
  CONSTRAINT city_guidance_content CHECK (content <> '' AND signer <> ''),
  CONSTRAINT city_guidance_author CHECK (author_party IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'))
);
CREATE INDEX city_guidance_by_rectification ON city_guidance (province, rectification_id, id);

-- city_measure: how the city's own bodies use the results (art. 15(4)). The county has
-- no part in it.
CREATE TABLE city_measure (
  province         text NOT NULL,
  id               uuid NOT NULL,
  rectification_id uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  body             text NOT NULL,
  description      text NOT NULL,
  problems         jsonb NOT NULL, -- numbers of the feedback's
  due_date         date NOT NULL,
  state            text NOT NULL,
  updates          jsonb NOT NULL,
  version          bigint NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  CONSTRAINT city_measure_pkey PRIMARY KEY (province, id),
  CONSTRAINT city_measure_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT city_measure_city CHECK (city_code <> ''),
  CONSTRAINT city_measure_content CHECK (body <> '' AND description <> ''),
  CONSTRAINT city_measure_problems CHECK (jsonb_typeof(problems) = 'array' AND jsonb_array_length(problems) > 0),
  CONSTRAINT city_measure_state CHECK (state IN ('PLANNED', 'IN_PROGRESS', 'DONE')),
  CONSTRAINT city_measure_updates CHECK (jsonb_typeof(updates) = 'array' AND (state = 'PLANNED') = (updates = '[]')),
  CONSTRAINT city_measure_version CHECK (version > 0)
);
CREATE INDEX city_measure_by_rectification ON city_measure (province, rectification_id, id);

-- What is done stays done, and a report is added to those before.
-- +goose StatementBegin
CREATE FUNCTION city_measure_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.state = 'DONE' OR NEW.state = 'PLANNED'
    OR jsonb_array_length(NEW.updates) <> jsonb_array_length(OLD.updates) + 1 OR (NEW.updates - -1) <> OLD.updates
  THEN
    RAISE EXCEPTION 'measure % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'city_measure_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER city_measure_moves BEFORE UPDATE ON city_measure FOR EACH ROW EXECUTE FUNCTION city_measure_moves();

ALTER TABLE city_guidance ENABLE ROW LEVEL SECURITY;
ALTER TABLE city_guidance FORCE ROW LEVEL SECURITY;
ALTER TABLE city_measure ENABLE ROW LEVEL SECURITY;
ALTER TABLE city_measure FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON city_guidance FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
GRANT SELECT ON city_guidance TO rectification_inside;
CREATE POLICY outside_read ON city_guidance FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (
    county_code = (SELECT authz.county()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR city_code = (SELECT authz.city()) AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY')));
-- In its own name, and on a case that it sees.
CREATE POLICY outside_insert ON city_guidance FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND author_party = (SELECT authz.party()) AND EXISTS (
      SELECT FROM rectification r WHERE r.province = city_guidance.province AND r.id = city_guidance.rectification_id
        AND r.city_may_see AND r.state <> 'CLOSED' AND r.receive_date <= city_guidance.guide_date));
GRANT SELECT, INSERT ON city_guidance TO rectification_outside;

CREATE POLICY inside_read ON city_measure FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
GRANT SELECT ON city_measure TO rectification_inside;
CREATE POLICY outside_read ON city_measure FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
CREATE POLICY outside_insert ON city_measure FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) = 'CITY_COMMITTEE' AND state = 'PLANNED' AND EXISTS (
      SELECT FROM rectification r WHERE r.province = city_measure.province AND r.id = city_measure.rectification_id
        AND r.city_may_see));
CREATE POLICY outside_update ON city_measure FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
GRANT SELECT, INSERT, UPDATE (state, updates, version, update_time) ON city_measure TO rectification_outside;

-- The duty to have measures is the city's alone: its county never knows of it. It is met
-- by a measure, and the city moves nothing else of it.
ALTER TABLE obligation ADD CONSTRAINT obligation_city_measures CHECK (duty <> 'CITY_MEASURES' OR NOT county_sees);
CREATE POLICY outside_read_city_measures ON obligation FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND duty = 'CITY_MEASURES' AND city_sees AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
CREATE POLICY outside_meet_city_measures ON obligation FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND duty = 'CITY_MEASURES' AND city_sees AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) = 'CITY_COMMITTEE' AND state IN ('OPEN', 'SUSPENDED') AND EXISTS (
      SELECT FROM city_measure m WHERE m.province = obligation.province
        AND obligation.subject = 'provinces/' || m.province || '/rectifications/' || m.rectification_id))
  WITH CHECK (state = 'SATISFIED');
CREATE POLICY outside_read_city_measures ON obligation_change FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND duty = 'CITY_MEASURES' AND city_sees AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
CREATE POLICY outside_record_city_measures ON obligation_change FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) = 'CITY_COMMITTEE' AND duty = 'CITY_MEASURES' AND kind = 'SATISFIED'
    AND EXISTS (SELECT FROM obligation o WHERE o.province = obligation_change.province AND o.id = obligation_change.id
      AND o.duty = obligation_change.duty AND o.change_count = obligation_change.sequence
      AND o.due_date = obligation_change.due_date AND o.state = obligation_change.state));
-- +goose StatementBegin
CREATE FUNCTION obligation_city_meets() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF authz.party() = 'CITY_COMMITTEE'
    AND ((NEW.article, NEW.soft, NEW.start_date, NEW.planned_date, NEW.extension, NEW.provisional, NEW.calendar_version,
        NEW.series, NEW.next_rung, NEW.yellow_date)
      IS DISTINCT FROM
       (OLD.article, OLD.soft, OLD.start_date, OLD.planned_date, OLD.extension, OLD.provisional, OLD.calendar_version,
        OLD.series, OLD.next_rung, OLD.yellow_date)
      OR NEW.state <> 'SATISFIED'
      OR OLD.state = 'OPEN' AND (NEW.due_date, NEW.computed_date, NEW.suspensions)
        IS DISTINCT FROM (OLD.due_date, OLD.computed_date, OLD.suspensions))
  THEN
    RAISE EXCEPTION 'a city moves no date of obligation %', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_city_meets';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_city_meets BEFORE UPDATE ON obligation FOR EACH ROW EXECUTE FUNCTION obligation_city_meets();

-- +goose Down
DROP TRIGGER obligation_city_meets ON obligation;
DROP FUNCTION obligation_city_meets();
DROP POLICY outside_record_city_measures ON obligation_change;
DROP POLICY outside_read_city_measures ON obligation_change;
DROP POLICY outside_meet_city_measures ON obligation;
DROP POLICY outside_read_city_measures ON obligation;
ALTER TABLE obligation DROP CONSTRAINT obligation_city_measures;
DROP TABLE city_measure;
DROP FUNCTION city_measure_moves();
DROP TABLE city_guidance;
-- Nobody knows of the duty any more; the owner has a policy for it.
CREATE POLICY migration ON obligation TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON obligation_change TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON notification TO rectification_owner USING (true) WITH CHECK (true);
ALTER TABLE obligation_change DISABLE TRIGGER obligation_change_is_final;
DELETE FROM notification WHERE duty = 'CITY_MEASURES';
DELETE FROM obligation_change WHERE duty = 'CITY_MEASURES';
DELETE FROM obligation WHERE duty = 'CITY_MEASURES';
ALTER TABLE obligation_change ENABLE TRIGGER obligation_change_is_final;
DROP POLICY migration ON notification;
DROP POLICY migration ON obligation_change;
DROP POLICY migration ON obligation;
