-- +goose Up
-- obligation: a statutory date that runs, and where it stands (design.md §4). Every
-- service keeps its own. next_rung and rung_date say which reminder is next.
CREATE TABLE obligation (
  province         text NOT NULL,
  id               uuid NOT NULL,
  duty             text NOT NULL,
  article          text NOT NULL,
  obligor_party    text NOT NULL,
  soft             boolean NOT NULL,
  subject          text NOT NULL, -- resource name of what it is about
  county_code      text NOT NULL, -- '' where it is about none
  city_code        text NOT NULL, -- '' where there is none
  inspection_id    uuid,
  rule_set         text NOT NULL,
  clock            text NOT NULL, -- '' for a planned day
  start_date       date NOT NULL,
  planned_date     date,
  awaiting         integer NOT NULL,
  due_date         date NOT NULL, -- the one that stands
  computed_date    date NOT NULL,
  provisional      boolean NOT NULL,
  calendar_version text NOT NULL,
  extension        integer NOT NULL,
  suspensions      jsonb NOT NULL, -- [{"from": "2026-03-02", "to": "2026-03-06"}]
  state            text NOT NULL,
  satisfy_date     date,
  late             boolean NOT NULL,
  county_sees      boolean NOT NULL,
  city_sees        boolean NOT NULL,
  series           integer NOT NULL,
  next_rung        integer NOT NULL,
  rung_date        date,
  yellow_date      date NOT NULL,
  change_count     integer NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  version          bigint NOT NULL,
  CONSTRAINT obligation_pkey PRIMARY KEY (province, id),
  -- What a change or a notification names, so that it cannot be of another place or task.
  CONSTRAINT obligation_place UNIQUE (province, id, county_code, city_code),
  CONSTRAINT obligation_inspection UNIQUE (province, id, inspection_id),
  CONSTRAINT obligation_state CHECK (state IN ('OPEN', 'SUSPENDED', 'SATISFIED', 'CANCELLED')),
  CONSTRAINT obligation_runs CHECK ((state = 'OPEN') = (rung_date IS NOT NULL)),
  CONSTRAINT obligation_satisfied CHECK ((state = 'SATISFIED') = (satisfy_date IS NOT NULL)),
  CONSTRAINT obligation_late CHECK (NOT late OR state = 'SATISFIED' AND satisfy_date > due_date),
  CONSTRAINT obligation_awaiting CHECK (awaiting >= 0 AND (state <> 'SATISFIED' OR awaiting = 0)),
  CONSTRAINT obligation_planned CHECK ((clock = '') = (planned_date IS NOT NULL)),
  CONSTRAINT obligation_county CHECK (county_code <> '' OR NOT county_sees),
  CONSTRAINT obligation_city CHECK (city_code <> '' OR NOT city_sees),
  CONSTRAINT obligation_subject CHECK (starts_with(subject, 'provinces/' || province || '/')),
  CONSTRAINT obligation_numbers CHECK (extension >= 0 AND series > 0 AND next_rung >= 0 AND change_count > 0 AND version > 0),
  CONSTRAINT obligation_suspensions CHECK (jsonb_typeof(suspensions) = 'array')
);
CREATE UNIQUE INDEX obligation_one_runs ON obligation (province, subject, duty, county_code)
  WHERE state IN ('OPEN', 'SUSPENDED');
CREATE INDEX obligation_by_subject ON obligation (province, subject, create_time, id);
CREATE INDEX obligation_by_inspection ON obligation (province, inspection_id, id);
-- The lists: of all, of those in one state, and of a city or a county likewise.
CREATE INDEX obligation_by_due ON obligation (province, due_date, id);
CREATE INDEX obligation_by_state ON obligation (province, state, due_date, id);
CREATE INDEX obligation_by_city ON obligation (province, city_code, due_date, id);
CREATE INDEX obligation_by_city_state ON obligation (province, city_code, state, due_date, id);
CREATE INDEX obligation_by_county ON obligation (province, county_code, due_date, id);
-- The worker's: what is due, and what an older calendar counted.
CREATE INDEX obligation_by_rung ON obligation (province, rung_date, id) WHERE rung_date IS NOT NULL;
CREATE INDEX obligation_by_calendar ON obligation (province, calendar_version, id) WHERE state = 'OPEN';

-- What it is about stays, what has ended stays, and what was shown stays shown.
-- +goose StatementBegin
CREATE FUNCTION obligation_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (NEW.province, NEW.id, NEW.duty, NEW.obligor_party, NEW.subject, NEW.county_code, NEW.city_code, NEW.inspection_id,
      NEW.rule_set, NEW.clock, NEW.create_time)
    IS DISTINCT FROM
     (OLD.province, OLD.id, OLD.duty, OLD.obligor_party, OLD.subject, OLD.county_code, OLD.city_code, OLD.inspection_id,
      OLD.rule_set, OLD.clock, OLD.create_time)
    OR OLD.county_sees AND NOT NEW.county_sees OR OLD.city_sees AND NOT NEW.city_sees
    OR NEW.change_count < OLD.change_count OR NEW.version <= OLD.version
    OR OLD.state IN ('SATISFIED', 'CANCELLED')
      AND to_jsonb(NEW) - '{county_sees,city_sees,change_count,update_time,version}'::text[]
        <> to_jsonb(OLD) - '{county_sees,city_sees,change_count,update_time,version}'::text[]
  THEN
    RAISE EXCEPTION 'obligation % cannot become this', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'obligation_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_moves BEFORE UPDATE ON obligation FOR EACH ROW EXECUTE FUNCTION obligation_moves();

