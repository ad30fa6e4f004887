-- +goose Up
-- The statutory dates of arts 2, 3, 5, 12(2) and 15(1) live in the kit's table obligation,
-- where they are extended, counted again and reminded of; batch and inspection keep no
-- second copy. What they had becomes obligations with their history. The duty to brief
-- (art. 15(1)) is not among it: it begins with the notices that go out from now on.

-- The owner is bound by row-level security like everybody, so it is let in for the
-- length of this migration.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['province', 'county', 'county_supervision', 'term', 'batch', 'inspection', 'entry_notice',
    'obligation', 'obligation_change'] LOOP
    EXECUTE format('CREATE POLICY migration ON %I TO scheduling_owner USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- What is owed, and the instants at which it was opened, partly met and met.
CREATE TEMPORARY TABLE owed ON COMMIT DROP AS
SELECT o.*, (lpad(to_hex((extract(epoch FROM o.opened) * 1000)::bigint), 12, '0') || '7'
  || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid AS id -- sorts by the time of opening, like all ids
FROM (
  -- Art. 2: every county in every term; an inspection that entered in it and reached feedback meets it.
  SELECT t.province, 'COVERAGE' AS duty, '2' AS article, 'INSPECTION_OFFICE' AS party, false AS soft,
    'provinces/' || t.province || '/terms/' || t.id AS subject, c.code AS county, coalesce(s.city_code, '') AS city,
    NULL::uuid AS inspection, 'CN-COUNTY-2012' AS rule_set, '' AS clock, t.start_date, t.end_date AS planned, 1 AS addressees,
    t.end_date AS due, false AS provisional, '' AS calendar, false AS shown, t.create_time AS opened,
    NULL::timestamptz AS partly, i.covered_on AS met_on, CASE WHEN i.covered_on IS NOT NULL THEN greatest(t.create_time, i.covered) END AS met
  FROM term t JOIN county c ON c.province = t.province
  LEFT JOIN county_supervision s ON s.province = c.province AND s.county_code = c.code AND s.to_date IS NULL
  LEFT JOIN LATERAL (
    SELECT i.entry_date AS covered_on, i.feedback_receive_date::timestamp AT TIME ZONE 'Asia/Shanghai' AS covered
    FROM inspection i WHERE i.province = t.province AND i.county_code = c.code
      AND i.entry_date BETWEEN t.start_date AND t.end_date AND i.feedback_receive_date IS NOT NULL
    ORDER BY i.feedback_receive_date, i.id LIMIT 1) i ON true
  UNION ALL
  -- Art. 3: from the entry on.
  SELECT i.province, 'ON_SITE_PERIOD', '3', 'INSPECTION_GROUP', true, 'provinces/' || i.province || '/inspections/' || i.id,
    i.county_code, coalesce(i.city_code, ''), i.id, i.rule_set, '', i.entry_date, i.planned_end_date, 1,
    i.planned_end_date, false, i.latest_notice_calendar, false, i.entry_date::timestamp AT TIME ZONE 'Asia/Shanghai',
    NULL, i.on_site_end_date, i.on_site_end_date::timestamp AT TIME ZONE 'Asia/Shanghai'
  FROM inspection i WHERE i.entry_date IS NOT NULL
  UNION ALL
  -- Art. 5: from the end of the batch on. No hearing was recorded until now.
  SELECT b.province, 'HEARING', b.hearing_due_article, 'LEADING_GROUP', true, 'provinces/' || b.province || '/batches/' || b.id,
    '', '', NULL, b.hearing_due_rule_set, 'hearing', b.hearing_due_start, NULL, 1, b.hearing_due_date,
    b.hearing_due_provisional, b.hearing_due_calendar, false, b.update_time, NULL, NULL, NULL
  FROM batch b WHERE b.state = 'ENDED'
  UNION ALL
  -- Art. 12(2): from the authorisation on. When that was is not stored, so it counts from
  -- the issue of the notices or, before that, from the last change.
  SELECT i.province, 'ENTRY_NOTICE', i.latest_notice_article, 'INSPECTION_OFFICE', false,
    'provinces/' || i.province || '/inspections/' || i.id, i.county_code, coalesce(i.city_code, ''), i.id, i.rule_set,
    'entry_notice', i.latest_notice_start, NULL, CASE WHEN i.city_code IS NULL THEN 1 ELSE 2 END, i.latest_notice_date,
    i.latest_notice_provisional, i.latest_notice_calendar, n.issued IS NOT NULL, coalesce(n.issued, i.update_time),
    CASE WHEN n.sent = 2 THEN n.first END, CASE WHEN n.sent = n.signed THEN (n.last AT TIME ZONE 'Asia/Shanghai')::date END,
    CASE WHEN n.sent = n.signed THEN n.last END
  FROM inspection i CROSS JOIN LATERAL (
    SELECT count(*) AS sent, count(e.receive_time) AS signed, min(e.issue_time) AS issued,
      min(e.receive_time) AS first, max(e.receive_time) AS last
    FROM entry_notice e WHERE e.province = i.province AND e.inspection_id = i.id) n
  WHERE i.state <> 'PLANNED'
) o;

-- The next reminder, counted in weeks for five working days each and without a calendar:
-- whoever counts the obligation again places it to the day. Today is the last day on which
-- something changed in the province, for the business clock is not the database's.
CREATE TEMPORARY TABLE owed_rung ON COMMIT DROP AS
SELECT o.province, o.id, r.next_rung, r.rung_date
FROM owed o
JOIN (SELECT c.province, (max(c.at) AT TIME ZONE 'Asia/Shanghai')::date AS today
  FROM (SELECT province, update_time AS at FROM province UNION ALL SELECT province, update_time FROM term
        UNION ALL SELECT province, update_time FROM batch UNION ALL SELECT province, update_time FROM inspection) c
  GROUP BY c.province) d ON d.province = o.province
CROSS JOIN LATERAL (
  SELECT l.days, array_length(l.days, 1) AS size FROM (SELECT CASE o.duty
    WHEN 'COVERAGE' THEN ARRAY[o.due - (o.due - interval '18 months')::date, o.due - (o.due - interval '12 months')::date,
      o.due - (o.due - interval '6 months')::date, 0]
    WHEN 'HEARING' THEN ARRAY[14, 7, 0] ELSE ARRAY[28, 14, 7, 0] END AS days) l) l
CROSS JOIN LATERAL (
  SELECT k.i - 1 AS next_rung, o.due - l.days[k.i] AS rung_date
  FROM generate_subscripts(l.days, 1) AS k(i) WHERE o.due - l.days[k.i] >= d.today
  UNION ALL
  SELECT l.size - 1 + w.weeks, o.due + 7 * w.weeks FROM (SELECT greatest(1, ceil((d.today - o.due) / 7.0)::integer) AS weeks) w
  ORDER BY 1 LIMIT 1) r
WHERE o.met IS NULL;

-- Each obligation after each of its steps; the last one is how it stands.
CREATE TEMPORARY TABLE owed_step ON COMMIT DROP AS
SELECT s.*, o.province, o.id, o.duty, o.article, o.party, o.soft, o.subject, o.county, o.city, o.inspection, o.rule_set,
  o.clock, o.start_date, o.planned, o.due, o.provisional, o.calendar, o.shown, o.opened,
  CASE WHEN s.state = 'OPEN' THEN coalesce(r.next_rung, 0) ELSE 0 END AS next_rung,
  CASE WHEN s.state = 'OPEN' THEN coalesce(r.rung_date, o.due) END AS rung_date,
  CASE o.duty WHEN 'COVERAGE' THEN (o.due - interval '6 months')::date ELSE o.due - 14 END AS yellow_date,
  CASE WHEN s.state = 'SATISFIED' THEN o.met_on END AS satisfy_date,
  s.state = 'SATISFIED' AND o.met_on > o.due AS late
FROM owed o LEFT JOIN owed_rung r ON r.province = o.province AND r.id = o.id
CROSS JOIN LATERAL (
  SELECT 1 AS sequence, 'OPENED' AS kind, o.opened AS at, o.addressees AS awaiting, 'OPEN' AS state
  UNION ALL SELECT 2, 'PARTLY_MET', o.partly, 1, 'OPEN' WHERE o.partly IS NOT NULL
  UNION ALL SELECT 2 + (o.partly IS NOT NULL)::integer, 'SATISFIED', o.met, 0, 'SATISFIED' WHERE o.met IS NOT NULL) s;

INSERT INTO obligation (province, id, duty, article, obligor_party, soft, subject, county_code, city_code, inspection_id,
  rule_set, clock, start_date, planned_date, awaiting, due_date, computed_date, provisional, calendar_version, extension,
  suspensions, state, satisfy_date, late, county_sees, city_sees, series, next_rung, rung_date, yellow_date, change_count,
  create_time, update_time, version)
SELECT DISTINCT ON (province, id) province, id, duty, article, party, soft, subject, county, city, inspection,
  rule_set, clock, start_date, planned, awaiting, due, due, provisional, calendar, 0,
  '[]'::jsonb, state, satisfy_date, late, shown, shown AND city <> '', 1, next_rung, rung_date, yellow_date, sequence,
  opened, at, sequence
FROM owed_step ORDER BY province, id, sequence DESC;

INSERT INTO obligation_change (sequence, kind, cause, record_time, province, id, duty, article, obligor_party, soft, subject,
  county_code, city_code, inspection_id, rule_set, clock, start_date, planned_date, awaiting, due_date, computed_date,
  provisional, calendar_version, extension, suspensions, state, satisfy_date, late, county_sees, city_sees, series,
  next_rung, rung_date, yellow_date, change_count, create_time, update_time, version)
SELECT sequence, kind, '', at, province, id, duty, article, party, soft, subject,
  county, city, inspection, rule_set, clock, start_date, planned, awaiting, due, due,
  provisional, calendar, 0, '[]'::jsonb, state, satisfy_date, late, shown, shown AND city <> '', 1,
  next_rung, rung_date, yellow_date, sequence, opened, at, sequence
FROM owed_step;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['province', 'county', 'county_supervision', 'term', 'batch', 'inspection', 'entry_notice',
    'obligation', 'obligation_change'] LOOP
    EXECUTE format('DROP POLICY migration ON %I', t);
  END LOOP;
END $$;
-- +goose StatementEnd

ALTER TABLE batch
  DROP CONSTRAINT batch_ended,
  DROP COLUMN hearing_due_date, DROP COLUMN hearing_due_start, DROP COLUMN hearing_due_provisional,
  DROP COLUMN hearing_due_article, DROP COLUMN hearing_due_rule_set, DROP COLUMN hearing_due_calendar,
  ADD COLUMN hearing_date date,
  ADD CONSTRAINT batch_ended CHECK ((state = 'ENDED') = (end_date IS NOT NULL)),
  ADD CONSTRAINT batch_heard CHECK (hearing_date IS NULL OR state = 'ENDED' AND hearing_date >= end_date);
ALTER TABLE inspection
  DROP COLUMN latest_notice_date, DROP COLUMN latest_notice_start, DROP COLUMN latest_notice_provisional,
  DROP COLUMN latest_notice_article, DROP COLUMN latest_notice_rule_set, DROP COLUMN latest_notice_calendar;

-- The leading group records its own hearing, of a batch that has ended, once (art. 5).
CREATE POLICY leading_group_hears ON batch FOR UPDATE TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'LEADING_GROUP'
         AND state = 'ENDED' AND hearing_date IS NULL)
  WITH CHECK (province = (SELECT authz.province()) AND state = 'ENDED' AND hearing_date IS NOT NULL);

-- A decision may move an obligation (arts 3, 5).
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (kind IN
  ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION',
   'EXTEND_OBLIGATION', 'SUSPEND_OBLIGATION', 'RESUME_OBLIGATION', 'SHORTEN_OBLIGATION')) NOT VALID;

