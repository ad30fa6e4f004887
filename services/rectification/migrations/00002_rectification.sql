-- +goose Up
-- rectification: the case of one county after one inspection (art. 17). The county
-- opens it by signing for the feedback: the key binds it to a delivery of a FEEDBACK,
-- which only the group makes, and the insert policy wants that delivery signed.
CREATE TABLE rectification (
  province               text NOT NULL,
  id                     uuid NOT NULL,
  inspection_id          uuid NOT NULL,
  county_code            text NOT NULL,
  city_code              text NOT NULL,
  delivery_id            uuid NOT NULL,
  delivery_kind          text NOT NULL GENERATED ALWAYS AS ('FEEDBACK') STORED,
  rule_set               text NOT NULL,
  problems               jsonb NOT NULL,
  state                  text NOT NULL,
  receive_date           date NOT NULL,
  plan_due_date          date NOT NULL,
  plan_due_start         date NOT NULL,
  plan_due_provisional   boolean NOT NULL,
  plan_due_article       text NOT NULL,
  plan_due_calendar      text NOT NULL,
  plan_submit_date       date,
  report_due_date        date,
  report_due_start       date,
  report_due_provisional boolean NOT NULL,
  report_due_article     text NOT NULL,
  report_due_calendar    text NOT NULL,
  report_submit_date     date,
  decision_id            uuid,
  close_date             date,
  city_may_see           boolean NOT NULL,
  version                bigint NOT NULL,
  create_time            timestamptz NOT NULL,
  update_time            timestamptz NOT NULL,
  CONSTRAINT rectification_pkey PRIMARY KEY (province, id),
  CONSTRAINT rectification_one_per_inspection UNIQUE (province, county_code, inspection_id),
  CONSTRAINT rectification_place UNIQUE (province, id, inspection_id, county_code, city_code),
  CONSTRAINT rectification_one_per_delivery UNIQUE (province, delivery_id),
  CONSTRAINT rectification_delivery
    FOREIGN KEY (province, delivery_id, delivery_kind, inspection_id, county_code, city_code)
    REFERENCES delivery (province, id, kind, inspection_id, county_code, city_code),
  CONSTRAINT rectification_state CHECK (state IN ('PLANNING', 'RECTIFYING', 'REPORTED', 'CLOSED')),
  CONSTRAINT rectification_rectifying CHECK (state = 'PLANNING' OR plan_submit_date IS NOT NULL),
  CONSTRAINT rectification_reported CHECK (state IN ('PLANNING', 'RECTIFYING') OR report_submit_date IS NOT NULL),
  CONSTRAINT rectification_closed CHECK ((state = 'CLOSED') = (close_date IS NOT NULL)
    AND (close_date IS NULL) = (decision_id IS NULL)),
  CONSTRAINT rectification_dates CHECK (plan_due_start = receive_date AND plan_submit_date >= receive_date
    AND report_submit_date >= plan_submit_date),
  CONSTRAINT rectification_report_follows CHECK (report_due_date IS NULL OR plan_submit_date IS NOT NULL),
  CONSTRAINT rectification_report_late CHECK (report_submit_date IS NULL OR state <> 'PLANNING'),
  CONSTRAINT rectification_city CHECK (city_code <> '' OR NOT city_may_see),
  CONSTRAINT rectification_version CHECK (version > 0)
);
CREATE INDEX rectification_by_county ON rectification (province, county_code, id);
CREATE INDEX rectification_by_city ON rectification (province, city_code, id);

-- Deferred, as delivery and case name each other: the signature comes first.
ALTER TABLE delivery ADD CONSTRAINT delivery_rectification
  FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
  REFERENCES rectification (province, id, inspection_id, county_code, city_code) DEFERRABLE INITIALLY DEFERRED;

