-- +goose Up
-- The liaison bodies of the cities, every version of each (art. 16), and stays that a
-- decision extends (art. 3).

-- Counted up by a registration, and by a notice to a city that has no body yet, so that
-- the two never pass each other unseen.
ALTER TABLE city ADD COLUMN liaison_turn integer NOT NULL DEFAULT 0;

CREATE TABLE liaison_body (
  province    text NOT NULL,
  id          uuid NOT NULL,
  city_code   text NOT NULL,
  leader_name text NOT NULL,
  leader_post text NOT NULL,
  leads       jsonb NOT NULL, -- [{"body": "discipline_body", "name": "市纪委"}]
  members     jsonb NOT NULL, -- [{"name": "", "post": "", "department": "", "window": ""}]
  contact     text NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  version     bigint NOT NULL,
  CONSTRAINT liaison_body_pkey PRIMARY KEY (province, id),
  CONSTRAINT liaison_body_one_per_city UNIQUE (province, city_code),
  -- What an entry of the history names, so that it cannot be of another city.
  CONSTRAINT liaison_body_place UNIQUE (province, id, city_code),
  CONSTRAINT liaison_body_leader CHECK (leader_name <> '' AND leader_post <> ''),
  CONSTRAINT liaison_body_leads CHECK (leads @> '[{"body": "discipline_body"}, {"body": "organization_body"}]'),
  CONSTRAINT liaison_body_members CHECK (jsonb_typeof(members) = 'array' AND jsonb_array_length(members) > 0),
  CONSTRAINT liaison_body_city_fk FOREIGN KEY (province, city_code) REFERENCES city
);

-- There is no right to change an entry.
CREATE TABLE liaison_body_change (
  province        text NOT NULL,
  liaison_body_id uuid NOT NULL,
  sequence        bigint NOT NULL, -- the version of the body
  city_code       text NOT NULL,
  leader_name     text NOT NULL,
  leader_post     text NOT NULL,
  leads           jsonb NOT NULL,
  members         jsonb NOT NULL,
  contact         text NOT NULL,
  author          text NOT NULL,
  create_time     timestamptz NOT NULL, -- of the body
  change_time     timestamptz NOT NULL,
  CONSTRAINT liaison_body_change_pkey PRIMARY KEY (province, liaison_body_id, sequence),
  CONSTRAINT liaison_body_change_sequence CHECK (sequence > 0),
  CONSTRAINT liaison_body_change_body_fk FOREIGN KEY (province, liaison_body_id, city_code)
    REFERENCES liaison_body (province, id, city_code)
);

ALTER TABLE liaison_body ENABLE ROW LEVEL SECURITY;
ALTER TABLE liaison_body FORCE ROW LEVEL SECURITY;
ALTER TABLE liaison_body_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE liaison_body_change FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON liaison_body FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN
    ('LEADING_GROUP', 'INSPECTION_OFFICE', 'INSPECTION_GROUP'));
CREATE POLICY outside_read ON liaison_body FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
         AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
CREATE POLICY outside_insert ON liaison_body FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
              AND (SELECT authz.party()) = 'CITY_COMMITTEE');
CREATE POLICY outside_update ON liaison_body FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
         AND (SELECT authz.party()) = 'CITY_COMMITTEE')
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city()));

CREATE POLICY inside_read ON liaison_body_change FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'));
CREATE POLICY outside_read ON liaison_body_change FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
         AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
-- Only what the body says now is added, and in nobody else's name.
CREATE POLICY outside_insert ON liaison_body_change FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) = 'CITY_COMMITTEE' AND author = (SELECT authz.subject())
    AND EXISTS (SELECT 1 FROM liaison_body b WHERE b.province = liaison_body_change.province
      AND b.id = liaison_body_change.liaison_body_id AND b.version = liaison_body_change.sequence
      AND b.update_time = liaison_body_change.change_time
      AND (b.leader_name, b.leader_post, b.leads, b.members, b.contact)
        = (liaison_body_change.leader_name, liaison_body_change.leader_post, liaison_body_change.leads,
           liaison_body_change.members, liaison_body_change.contact)));

