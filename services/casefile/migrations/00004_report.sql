-- +goose Up
-- The inspection report (巡视报告, art. 10): one for a case file; what the leading
-- group agreed to never changes (arts 5, 10, 11).
CREATE TABLE inspection_report (
  province         text NOT NULL,
  inspection_id    uuid NOT NULL,
  id               uuid NOT NULL,
  content          text NOT NULL,
  state            text NOT NULL,
  leader           text,
  leader_sign_time timestamptz,
  decision_id      uuid,
  return_opinion   text NOT NULL,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  version          bigint NOT NULL,
  CONSTRAINT inspection_report_pkey PRIMARY KEY (province, id),
  CONSTRAINT inspection_report_one_per_case_file UNIQUE (province, inspection_id),
  CONSTRAINT inspection_report_with_case_file UNIQUE (province, inspection_id, id),
  CONSTRAINT inspection_report_state CHECK (state IN ('DRAFT', 'SUBMITTED', 'RETURNED', 'AGREED')),
  CONSTRAINT inspection_report_leader CHECK ((leader IS NULL) = (leader_sign_time IS NULL)),
  CONSTRAINT inspection_report_signed CHECK ((state IN ('SUBMITTED', 'AGREED')) = (leader IS NOT NULL)),
  CONSTRAINT inspection_report_decided CHECK ((state = 'AGREED') = (decision_id IS NOT NULL)),
  CONSTRAINT inspection_report_version CHECK (version >= 1),
  CONSTRAINT inspection_report_case_file_fk FOREIGN KEY (province, inspection_id) REFERENCES case_file
);
CREATE INDEX inspection_report_by_creation ON inspection_report (province, create_time, id);

-- The findings that a report names are of its own case file.
CREATE TABLE inspection_report_finding (
  province      text NOT NULL,
  inspection_id uuid NOT NULL,
  report_id     uuid NOT NULL,
  finding_id    uuid NOT NULL,
  position      integer NOT NULL,
  CONSTRAINT inspection_report_finding_pkey PRIMARY KEY (province, report_id, finding_id),
  CONSTRAINT inspection_report_finding_order UNIQUE (province, report_id, position),
  CONSTRAINT inspection_report_finding_report_fk FOREIGN KEY (province, inspection_id, report_id)
    REFERENCES inspection_report (province, inspection_id, id),
  CONSTRAINT inspection_report_finding_fk FOREIGN KEY (province, inspection_id, finding_id) REFERENCES finding
);

ALTER TABLE inspection_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_report FORCE ROW LEVEL SECURITY;
ALTER TABLE inspection_report_finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_report_finding FORCE ROW LEVEL SECURITY;
-- Rectification asks as SERVICE whether a report is agreed (art. 11).
CREATE POLICY inside_read ON inspection_report FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY group_insert ON inspection_report FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND state = 'DRAFT');
CREATE POLICY group_update ON inspection_report FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
         AND state IN ('DRAFT', 'RETURNED'))
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND state <> 'AGREED');
-- Only the leading group agrees; the office may send back.
CREATE POLICY office_update ON inspection_report FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province())
         AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE') AND state = 'SUBMITTED')
  WITH CHECK (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE') AND state = 'RETURNED'
    OR (SELECT authz.party()) = 'LEADING_GROUP' AND state = 'AGREED'));
GRANT SELECT, INSERT, UPDATE (content, state, leader, leader_sign_time, decision_id, return_opinion, update_time,
  version) ON inspection_report TO casefile_inside;

CREATE POLICY inside_read ON inspection_report_finding FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
-- While the report is with the group, and then no more. The inner query sees the
-- report by the policies above.
CREATE POLICY group_insert ON inspection_report_finding FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND EXISTS (SELECT 1 FROM inspection_report r WHERE r.province = inspection_report_finding.province
                          AND r.id = report_id AND r.state IN ('DRAFT', 'RETURNED')));
CREATE POLICY group_delete ON inspection_report_finding FOR DELETE TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
         AND EXISTS (SELECT 1 FROM inspection_report r WHERE r.province = inspection_report_finding.province
                     AND r.id = report_id AND r.state IN ('DRAFT', 'RETURNED')));
GRANT SELECT, INSERT, DELETE ON inspection_report_finding TO casefile_inside;

-- +goose Down
DROP TABLE inspection_report_finding;
DROP TABLE inspection_report;