-- County and city know of the notices once they are out, the city also of its own duty
-- to brief; a liaison body knows what its city knows (arts 12(2), 15(1), 16). Of the
-- history they know what was entered since then.
CREATE POLICY outside_read ON obligation FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
    OR (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY') AND city_code = (SELECT authz.city()) AND city_sees));
CREATE POLICY outside_read ON obligation_change FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
    OR (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY') AND city_code = (SELECT authz.city()) AND city_sees));

-- Their receipt and the city's briefing meet an obligation, and do nothing else to one.
CREATE POLICY outside_meet ON obligation FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND state IN ('OPEN', 'SUSPENDED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING')))
  WITH CHECK (province = (SELECT authz.province()) AND state IN ('OPEN', 'SATISFIED'));
CREATE POLICY outside_record ON obligation_change FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND kind IN ('PARTLY_MET', 'SATISFIED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING')));
-- +goose StatementBegin
CREATE FUNCTION obligation_outside_meets() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF authz.party() IN ('COUNTY_COMMITTEE', 'CITY_COMMITTEE')
    AND (to_jsonb(NEW) - '{awaiting,state,satisfy_date,late,rung_date,change_count,update_time,version}'::text[]
      <> to_jsonb(OLD) - '{awaiting,state,satisfy_date,late,rung_date,change_count,update_time,version}'::text[]
      OR NEW.state = OLD.state AND NEW.rung_date IS DISTINCT FROM OLD.rung_date) -- it is still reminded of
  THEN
    RAISE EXCEPTION 'obligation % is not for this body to move', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_outside_meets';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_outside_meets BEFORE UPDATE ON obligation FOR EACH ROW EXECUTE FUNCTION obligation_outside_meets();

