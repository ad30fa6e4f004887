-- +goose Up
-- The dates of art. 17 live in the table obligation of the kit, where they are extended,
-- counted again and reminded of; the case keeps no second copy. What it had becomes
-- obligations with their history. The owner is bound by row-level security like
-- everybody, so it has a policy for the length of this migration.
CREATE POLICY migration ON rectification TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON obligation TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON obligation_change TO rectification_owner USING (true) WITH CHECK (true);

-- The next reminder is counted in weeks for five working days each and without a calendar,
-- and so is the day from which the end is close (yellow); what lay before is not told
-- afterwards. Today is the last day on which a case of the province changed, for the
-- business clock is not the database's. The id is a UUID of version 7, so that it sorts by the time of opening like all others.
INSERT INTO obligation (province, id, duty, article, obligor_party, soft, subject, county_code, city_code, inspection_id,
  rule_set, clock, start_date, awaiting, due_date, computed_date, provisional, calendar_version, extension, suspensions,
  state, satisfy_date, late, county_sees, city_sees, series, next_rung, rung_date, yellow_date, change_count,
  create_time, update_time, version)
SELECT r.province, (lpad(to_hex((extract(epoch FROM d.opened) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
  d.duty, d.article, 'COUNTY_COMMITTEE', false, 'provinces/' || r.province || '/rectifications/' || r.id,
  r.county_code, r.city_code, r.inspection_id, r.rule_set, d.clock, d.start_date,
  CASE WHEN d.met IS NULL THEN 1 ELSE 0 END, d.due, d.due, d.provisional, d.calendar, 0, '[]',
  CASE WHEN d.met IS NULL THEN 'OPEN' ELSE 'SATISFIED' END, d.met, coalesce(d.met > d.due, false),
  true, r.city_may_see, 1, CASE WHEN d.met IS NULL THEN n.rung ELSE 3 END, CASE WHEN d.met IS NULL THEN n.day END, d.due - 14, CASE WHEN d.met IS NULL THEN 1 ELSE 2 END,
  d.opened, coalesce(greatest(d.opened, d.met::timestamp AT TIME ZONE 'Asia/Shanghai'), d.opened), 1
FROM rectification r CROSS JOIN LATERAL (VALUES
  ('RECTIFICATION_PLAN', 'plan', r.plan_due_article, r.plan_due_start, r.plan_due_date, r.plan_due_provisional,
    r.plan_due_calendar, r.plan_submit_date, r.create_time),
  ('RECTIFICATION_REPORT', 'rectification_report', r.report_due_article, r.report_due_start, r.report_due_date,
    r.report_due_provisional, r.report_due_calendar, r.report_submit_date,
    greatest(r.create_time, r.report_due_start::timestamp AT TIME ZONE 'Asia/Shanghai'))
) AS d (duty, clock, article, start_date, due, provisional, calendar, met, opened)
CROSS JOIN LATERAL (SELECT (max(a.update_time) AT TIME ZONE 'Asia/Shanghai')::date AS today
  FROM rectification a WHERE a.province = r.province) AS t
CROSS JOIN LATERAL (
  SELECT l.rung, d.due - l.days AS day FROM (VALUES (0, 28), (1, 14), (2, 7), (3, 0)) AS l (rung, days) WHERE d.due - l.days >= t.today
  UNION ALL
  SELECT 3 + w.weeks, d.due + 7 * w.weeks FROM (SELECT greatest(1, ceil((t.today - d.due) / 7.0)::integer) AS weeks) AS w
  ORDER BY 1 LIMIT 1) AS n
WHERE d.due IS NOT NULL;

INSERT INTO obligation_change (sequence, kind, cause, record_time, province, id, duty, article, obligor_party, soft, subject,
  county_code, city_code, inspection_id, rule_set, clock, start_date, planned_date, awaiting, due_date, computed_date,
  provisional, calendar_version, extension, suspensions, state, satisfy_date, late, county_sees, city_sees, series,
  next_rung, rung_date, yellow_date, change_count, create_time, update_time, version)
SELECT c.sequence, c.kind, '', c.at, o.province, o.id, o.duty, o.article, o.obligor_party, o.soft, o.subject,
  o.county_code, o.city_code, o.inspection_id, o.rule_set, o.clock, o.start_date, o.planned_date, c.awaiting, o.due_date,
  o.computed_date, o.provisional, o.calendar_version, o.extension, o.suspensions, c.state, c.met, c.late, o.county_sees,
  o.city_sees, o.series, o.next_rung, c.rung_date, o.yellow_date, c.sequence, o.create_time, c.at, o.version
FROM obligation o CROSS JOIN LATERAL (VALUES
  (1, 'OPENED', o.create_time, 'OPEN', NULL::date, false, 1, coalesce(o.rung_date, o.due_date)),
  (2, 'SATISFIED', o.update_time, 'SATISFIED', o.satisfy_date, o.late, 0, NULL)
) AS c (sequence, kind, at, state, met, late, awaiting, rung_date)
WHERE o.duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT') AND c.sequence <= o.change_count;

DROP POLICY migration ON obligation_change;
DROP POLICY migration ON obligation;
DROP POLICY migration ON rectification;

-- A case goes forward one state at a time and ends CLOSED; its days, once set, stay.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION rectification_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.state = 'CLOSED'
    OR (OLD.state, NEW.state) NOT IN (('PLANNING', 'PLANNING'), ('PLANNING', 'RECTIFYING'),
      ('RECTIFYING', 'RECTIFYING'), ('RECTIFYING', 'REPORTED'), ('REPORTED', 'CLOSED'))
    OR NEW.receive_date <> OLD.receive_date
    OR OLD.plan_submit_date <> coalesce(NEW.plan_submit_date, '-infinity')
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
ALTER TABLE rectification
  DROP CONSTRAINT rectification_dates,
  DROP CONSTRAINT rectification_report_follows,
  DROP COLUMN plan_due_date, DROP COLUMN plan_due_start, DROP COLUMN plan_due_provisional,
  DROP COLUMN plan_due_article, DROP COLUMN plan_due_calendar,
  DROP COLUMN report_due_date, DROP COLUMN report_due_start, DROP COLUMN report_due_provisional,
  DROP COLUMN report_due_article, DROP COLUMN report_due_calendar,
  ADD CONSTRAINT rectification_dates CHECK (plan_submit_date >= receive_date AND report_submit_date >= plan_submit_date);

-- The office opens and meets the duties of art. 11, whose rule set stands in the task.
DROP POLICY inside_read ON task;
CREATE POLICY inside_read ON task FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND ((SELECT authz.party()) IN ('SERVICE', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));

-- What county and city may know: the county its own dates, its city the same once the
-- feedback was copied to it. When the group owes the feedback is nobody's outside. (CASE
-- and not OR, for the planner's sake: see the kit's policies.)
CREATE POLICY outside_read ON obligation FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT')
    AND CASE (SELECT authz.party())
      WHEN 'COUNTY_COMMITTEE' THEN county_sees AND county_code = (SELECT authz.county())
      WHEN 'CITY_COMMITTEE' THEN city_sees AND city_code = (SELECT authz.city())
      WHEN 'CITY_LIAISON_BODY' THEN city_sees AND city_code = (SELECT authz.city()) ELSE false END);
CREATE POLICY outside_read ON obligation_change FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT')
    AND CASE (SELECT authz.party())
      WHEN 'COUNTY_COMMITTEE' THEN county_sees AND county_code = (SELECT authz.county())
      WHEN 'CITY_COMMITTEE' THEN city_sees AND city_code = (SELECT authz.city())
      WHEN 'CITY_LIAISON_BODY' THEN city_sees AND city_code = (SELECT authz.city()) ELSE false END);

-- The county's receipt opens the plan of its own case, from the day that it signed, and
-- the copy that the office owes, which the county itself cannot read; its submissions
-- open the report. Everything is of its own case.
CREATE POLICY outside_open ON obligation FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state = 'OPEN' AND extension = 0 AND suspensions = '[]'
    AND (duty = 'FEEDBACK_COPY' AND obligor_party = 'INSPECTION_OFFICE' AND NOT county_sees AND NOT city_sees AND EXISTS (
        SELECT FROM delivery d WHERE d.province = obligation.province AND d.inspection_id = obligation.inspection_id
          AND d.county_code = obligation.county_code AND d.city_code = obligation.city_code AND d.city_code <> ''
          AND d.kind = 'FEEDBACK' AND (d.receive_time AT TIME ZONE 'Asia/Shanghai')::date = obligation.start_date
          AND obligation.subject = 'provinces/' || d.province || '/feedbacks/' || d.feedback_id)
      OR duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT') AND obligor_party = 'COUNTY_COMMITTEE' AND county_sees AND EXISTS (
        SELECT FROM rectification r WHERE r.province = obligation.province AND r.inspection_id = obligation.inspection_id
          AND r.county_code = obligation.county_code AND r.city_code = obligation.city_code
          AND r.state = 'PLANNING' AND r.city_may_see = obligation.city_sees AND r.rule_set = obligation.rule_set
          AND obligation.subject = 'provinces/' || r.province || '/rectifications/' || r.id
          AND obligation.start_date >= CASE obligation.duty WHEN 'RECTIFICATION_PLAN' THEN r.receive_date ELSE r.plan_submit_date END
          AND (obligation.duty <> 'RECTIFICATION_PLAN' OR obligation.start_date = r.receive_date AND r.plan_submit_date IS NULL))));