-- obligation_change: the history, each entry with all that was known after it, so
-- that any past instant can be read as it was.
CREATE TABLE obligation_change (
  sequence         integer NOT NULL,
  kind             text NOT NULL,
  cause            text NOT NULL,
  record_time      timestamptz NOT NULL,
  province         text NOT NULL,
  id               uuid NOT NULL, -- of the obligation
  duty             text NOT NULL,
  article          text NOT NULL,
  obligor_party    text NOT NULL,
  soft             boolean NOT NULL,
  subject          text NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  inspection_id    uuid,
  rule_set         text NOT NULL,
  clock            text NOT NULL,
  start_date       date NOT NULL,
  planned_date     date,
  awaiting         integer NOT NULL,
  due_date         date NOT NULL,
  computed_date    date NOT NULL,
  provisional      boolean NOT NULL,
  calendar_version text NOT NULL,
  extension        integer NOT NULL,
  suspensions      jsonb NOT NULL,
  state            text NOT NULL,
  satisfy_date     date,
  late             boolean NOT NULL,
  county_sees      boolean NOT NULL,
  city_sees        boolean NOT NULL,
  series           integer NOT NULL,
  next_rung        integer NOT NULL,
  rung_date        date,
  yellow_date      date NOT NULL,
  change_count     integer NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  version          bigint NOT NULL,
  CONSTRAINT obligation_change_pkey PRIMARY KEY (province, id, sequence),
  CONSTRAINT obligation_change_place FOREIGN KEY (province, id, county_code, city_code)
    REFERENCES obligation (province, id, county_code, city_code),
  CONSTRAINT obligation_change_inspection FOREIGN KEY (province, id, inspection_id)
    REFERENCES obligation (province, id, inspection_id),
  CONSTRAINT obligation_change_kind CHECK (kind IN ('OPENED', 'RESTARTED', 'RECOMPUTED', 'EXTENDED', 'SUSPENDED', 'RESUMED',
    'SHORTENED', 'PARTLY_MET', 'SATISFIED', 'CANCELLED', 'SHOWN_TO_CITY', 'SHOWN')),
  CONSTRAINT obligation_change_sequence CHECK (sequence > 0 AND sequence = change_count AND (sequence = 1) = (kind = 'OPENED'))
);
CREATE INDEX obligation_change_by_city ON obligation_change (province, city_code, id, sequence DESC);
CREATE INDEX obligation_change_by_county ON obligation_change (province, county_code, id, sequence DESC);
-- +goose StatementBegin
CREATE FUNCTION obligation_change_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of an obligation is never changed' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_change_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON obligation_change
  FOR EACH STATEMENT EXECUTE FUNCTION obligation_change_is_final();

-- notification: what one body was told. The key is the last guard that nobody is
-- told twice; where the code is right it is never hit.
CREATE TABLE notification (
  province               text NOT NULL,
  id                     uuid NOT NULL,
  obligation_id          uuid NOT NULL,
  duty                   text NOT NULL,
  article                text NOT NULL,
  subject                text NOT NULL,
  county_code            text NOT NULL,
  city_code              text NOT NULL,
  inspection_id          uuid,
  kind                   text NOT NULL,
  series                 integer NOT NULL,
  rung                   integer NOT NULL,
  change                 integer NOT NULL,
  recipient_party        text NOT NULL,
  recipient_jurisdiction text NOT NULL,
  due_date               date NOT NULL,
  create_time            timestamptz NOT NULL,
  acknowledge_time       timestamptz,
  acknowledger           text NOT NULL,
  version                bigint NOT NULL,
  acknowledged           boolean NOT NULL GENERATED ALWAYS AS (acknowledge_time IS NOT NULL) STORED,
  CONSTRAINT notification_pkey PRIMARY KEY (province, id),
  CONSTRAINT notification_once UNIQUE (province, obligation_id, series, rung, change, kind, recipient_party),
  CONSTRAINT notification_place FOREIGN KEY (province, obligation_id, county_code, city_code)
    REFERENCES obligation (province, id, county_code, city_code),
  CONSTRAINT notification_inspection FOREIGN KEY (province, obligation_id, inspection_id)
    REFERENCES obligation (province, id, inspection_id),
  CONSTRAINT notification_kind CHECK (kind IN ('REMINDER', 'DUE', 'OVERDUE', 'DATE_MOVED', 'DATE_COULD_SHORTEN')),
  CONSTRAINT notification_rung CHECK (CASE kind WHEN 'REMINDER' THEN rung < 0 WHEN 'OVERDUE' THEN rung > 0 ELSE rung = 0 END
    AND (change > 0) = (kind IN ('DATE_MOVED', 'DATE_COULD_SHORTEN'))),
  CONSTRAINT notification_acknowledged CHECK ((acknowledge_time IS NULL) = (acknowledger = '')),
  CONSTRAINT notification_version CHECK (version > 0)
);
CREATE INDEX notification_by_recipient ON notification (province, recipient_party, recipient_jurisdiction, create_time, id);
CREATE INDEX notification_unread ON notification (province, recipient_party, recipient_jurisdiction, create_time, id)
  WHERE NOT acknowledged;