-- A body outside reads what it was sent, a liaison body what its city was, and
-- acknowledges it in its own name.
CREATE POLICY outside_read ON notification FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND recipient_jurisdiction = (SELECT authz.jurisdiction())
    AND recipient_party = (SELECT CASE authz.party() WHEN 'COUNTY_COMMITTEE' THEN 'COUNTY_COMMITTEE'
      WHEN 'CITY_COMMITTEE' THEN 'CITY_COMMITTEE' WHEN 'CITY_LIAISON_BODY' THEN 'CITY_COMMITTEE' END));
CREATE POLICY outside_acknowledge ON notification FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND recipient_jurisdiction = (SELECT authz.jurisdiction())
    AND recipient_party = (SELECT CASE authz.party() WHEN 'COUNTY_COMMITTEE' THEN 'COUNTY_COMMITTEE'
      WHEN 'CITY_COMMITTEE' THEN 'CITY_COMMITTEE' WHEN 'CITY_LIAISON_BODY' THEN 'CITY_COMMITTEE' END))
  WITH CHECK (acknowledger = (SELECT authz.subject()));

GRANT SELECT ON obligation, obligation_change, notification TO scheduling_outside;
GRANT INSERT ON obligation_change TO scheduling_outside;
-- The statement names them all; what may differ is for the trigger above.
GRANT UPDATE (article, soft, start_date, planned_date, awaiting, due_date, computed_date, provisional, calendar_version,
  extension, suspensions, state, satisfy_date, late, series, next_rung, rung_date, yellow_date, change_count, update_time,
  version) ON obligation TO scheduling_outside;