CREATE POLICY outside_meet ON obligation FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county()) AND county_sees
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT')
    AND state IN ('OPEN', 'SUSPENDED'))
  WITH CHECK (state IN ('OPEN', 'SUSPENDED', 'SATISFIED'));
CREATE POLICY outside_record ON obligation_change FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND (
      kind = 'OPENED' AND duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT', 'FEEDBACK_COPY')
      OR kind IN ('SATISFIED', 'RESTARTED') AND EXISTS (
        SELECT FROM obligation o WHERE o.province = obligation_change.province AND o.id = obligation_change.id
          AND o.duty = obligation_change.duty AND o.change_count = obligation_change.sequence
          AND o.due_date = obligation_change.due_date AND o.state = obligation_change.state)));
GRANT SELECT, INSERT ON obligation, obligation_change, notification TO rectification_outside;
GRANT UPDATE (article, soft, start_date, planned_date, awaiting, due_date, computed_date, provisional, calendar_version,
  extension, suspensions, state, satisfy_date, late, series, next_rung, rung_date, yellow_date, change_count, update_time,
  version) ON obligation TO rectification_outside;

-- The county meets its obligations; it moves none of their dates, by which calendar they
-- were counted or when they are reminded of. Two events of its own do: a plan that comes
-- later starts the clock of the report later, and what is met while suspended had time
-- until that day.
-- +goose StatementBegin
CREATE FUNCTION obligation_county_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF authz.party() = 'COUNTY_COMMITTEE'
    AND ((NEW.article, NEW.soft, NEW.planned_date, NEW.extension) IS DISTINCT FROM (OLD.article, OLD.soft, OLD.planned_date, OLD.extension)
      OR NEW.start_date = OLD.start_date AND OLD.state = 'OPEN'
        AND (NEW.provisional, NEW.calendar_version, NEW.series, NEW.next_rung, NEW.yellow_date)
          IS DISTINCT FROM (OLD.provisional, OLD.calendar_version, OLD.series, OLD.next_rung, OLD.yellow_date)
      OR NEW.start_date = OLD.start_date AND NEW.state = OLD.state
        AND (NEW.rung_date, NEW.awaiting) IS DISTINCT FROM (OLD.rung_date, OLD.awaiting)
      OR (NEW.start_date, NEW.due_date, NEW.computed_date, NEW.suspensions)
          IS DISTINCT FROM (OLD.start_date, OLD.due_date, OLD.computed_date, OLD.suspensions)
        AND NOT (OLD.state = 'SUSPENDED' AND NEW.state = 'SATISFIED' AND NEW.start_date = OLD.start_date)
        AND NOT (NEW.duty = 'RECTIFICATION_REPORT' AND NEW.state = OLD.state AND NEW.start_date > OLD.start_date
          AND NEW.suspensions = OLD.suspensions AND EXISTS (
            SELECT FROM public.rectification r WHERE r.province = NEW.province AND r.inspection_id = NEW.inspection_id
              AND r.county_code = NEW.county_code AND r.state = 'PLANNING' AND NEW.start_date >= r.plan_submit_date)))
  THEN
    RAISE EXCEPTION 'a county moves no date of obligation %', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_county_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_county_moves BEFORE UPDATE ON obligation FOR EACH ROW EXECUTE FUNCTION obligation_county_moves();

