-- +goose Up
-- What reaches a county, a city or a department, or comes from it. These are the
-- only tables beside the registry that the outside role is granted anything on.

-- The notice of entry to one addressee (art. 12(2)).
CREATE TABLE entry_notice (
  province           text NOT NULL,
  id                 uuid NOT NULL,
  inspection_id      uuid NOT NULL,
  county_code        text NOT NULL,
  addressee_kind     text NOT NULL,
  addressee_code     text NOT NULL,
  -- The resource name of the addressee, to which the policies compare.
  addressee          text NOT NULL GENERATED ALWAYS AS ('provinces/' || province
                       || CASE addressee_kind WHEN 'CITY' THEN '/cities/' ELSE '/counties/' END
                       || addressee_code) STORED,
  document_number    text NOT NULL,
  planned_entry_date date NOT NULL,
  planned_end_date   date NOT NULL,
  issue_time         timestamptz NOT NULL,
  receive_time       timestamptz,
  receiver           text,
  version            bigint NOT NULL,
  CONSTRAINT entry_notice_pkey PRIMARY KEY (province, id),
  CONSTRAINT entry_notice_once_each UNIQUE (province, inspection_id, addressee_kind),
  CONSTRAINT entry_notice_kind CHECK (addressee_kind IN ('COUNTY', 'CITY')),
  CONSTRAINT entry_notice_receipt CHECK ((receive_time IS NULL) = (receiver IS NULL)),
  CONSTRAINT entry_notice_inspection_fk FOREIGN KEY (province, inspection_id) REFERENCES inspection,
  CONSTRAINT entry_notice_county_fk FOREIGN KEY (province, county_code) REFERENCES county
);

-- A briefing about a county's leading body (arts 12(3), 15(1)).
CREATE TABLE briefing (
  province            text NOT NULL,
  id                  uuid NOT NULL,
  county_code         text NOT NULL,
  author_party        text NOT NULL,
  author_city_code    text,
  author_subject      text NOT NULL,
  author_jurisdiction text NOT NULL GENERATED ALWAYS AS ('provinces/' || province
                        || coalesce('/cities/' || author_city_code, '')) STORED,
  content             text NOT NULL,
  create_time         timestamptz NOT NULL,
  CONSTRAINT briefing_pkey PRIMARY KEY (province, id),
  CONSTRAINT briefing_author CHECK (author_party IN
    ('CITY_COMMITTEE', 'DISCIPLINE_ORGAN', 'ORGANIZATION_DEPARTMENT', 'OTHER_DEPARTMENT')),
  CONSTRAINT briefing_county_fk FOREIGN KEY (province, county_code) REFERENCES county
);
CREATE INDEX briefing_by_county ON briefing (province, county_code);

ALTER TABLE entry_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_notice FORCE ROW LEVEL SECURITY;
ALTER TABLE briefing ENABLE ROW LEVEL SECURITY;
ALTER TABLE briefing FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON entry_notice FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY office_insert ON entry_notice FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE');
CREATE POLICY outside_read ON entry_notice FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction())
         AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'COUNTY_COMMITTEE'));
-- A receipt is given once: its day counts (art. 12(2)).
CREATE POLICY outside_receipt ON entry_notice FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction())
         AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'COUNTY_COMMITTEE') AND receive_time IS NULL)
  WITH CHECK (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction())
              AND receive_time IS NOT NULL);

-- The group reads what was said of the counties of its tasks.
CREATE POLICY inside_read ON briefing FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR county_code = ANY (ARRAY(
         SELECT i.county_code FROM inspection i
         WHERE i.province = (SELECT authz.province()) AND i.id = ANY ((SELECT authz.tasks())::uuid[])))));
-- Other departments (audit, petitions …) share a party, so there the person who
-- wrote stands for the department: none reads another's.
CREATE POLICY outside_read ON briefing FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND author_party = (SELECT authz.party())
         AND author_jurisdiction = (SELECT authz.jurisdiction())
         AND (author_party <> 'OTHER_DEPARTMENT' OR author_subject = (SELECT authz.subject())));
-- A city body briefs on the counties of its city, a provincial one on any.
CREATE POLICY outside_insert ON briefing FOR INSERT TO scheduling_outside
  WITH CHECK (province = (SELECT authz.province()) AND author_party = (SELECT authz.party())
         AND author_jurisdiction = (SELECT authz.jurisdiction()) AND author_subject = (SELECT authz.subject())
         AND ((SELECT authz.city()) = '' OR county_code = ANY (ARRAY(
           SELECT s.county_code FROM county_supervision s
           WHERE s.province = (SELECT authz.province()) AND s.city_code = (SELECT authz.city())))));

GRANT SELECT, INSERT ON entry_notice TO scheduling_inside;
GRANT SELECT, UPDATE (receive_time, receiver, version) ON entry_notice TO scheduling_outside;
GRANT SELECT ON briefing TO scheduling_inside;
GRANT SELECT, INSERT ON briefing TO scheduling_outside;

-- +goose Down
DROP TABLE briefing;
DROP TABLE entry_notice;
