-- +goose Up
-- Petitions (来信来电来访, art. 8): the group of the task and nobody else, neither
-- the office nor the leading group (domain.md §8). No column holds where one came
-- from.
CREATE TABLE petition (
  province      text NOT NULL,
  inspection_id uuid NOT NULL,
  id            uuid NOT NULL,
  number        integer NOT NULL,
  channel       text NOT NULL,
  real_name     boolean NOT NULL,
  content       text NOT NULL,
  accused_posts text[] NOT NULL,
  state         text NOT NULL,
  outcome       text,
  create_time   timestamptz NOT NULL,
  version       bigint NOT NULL,
  CONSTRAINT petition_pkey PRIMARY KEY (province, inspection_id, id),
  CONSTRAINT petition_number UNIQUE (province, inspection_id, number),
  CONSTRAINT petition_number_from_1 CHECK (number >= 1),
  CONSTRAINT petition_channel CHECK (channel IN ('LETTER', 'CALL', 'VISIT', 'ONLINE')),
  CONSTRAINT petition_state CHECK (state IN ('REGISTERED', 'CONCLUDED')),
  CONSTRAINT petition_outcome CHECK (outcome IN ('WORKING_PAPER', 'FORWARDED', 'NO_ACTION')),
  CONSTRAINT petition_concluded CHECK ((state = 'CONCLUDED') = (outcome IS NOT NULL)),
  CONSTRAINT petition_version CHECK (version >= 1),
  CONSTRAINT petition_case_file_fk FOREIGN KEY (province, inspection_id) REFERENCES case_file
);

-- petition_counter holds the last number given in a case file. It is a table of
-- its own so that a group writes nothing in case_file.
CREATE TABLE petition_counter (
  province      text NOT NULL,
  inspection_id uuid NOT NULL,
  last          integer NOT NULL,
  CONSTRAINT petition_counter_pkey PRIMARY KEY (province, inspection_id),
  CONSTRAINT petition_counter_from_0 CHECK (last >= 0),
  CONSTRAINT petition_counter_case_file_fk FOREIGN KEY (province, inspection_id) REFERENCES case_file
);

ALTER TABLE petition ENABLE ROW LEVEL SECURITY;
ALTER TABLE petition FORCE ROW LEVEL SECURITY;
ALTER TABLE petition_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE petition_counter FORCE ROW LEVEL SECURITY;
-- authz.tasks() is empty for every party but INSPECTION_GROUP.
CREATE POLICY group_read ON petition FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
CREATE POLICY group_insert ON petition FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND state = 'REGISTERED');
CREATE POLICY group_update ON petition FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
         AND state = 'REGISTERED')
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
CREATE POLICY group_read ON petition_counter FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
CREATE POLICY group_update ON petition_counter FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
CREATE POLICY service_insert ON petition_counter FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'SERVICE');
GRANT SELECT, INSERT, UPDATE (state, outcome, version) ON petition TO casefile_inside;
GRANT SELECT, INSERT, UPDATE (last) ON petition_counter TO casefile_inside;

-- +goose Down
DROP TABLE petition_counter;
DROP TABLE petition;