-- A body outside reads what it was sent, the liaison body what its city committee was
-- (art. 16), and acknowledges it in its own name; the county tells itself and its city of the date that its own plan moved.
CREATE POLICY outside_read ON notification FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND recipient_jurisdiction = (SELECT authz.jurisdiction())
    AND recipient_party = (SELECT CASE authz.party() WHEN 'COUNTY_COMMITTEE' THEN 'COUNTY_COMMITTEE'
      WHEN 'CITY_COMMITTEE' THEN 'CITY_COMMITTEE' WHEN 'CITY_LIAISON_BODY' THEN 'CITY_COMMITTEE' END));
CREATE POLICY outside_tell ON notification FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND kind = 'DATE_MOVED' AND acknowledge_time IS NULL
    AND (recipient_party = 'COUNTY_COMMITTEE' AND recipient_jurisdiction = 'provinces/' || province || '/counties/' || county_code
      OR recipient_party = 'CITY_COMMITTEE' AND recipient_jurisdiction = 'provinces/' || province || '/cities/' || city_code)
    AND EXISTS (
      SELECT FROM obligation o WHERE o.province = notification.province AND o.id = notification.obligation_id
        AND o.duty = 'RECTIFICATION_REPORT' AND o.duty = notification.duty AND o.subject = notification.subject
        AND o.change_count = notification.change AND o.due_date = notification.due_date
        AND (o.city_sees OR notification.recipient_party <> 'CITY_COMMITTEE')));