GRANT UPDATE (acknowledge_time, acknowledger, version) ON notification TO scheduling_outside;

-- +goose Down
REVOKE ALL ON obligation, obligation_change, notification FROM scheduling_outside;
DROP TRIGGER obligation_outside_meets ON obligation;
DROP FUNCTION obligation_outside_meets();
DROP POLICY outside_acknowledge ON notification;
DROP POLICY outside_read ON notification;
DROP POLICY outside_record ON obligation_change;
DROP POLICY outside_meet ON obligation;
DROP POLICY outside_read ON obligation_change;
DROP POLICY outside_read ON obligation;
-- A decision stays, whatever it is on.
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind
  CHECK (kind IN ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION')) NOT VALID;
DROP POLICY leading_group_hears ON batch;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['batch', 'inspection', 'obligation', 'obligation_change', 'notification'] LOOP
    EXECUTE format('CREATE POLICY migration ON %I TO scheduling_owner USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE batch
  DROP CONSTRAINT batch_heard, DROP CONSTRAINT batch_ended, DROP COLUMN hearing_date,
  ADD COLUMN hearing_due_date date, ADD COLUMN hearing_due_start date,
  ADD COLUMN hearing_due_provisional boolean NOT NULL DEFAULT false, ADD COLUMN hearing_due_article text,
  ADD COLUMN hearing_due_rule_set text, ADD COLUMN hearing_due_calendar text NOT NULL DEFAULT '';
UPDATE batch b SET (hearing_due_date, hearing_due_start, hearing_due_provisional, hearing_due_article, hearing_due_rule_set,
  hearing_due_calendar) = (o.due_date, o.start_date, o.provisional, o.article, o.rule_set, o.calendar_version)
FROM obligation o WHERE o.province = b.province AND o.duty = 'HEARING'
  AND o.subject = 'provinces/' || b.province || '/batches/' || b.id;
ALTER TABLE batch ADD CONSTRAINT batch_ended CHECK ((state = 'ENDED') = (end_date IS NOT NULL)
  AND (state = 'ENDED') = (hearing_due_date IS NOT NULL));

-- Of one that is only planned no date is kept: fourteen days are ten working days where
-- no holiday lies between, and it is counted again before anybody is bound to it.
ALTER TABLE inspection
  ADD COLUMN latest_notice_date date, ADD COLUMN latest_notice_start date, ADD COLUMN latest_notice_provisional boolean,
  ADD COLUMN latest_notice_article text, ADD COLUMN latest_notice_rule_set text, ADD COLUMN latest_notice_calendar text;
UPDATE inspection SET latest_notice_date = planned_entry_date - 14, latest_notice_start = planned_entry_date,
  latest_notice_provisional = true, latest_notice_article = '12(2)', latest_notice_rule_set = 'CN-COUNTY-2012',
  latest_notice_calendar = '';
UPDATE inspection i SET (latest_notice_date, latest_notice_start, latest_notice_provisional, latest_notice_article,
  latest_notice_rule_set, latest_notice_calendar) = (o.due_date, o.start_date, o.provisional, o.article, o.rule_set,
  o.calendar_version)
FROM (SELECT DISTINCT ON (province, inspection_id) * FROM obligation WHERE duty = 'ENTRY_NOTICE'
      ORDER BY province, inspection_id, create_time DESC, id DESC) o
WHERE o.province = i.province AND o.inspection_id = i.id;
ALTER TABLE inspection
  ALTER COLUMN latest_notice_date SET NOT NULL, ALTER COLUMN latest_notice_start SET NOT NULL,
  ALTER COLUMN latest_notice_provisional SET NOT NULL, ALTER COLUMN latest_notice_article SET NOT NULL,
  ALTER COLUMN latest_notice_rule_set SET NOT NULL, ALTER COLUMN latest_notice_calendar SET NOT NULL;

-- The dates are the columns' again; a later Up makes them anew from there.
ALTER TABLE obligation_change DISABLE TRIGGER obligation_change_is_final;
DELETE FROM notification;
DELETE FROM obligation_change;
DELETE FROM obligation;
ALTER TABLE obligation_change ENABLE TRIGGER obligation_change_is_final;
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['batch', 'inspection', 'obligation', 'obligation_change', 'notification'] LOOP
    EXECUTE format('DROP POLICY migration ON %I', t);
  END LOOP;
END $$;
-- +goose StatementEnd