-- A case goes forward one state at a time and ends CLOSED; the statutory dates, once
-- set, stay (art. 17). A rule set that restarts the clock of the report with each
-- submission (plan_last_submission) would need another rule here.
-- +goose StatementBegin
CREATE FUNCTION rectification_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.state = 'CLOSED'
    OR (OLD.state, NEW.state) NOT IN (('PLANNING', 'PLANNING'), ('PLANNING', 'RECTIFYING'),
      ('RECTIFYING', 'RECTIFYING'), ('RECTIFYING', 'REPORTED'), ('REPORTED', 'CLOSED'))
    OR (NEW.receive_date, NEW.plan_due_date, NEW.plan_due_start, NEW.plan_due_provisional, NEW.plan_due_article, NEW.plan_due_calendar)
      IS DISTINCT FROM
      (OLD.receive_date, OLD.plan_due_date, OLD.plan_due_start, OLD.plan_due_provisional, OLD.plan_due_article, OLD.plan_due_calendar)
    OR OLD.plan_submit_date <> coalesce(NEW.plan_submit_date, '-infinity')
    OR OLD.report_due_date IS NOT NULL
      AND (NEW.report_due_date, NEW.report_due_start, NEW.report_due_provisional, NEW.report_due_article, NEW.report_due_calendar)
      IS DISTINCT FROM
      (OLD.report_due_date, OLD.report_due_start, OLD.report_due_provisional, OLD.report_due_article, OLD.report_due_calendar)
    OR OLD.report_submit_date <> coalesce(NEW.report_submit_date, '-infinity')
    OR NEW.city_may_see <> OLD.city_may_see
      AND (OLD.city_may_see OR authz.party() IS DISTINCT FROM 'INSPECTION_OFFICE')
  THEN
    RAISE EXCEPTION 'rectification % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rectification_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER rectification_moves BEFORE UPDATE ON rectification FOR EACH ROW EXECUTE FUNCTION rectification_moves();

-- submission: plan and report, one of each per case; both go the same way through
-- group, office and leading group (art. 17).
CREATE TABLE submission (
  province         text NOT NULL,
  rectification_id uuid NOT NULL,
  kind             text NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  state            text NOT NULL,
  submission_count integer NOT NULL,
  signer           text NOT NULL,
  opinion          text NOT NULL,
  measures         jsonb NOT NULL,
  accounts         jsonb NOT NULL,
  version          bigint NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  CONSTRAINT submission_pkey PRIMARY KEY (province, rectification_id, kind),
  CONSTRAINT submission_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT submission_kind CHECK (kind IN ('PLAN', 'REPORT')),
  CONSTRAINT submission_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'GROUP_PASSED', 'FORWARDED', 'RECEIVED')),
  CONSTRAINT submission_submitted CHECK ((state = 'DRAFT') = (submission_count = 0)),
  CONSTRAINT submission_signed CHECK (submission_count = 0 OR signer <> ''),
  CONSTRAINT submission_returned CHECK (state <> 'RETURNED' OR opinion <> ''),
  CONSTRAINT submission_version CHECK (version > 0)
);

-- item: one measure of the plan that the leading group has (art. 17).
CREATE TABLE item (
  province         text NOT NULL,
  id               uuid NOT NULL,
  rectification_id uuid NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  number           integer NOT NULL,
  measure          jsonb NOT NULL,
  state            text NOT NULL,
  percent          integer NOT NULL,
  progress         text NOT NULL,
  city_may_see     boolean NOT NULL,
  version          bigint NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  CONSTRAINT item_pkey PRIMARY KEY (province, id),
  CONSTRAINT item_number UNIQUE (province, rectification_id, number),
  CONSTRAINT item_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT item_state CHECK (state IN ('OPEN', 'IN_PROGRESS', 'BASICALLY_DONE', 'DONE')),
  CONSTRAINT item_percent CHECK (percent BETWEEN 0 AND 100 AND (percent = 100) = (state = 'DONE')),
  CONSTRAINT item_city CHECK (city_code <> '' OR NOT city_may_see),
  CONSTRAINT item_version CHECK (version > 0)
);