CREATE POLICY outside_acknowledge ON notification FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND recipient_jurisdiction = (SELECT authz.jurisdiction())
    AND recipient_party = (SELECT CASE authz.party() WHEN 'COUNTY_COMMITTEE' THEN 'COUNTY_COMMITTEE'
      WHEN 'CITY_COMMITTEE' THEN 'CITY_COMMITTEE' WHEN 'CITY_LIAISON_BODY' THEN 'CITY_COMMITTEE' END))
  WITH CHECK (acknowledger = (SELECT authz.subject()));
GRANT UPDATE (acknowledge_time, acknowledger, version) ON notification TO rectification_outside;

-- A holiday notice counts here once scheduling, where two persons brought it in, told of it.
CREATE POLICY told_by_scheduling ON holiday_notice_active AS RESTRICTIVE FOR INSERT TO rectification_inside
  WITH CHECK ((SELECT authz.party()) = 'SERVICE' AND (SELECT authz.subject()) = 'scheduling');

-- +goose Down
DROP POLICY told_by_scheduling ON holiday_notice_active;
DROP TRIGGER obligation_county_moves ON obligation;
DROP FUNCTION obligation_county_moves();
DROP POLICY outside_acknowledge ON notification;
DROP POLICY outside_tell ON notification;
DROP POLICY outside_read ON notification;
DROP POLICY outside_record ON obligation_change;
DROP POLICY outside_read ON obligation_change;
DROP POLICY outside_meet ON obligation;
DROP POLICY outside_open ON obligation;
DROP POLICY outside_read ON obligation;
REVOKE ALL ON obligation, obligation_change, notification FROM rectification_outside;
DROP POLICY inside_read ON task;
CREATE POLICY inside_read ON task FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND ((SELECT authz.party()) = 'SERVICE'
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));