CREATE INDEX notification_by_inspection ON notification (province, inspection_id, recipient_party, create_time, id);
-- +goose StatementBegin
CREATE FUNCTION notification_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.acknowledge_time IS NOT NULL
    OR to_jsonb(NEW) - '{acknowledge_time,acknowledger,acknowledged,version}'::text[]
      <> to_jsonb(OLD) - '{acknowledge_time,acknowledger,acknowledged,version}'::text[]
  THEN
    RAISE EXCEPTION 'notification % stays as it is', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'notification_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER notification_moves BEFORE UPDATE ON notification FOR EACH ROW EXECUTE FUNCTION notification_moves();

ALTER TABLE obligation ENABLE ROW LEVEL SECURITY;
ALTER TABLE obligation FORCE ROW LEVEL SECURITY;
ALTER TABLE obligation_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE obligation_change FORCE ROW LEVEL SECURITY;
ALTER TABLE notification ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification FORCE ROW LEVEL SECURITY;

-- CASE and not OR: of an OR the planner makes a scan of every index that fits a part
-- of it, and a sort, where the query itself names one index in its order.
CREATE POLICY inside_read ON obligation FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
CREATE POLICY inside_open ON obligation FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
CREATE POLICY inside_change ON obligation FOR UPDATE TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
CREATE POLICY inside_read ON obligation_change FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
CREATE POLICY inside_record ON obligation_change FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
-- A body reads what it was sent itself. The group's area is the province of all
-- groups, so the task says which one. The worker asks whether one was made.
CREATE POLICY inside_read ON notification FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'SERVICE' THEN true
    WHEN 'INSPECTION_GROUP' THEN recipient_party = 'INSPECTION_GROUP' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    ELSE recipient_party = (SELECT authz.party()) AND recipient_jurisdiction = (SELECT authz.jurisdiction()) END);
CREATE POLICY inside_tell ON notification FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province()) AND acknowledge_time IS NULL AND CASE
    WHEN (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
-- Nobody acknowledges for another body, and only in his own name.
CREATE POLICY inside_acknowledge ON notification FOR UPDATE TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'INSPECTION_GROUP' THEN recipient_party = 'INSPECTION_GROUP' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    ELSE recipient_party = (SELECT authz.party()) AND recipient_jurisdiction = (SELECT authz.jurisdiction()) END)
  WITH CHECK (acknowledger = (SELECT authz.subject()));

GRANT SELECT, INSERT ON obligation, obligation_change, notification TO {{service}}_inside;
GRANT UPDATE (article, soft, start_date, planned_date, awaiting, due_date, computed_date, provisional, calendar_version,
  extension, suspensions, state, satisfy_date, late, county_sees, city_sees, series, next_rung, rung_date, yellow_date,
  change_count, update_time, version) ON obligation TO {{service}}_inside;
GRANT UPDATE (acknowledge_time, acknowledger, version) ON notification TO {{service}}_inside;

-- obligation_work tells the worker, which has no province of its own, where there is
-- work: the provinces in which something runs, by which calendars it was counted, and
-- whether a rung is due. It steps through the indexes from one value to the next
-- (skip scan) and reads no other row.
CREATE POLICY owner ON obligation FOR SELECT TO {{service}}_owner USING (true);
-- +goose StatementBegin
CREATE FUNCTION obligation_work(today date) RETURNS TABLE (province text, calendar_version text, due boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE counted AS (
    (SELECT o.province, o.calendar_version FROM public.obligation o
     WHERE o.state = 'OPEN' ORDER BY o.province, o.calendar_version LIMIT 1)
    UNION ALL
    SELECT n.province, n.calendar_version FROM counted c CROSS JOIN LATERAL (
      SELECT o.province, o.calendar_version FROM public.obligation o
      WHERE o.state = 'OPEN' AND (o.province, o.calendar_version) > (c.province, c.calendar_version)
      ORDER BY o.province, o.calendar_version LIMIT 1) n
  )
  SELECT c.province, c.calendar_version,
    coalesce((SELECT o.rung_date FROM public.obligation o WHERE o.province = c.province AND o.rung_date IS NOT NULL
              ORDER BY o.rung_date LIMIT 1) <= $1, false)
  FROM counted c
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION obligation_work(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION obligation_work(date) TO {{service}}_inside;

-- What cities and counties get of it stands in each service's own migration, and is
-- no more than its events need there. casefile gives them nothing.

-- +goose Down
DROP FUNCTION obligation_work(date);
DROP TABLE notification;
DROP FUNCTION notification_moves();
DROP TABLE obligation_change;
DROP FUNCTION obligation_change_is_final();
DROP TABLE obligation;
DROP FUNCTION obligation_moves();