ALTER TABLE rectification ENABLE ROW LEVEL SECURITY;
ALTER TABLE rectification FORCE ROW LEVEL SECURITY;
ALTER TABLE submission ENABLE ROW LEVEL SECURITY;
ALTER TABLE submission FORCE ROW LEVEL SECURITY;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON rectification FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
-- The leading group receives, once the feedback was copied (art. 11); the office
-- shows to the city and closes; the group only starts the clock of the report,
-- where the rule set has its review do so.
CREATE POLICY inside_update ON rectification FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('PLANNING', 'REPORTED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('PLANNING', 'RECTIFYING') AND (SELECT authz.party()) = 'LEADING_GROUP'
    OR state = 'PLANNING' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('PLANNING', 'CLOSED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('RECTIFYING', 'REPORTED') AND (SELECT authz.party()) = 'LEADING_GROUP' AND EXISTS (
      SELECT FROM feedback f WHERE f.province = rectification.province
        AND f.inspection_id = rectification.inspection_id AND f.state = 'COPIED')
    OR state = 'PLANNING' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
GRANT SELECT, UPDATE (state, report_due_date, report_due_start, report_due_provisional, report_due_article,
  report_due_calendar, decision_id, close_date, city_may_see, version, update_time)
  ON rectification TO rectification_inside;

-- A city sees the case once the feedback was copied to it (art. 11).
CREATE POLICY outside_read ON rectification FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (
    county_code = (SELECT authz.county()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR city_code = (SELECT authz.city()) AND city_may_see
       AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY')));
CREATE POLICY outside_insert ON rectification FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state = 'PLANNING' AND NOT city_may_see
    AND plan_submit_date IS NULL AND EXISTS (
      SELECT FROM delivery d WHERE d.province = rectification.province AND d.id = rectification.delivery_id
        AND d.rectification_id = rectification.id
        AND (d.receive_time AT TIME ZONE 'Asia/Shanghai')::date = rectification.receive_date));
CREATE POLICY outside_update ON rectification FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state IN ('PLANNING', 'RECTIFYING'))
  WITH CHECK (state IN ('PLANNING', 'RECTIFYING'));
GRANT SELECT, INSERT, UPDATE (plan_submit_date, report_due_date, report_due_start, report_due_provisional,
  report_due_article, report_due_calendar, report_submit_date, version, update_time)
  ON rectification TO rectification_outside;

-- Inside reads a plan or report from its first submission; each link of the chain
-- takes it from its own state only.
CREATE POLICY inside_read ON submission FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND submission_count > 0 AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_update ON submission FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state = 'SUBMITTED' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state = 'GROUP_PASSED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'LEADING_GROUP'))
  WITH CHECK (
    state IN ('GROUP_PASSED', 'RETURNED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'RECEIVED' AND (SELECT authz.party()) = 'LEADING_GROUP');
GRANT SELECT, UPDATE (state, opinion, version, update_time) ON submission TO rectification_inside;

CREATE POLICY outside_read ON submission FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE');
CREATE POLICY outside_insert ON submission FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state = 'DRAFT');
CREATE POLICY outside_update ON submission FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state IN ('DRAFT', 'RETURNED'))
  WITH CHECK (state IN ('DRAFT', 'RETURNED', 'SUBMITTED'));
GRANT SELECT, INSERT, UPDATE (state, submission_count, signer, measures, accounts, version, update_time)
  ON submission TO rectification_outside;

CREATE POLICY inside_read ON item FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON item FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'LEADING_GROUP' AND EXISTS (
    SELECT FROM rectification r WHERE r.province = item.province AND r.id = item.rectification_id
      AND r.state = 'RECTIFYING' AND r.city_may_see = item.city_may_see));
GRANT SELECT, INSERT ON item TO rectification_inside;

CREATE POLICY outside_read ON item FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (
    county_code = (SELECT authz.county()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE'
    OR city_code = (SELECT authz.city()) AND city_may_see
       AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY')));
CREATE POLICY outside_update ON item FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND EXISTS (
      SELECT FROM rectification r WHERE r.province = item.province AND r.id = item.rectification_id
        AND r.state = 'RECTIFYING'));
GRANT SELECT, UPDATE (state, percent, progress, version, update_time) ON item TO rectification_outside;

-- +goose Down
DROP TABLE item;
DROP TABLE submission;
ALTER TABLE delivery DROP CONSTRAINT delivery_rectification;
DROP TABLE rectification;
DROP FUNCTION rectification_moves();