CREATE POLICY migration ON rectification TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON obligation TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON obligation_change TO rectification_owner USING (true) WITH CHECK (true);
CREATE POLICY migration ON notification TO rectification_owner USING (true) WITH CHECK (true);
ALTER TABLE rectification DISABLE TRIGGER rectification_moves;
ALTER TABLE rectification
  DROP CONSTRAINT rectification_dates,
  ADD COLUMN plan_due_date date, ADD COLUMN plan_due_start date, ADD COLUMN plan_due_provisional boolean,
  ADD COLUMN plan_due_article text, ADD COLUMN plan_due_calendar text,
  ADD COLUMN report_due_date date, ADD COLUMN report_due_start date, ADD COLUMN report_due_provisional boolean NOT NULL DEFAULT false,
  ADD COLUMN report_due_article text NOT NULL DEFAULT '', ADD COLUMN report_due_calendar text NOT NULL DEFAULT '';
UPDATE rectification r SET (plan_due_date, plan_due_start, plan_due_provisional, plan_due_article, plan_due_calendar) = (
  SELECT o.due_date, o.start_date, o.provisional, o.article, o.calendar_version FROM obligation o
  WHERE o.province = r.province AND o.subject = 'provinces/' || r.province || '/rectifications/' || r.id
    AND o.duty = 'RECTIFICATION_PLAN' ORDER BY o.create_time DESC LIMIT 1);
-- The columns cannot tell of a report that is due although the plan is missing.
UPDATE rectification r SET (report_due_date, report_due_start, report_due_provisional, report_due_article, report_due_calendar) =
  (o.due_date, o.start_date, o.provisional, o.article, o.calendar_version)
FROM obligation o
WHERE o.province = r.province AND o.subject = 'provinces/' || r.province || '/rectifications/' || r.id
  AND o.duty = 'RECTIFICATION_REPORT' AND r.plan_submit_date IS NOT NULL AND o.state <> 'CANCELLED';
ALTER TABLE rectification
  ALTER COLUMN plan_due_date SET NOT NULL, ALTER COLUMN plan_due_start SET NOT NULL,
  ALTER COLUMN plan_due_provisional SET NOT NULL, ALTER COLUMN plan_due_article SET NOT NULL,
  ALTER COLUMN plan_due_calendar SET NOT NULL, ALTER COLUMN report_due_provisional DROP DEFAULT,
  ALTER COLUMN report_due_article DROP DEFAULT, ALTER COLUMN report_due_calendar DROP DEFAULT,
  ADD CONSTRAINT rectification_dates CHECK (plan_due_start = receive_date AND plan_submit_date >= receive_date
    AND report_submit_date >= plan_submit_date),
  ADD CONSTRAINT rectification_report_follows CHECK (report_due_date IS NULL OR plan_submit_date IS NOT NULL);
ALTER TABLE rectification ENABLE TRIGGER rectification_moves;
GRANT UPDATE (report_due_date, report_due_start, report_due_provisional, report_due_article, report_due_calendar)
  ON rectification TO rectification_inside, rectification_outside;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION rectification_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
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
-- The dates are the columns' again; a later Up makes them anew from there.
ALTER TABLE obligation_change DISABLE TRIGGER obligation_change_is_final;
DELETE FROM notification WHERE duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT');
DELETE FROM obligation_change WHERE duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT');
DELETE FROM obligation WHERE duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT');
ALTER TABLE obligation_change ENABLE TRIGGER obligation_change_is_final;
DROP POLICY migration ON notification;
DROP POLICY migration ON obligation_change;
DROP POLICY migration ON obligation;
DROP POLICY migration ON rectification;