CREATE POLICY outside_turn ON city FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND code = (SELECT authz.city())
         AND (SELECT authz.party()) = 'CITY_COMMITTEE')
  WITH CHECK (province = (SELECT authz.province()) AND code = (SELECT authz.city()));

GRANT SELECT ON liaison_body, liaison_body_change TO scheduling_inside;
GRANT SELECT, INSERT, UPDATE (leader_name, leader_post, leads, members, contact, update_time, version)
  ON liaison_body TO scheduling_outside;
GRANT SELECT, INSERT ON liaison_body_change TO scheduling_outside;
GRANT UPDATE (liaison_turn) ON city TO scheduling_outside;

-- A decision may extend a stay (art. 3).
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (kind IN
  ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION',
   'EXTEND_OBLIGATION', 'SUSPEND_OBLIGATION', 'RESUME_OBLIGATION', 'SHORTEN_OBLIGATION', 'EXTEND_ON_SITE')) NOT VALID;

-- The registration meets what the city owes; beside its receipt and its briefing the
-- city moves nothing.
DROP POLICY outside_meet ON obligation;
CREATE POLICY outside_meet ON obligation FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND state IN ('OPEN', 'SUSPENDED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING', 'LIAISON_REGISTRATION')))
  WITH CHECK (province = (SELECT authz.province()) AND state IN ('OPEN', 'SATISFIED'));
DROP POLICY outside_record ON obligation_change;
CREATE POLICY outside_record ON obligation_change FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND kind IN ('PARTLY_MET', 'SATISFIED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING', 'LIAISON_REGISTRATION')));

-- +goose Down
DROP POLICY outside_record ON obligation_change;
CREATE POLICY outside_record ON obligation_change FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND kind IN ('PARTLY_MET', 'SATISFIED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING')));
DROP POLICY outside_meet ON obligation;
CREATE POLICY outside_meet ON obligation FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND state IN ('OPEN', 'SUSPENDED') AND (
    (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND county_sees
      AND duty = 'ENTRY_NOTICE'
    OR (SELECT authz.party()) = 'CITY_COMMITTEE' AND city_code = (SELECT authz.city()) AND city_sees
      AND duty IN ('ENTRY_NOTICE', 'CITY_BRIEFING')))
  WITH CHECK (province = (SELECT authz.province()) AND state IN ('OPEN', 'SATISFIED'));
-- A decision stays, whatever it is on.
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (kind IN
  ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION',
   'EXTEND_OBLIGATION', 'SUSPEND_OBLIGATION', 'RESUME_OBLIGATION', 'SHORTEN_OBLIGATION')) NOT VALID;

-- Nobody knows of the duty to register any more.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['obligation', 'obligation_change', 'notification'] LOOP
    EXECUTE format('CREATE POLICY migration ON %I TO scheduling_owner USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE obligation_change DISABLE TRIGGER obligation_change_is_final;
DELETE FROM notification WHERE duty = 'LIAISON_REGISTRATION';
DELETE FROM obligation_change WHERE duty = 'LIAISON_REGISTRATION';
DELETE FROM obligation WHERE duty = 'LIAISON_REGISTRATION';
ALTER TABLE obligation_change ENABLE TRIGGER obligation_change_is_final;
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['obligation', 'obligation_change', 'notification'] LOOP
    EXECUTE format('DROP POLICY migration ON %I', t);
  END LOOP;
END $$;
-- +goose StatementEnd

REVOKE UPDATE (liaison_turn) ON city FROM scheduling_outside;
DROP POLICY outside_turn ON city;
DROP TABLE liaison_body_change;
DROP TABLE liaison_body;
ALTER TABLE city DROP COLUMN liaison_turn;
