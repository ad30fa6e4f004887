-- +goose Up
-- The case file (案卷) of an inspection. Its id is the inspection's; its members
-- are the rows of task_member (art. 8). Only scheduling writes it, by event.
CREATE TABLE case_file (
  province            text NOT NULL,
  id                  uuid NOT NULL,
  county_code         text NOT NULL,
  county_display_name text NOT NULL,
  rule_set            text NOT NULL,
  entry_date          date,
  on_site_end_date    date,
  create_time         timestamptz NOT NULL,
  update_time         timestamptz NOT NULL,
  version             bigint NOT NULL,
  CONSTRAINT case_file_pkey PRIMARY KEY (province, id),
  CONSTRAINT case_file_county CHECK (county_code ~ '^[0-9]{6}$' AND left(county_code, 2) = province),
  CONSTRAINT case_file_stay CHECK (on_site_end_date IS NULL OR on_site_end_date >= entry_date),
  CONSTRAINT case_file_version CHECK (version >= 1)
);
CREATE INDEX case_file_by_creation ON case_file (province, create_time, id);

ALTER TABLE case_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_file FORCE ROW LEVEL SECURITY;
CREATE POLICY inside_read ON case_file FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE')
    OR id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY service_insert ON case_file FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE');
CREATE POLICY service_update ON case_file FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE')
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE');
GRANT SELECT, INSERT, UPDATE (entry_date, on_site_end_date, update_time, version) ON case_file TO casefile_inside;

-- +goose Down
DROP TABLE case_file;
