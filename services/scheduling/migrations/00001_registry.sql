-- +goose Up
-- Scalars and dates in exclusion constraints; a trusted extension, so the owner
-- of the database may make it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- The divisions of a province (art. 1).
CREATE TABLE province (
  province     text NOT NULL,
  display_name text NOT NULL,
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL,
  CONSTRAINT province_pkey PRIMARY KEY (province),
  CONSTRAINT province_code CHECK (province ~ '^[0-9]{2}$')
);

CREATE TABLE city (
  province     text NOT NULL,
  code         text NOT NULL,
  display_name text NOT NULL,
  CONSTRAINT city_pkey PRIMARY KEY (province, code),
  CONSTRAINT city_code CHECK (code ~ '^[0-9]{6}$' AND left(code, 2) = province),
  CONSTRAINT city_province_fk FOREIGN KEY (province) REFERENCES province
);

CREATE TABLE county (
  province       text NOT NULL,
  code           text NOT NULL,
  display_name   text NOT NULL,
  township_count integer NOT NULL,
  CONSTRAINT county_pkey PRIMARY KEY (province, code),
  CONSTRAINT county_code CHECK (code ~ '^[0-9]{6}$' AND left(code, 2) = province),
  CONSTRAINT county_townships CHECK (township_count >= 0),
  CONSTRAINT county_province_fk FOREIGN KEY (province) REFERENCES province
);

-- Whose committee leads a county's Party committee, and when. It is a dated fact
-- and not the prefix of the code; no city_code means directly under the province.
CREATE TABLE county_supervision (
  province    text NOT NULL,
  county_code text NOT NULL,
  from_date   date NOT NULL,
  to_date     date,
  city_code   text,
  CONSTRAINT county_supervision_pkey PRIMARY KEY (province, county_code, from_date),
  CONSTRAINT county_supervision_period CHECK (to_date >= from_date),
  CONSTRAINT county_supervision_one_at_a_time EXCLUDE USING gist
    (province WITH =, county_code WITH =, daterange(from_date, to_date, '[]') WITH &&),
  CONSTRAINT county_supervision_county_fk FOREIGN KEY (province, county_code) REFERENCES county,
  CONSTRAINT county_supervision_city_fk FOREIGN KEY (province, city_code) REFERENCES city
);
CREATE INDEX county_supervision_by_city ON county_supervision (province, city_code);

ALTER TABLE province ENABLE ROW LEVEL SECURITY;
ALTER TABLE province FORCE ROW LEVEL SECURITY;
ALTER TABLE city ENABLE ROW LEVEL SECURITY;
ALTER TABLE city FORCE ROW LEVEL SECURITY;
ALTER TABLE county ENABLE ROW LEVEL SECURITY;
ALTER TABLE county FORCE ROW LEVEL SECURITY;
ALTER TABLE county_supervision ENABLE ROW LEVEL SECURITY;
ALTER TABLE county_supervision FORCE ROW LEVEL SECURITY;

-- The registry is no secret among the provincial bodies; only the office loads it.
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['province', 'city', 'county', 'county_supervision'] LOOP
    EXECUTE format($f$
      CREATE POLICY inside_read ON %I FOR SELECT TO scheduling_inside
        USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN
          ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE', 'INSPECTION_GROUP'))$f$, t);
    EXECUTE format($f$
      CREATE POLICY office_insert ON %I FOR INSERT TO scheduling_inside
        WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')$f$, t);
    EXECUTE format($f$
      CREATE POLICY office_update ON %I FOR UPDATE TO scheduling_inside
        USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')
        WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')$f$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- A city sees itself and the counties of which it has a relation, a county itself
-- (art. 15). Whether the relation holds today is for the query, since the
-- business day is not the database's.
CREATE POLICY outside_read ON city FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND code = (SELECT authz.city())
         AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
-- The departments of a city look up here which counties they may brief on (art. 15(1)).
CREATE POLICY outside_read ON county_supervision FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province())
         AND (city_code = (SELECT authz.city()) OR county_code = (SELECT authz.county())));
CREATE POLICY outside_read ON county FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND (
    ((SELECT authz.party()) = 'COUNTY_COMMITTEE' AND code = (SELECT authz.county()))
    OR ((SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY') AND code = ANY (ARRAY(
          SELECT s.county_code FROM county_supervision s
          WHERE s.province = (SELECT authz.province()) AND s.city_code = (SELECT authz.city()))))));

GRANT SELECT, INSERT, UPDATE ON province, city, county, county_supervision TO scheduling_inside;
GRANT SELECT ON city, county, county_supervision TO scheduling_outside;

-- +goose Down
DROP POLICY outside_read ON county; -- it reads county_supervision
DROP TABLE county_supervision;
DROP TABLE county;
DROP TABLE city;
DROP TABLE province;
DROP EXTENSION btree_gist;
