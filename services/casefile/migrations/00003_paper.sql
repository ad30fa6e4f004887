-- +goose Up
-- Working papers (问题底稿) with the signatures of the three levels (三级审核), and
-- the findings drawn from those that passed (arts 6, 7, 8, 10).
CREATE TABLE working_paper (
  province         text NOT NULL,
  inspection_id    uuid NOT NULL,
  id               uuid NOT NULL,
  title            text NOT NULL,
  facts            text NOT NULL,
  state            text NOT NULL,
  author           text NOT NULL,
  review_opinion   text NOT NULL,
  withdraw_reason  text NOT NULL,
  author_sign_time timestamptz,
  leader           text,
  leader_sign_time timestamptz,
  office           text,
  office_sign_time timestamptz,
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  version          bigint NOT NULL,
  CONSTRAINT working_paper_pkey PRIMARY KEY (province, inspection_id, id),
  CONSTRAINT working_paper_state CHECK (state IN ('DRAFT', 'LEADER_REVIEW', 'OFFICE_REVIEW',
    'RETURNED_TO_MEMBER', 'RETURNED_TO_LEADER', 'PASSED', 'WITHDRAWN')),
  CONSTRAINT working_paper_withdrawn CHECK ((state = 'WITHDRAWN') = (withdraw_reason <> '')),
  CONSTRAINT working_paper_leader CHECK ((leader IS NULL) = (leader_sign_time IS NULL)),
  CONSTRAINT working_paper_office CHECK ((office IS NULL) = (office_sign_time IS NULL)),
  -- Which signatures stand follows from the state, so a changed paper has none.
  CONSTRAINT working_paper_author_signed CHECK
    ((state IN ('DRAFT', 'RETURNED_TO_MEMBER', 'WITHDRAWN')) = (author_sign_time IS NULL)),
  CONSTRAINT working_paper_leader_signed CHECK
    ((state IN ('OFFICE_REVIEW', 'PASSED')) = (leader IS NOT NULL)),
  CONSTRAINT working_paper_office_signed CHECK ((state = 'PASSED') = (office IS NOT NULL)),
  -- Nobody reviews his own paper.
  CONSTRAINT working_paper_reviewers CHECK (leader <> author AND office <> author),
  CONSTRAINT working_paper_version CHECK (version >= 1),
  CONSTRAINT working_paper_case_file_fk FOREIGN KEY (province, inspection_id) REFERENCES case_file
);
CREATE INDEX working_paper_by_creation ON working_paper (province, inspection_id, create_time, id);

-- The paper's state stands in the key, so that a finding on a paper that is not
-- passed cannot be stored; a passed paper never changes.
ALTER TABLE working_paper ADD CONSTRAINT working_paper_with_state UNIQUE (province, inspection_id, id, state);

CREATE TABLE finding (
  province         text NOT NULL,
  inspection_id    uuid NOT NULL,
  id               uuid NOT NULL,
  working_paper_id uuid NOT NULL,
  paper_state      text NOT NULL GENERATED ALWAYS AS ('PASSED') STORED,
  description      text NOT NULL,
  content_codes    text[] NOT NULL,
  create_time      timestamptz NOT NULL,
  CONSTRAINT finding_pkey PRIMARY KEY (province, inspection_id, id),
  CONSTRAINT finding_has_content CHECK (cardinality(content_codes) >= 1),
  CONSTRAINT finding_case_file_fk FOREIGN KEY (province, inspection_id) REFERENCES case_file,
  CONSTRAINT finding_paper_passed_fk FOREIGN KEY (province, inspection_id, working_paper_id, paper_state)
    REFERENCES working_paper (province, inspection_id, id, state)
);
CREATE INDEX finding_by_creation ON finding (province, inspection_id, create_time, id);

ALTER TABLE working_paper ENABLE ROW LEVEL SECURITY;
ALTER TABLE working_paper FORCE ROW LEVEL SECURITY;
ALTER TABLE finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE finding FORCE ROW LEVEL SECURITY;
CREATE POLICY inside_read ON working_paper FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
-- A draft has no signature (working_paper_author_signed and the like).
CREATE POLICY group_insert ON working_paper FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND author = (SELECT authz.subject()) AND state = 'DRAFT');
-- The group cannot give the office's signature, nor the office the group's. What
-- is with the office the group may withdraw, and no more (working_paper_with_office).
CREATE POLICY group_update ON working_paper FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
         AND state NOT IN ('PASSED', 'WITHDRAWN'))
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
              AND state NOT IN ('RETURNED_TO_LEADER', 'PASSED'));
CREATE POLICY office_update ON working_paper FOR UPDATE TO casefile_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
         AND state = 'OFFICE_REVIEW')
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
              AND state IN ('RETURNED_TO_LEADER', 'PASSED'));
GRANT SELECT, INSERT, UPDATE (title, facts, state, review_opinion, withdraw_reason, author_sign_time, leader, leader_sign_time,
  office, office_sign_time, update_time, version) ON working_paper TO casefile_inside;

-- No policy sees a row before and after at once. A paper that is with the office
-- keeps its words, and goes on or back or out; who may which, the policies say.
-- +goose StatementBegin
CREATE FUNCTION refuse_paper_with_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the paper is with the office' USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd
CREATE TRIGGER working_paper_with_office BEFORE UPDATE ON working_paper FOR EACH ROW
  WHEN (OLD.state = 'OFFICE_REVIEW' AND (NEW.state NOT IN ('RETURNED_TO_LEADER', 'PASSED', 'WITHDRAWN')
        OR (NEW.title, NEW.facts) IS DISTINCT FROM (OLD.title, OLD.facts)))
  EXECUTE FUNCTION refuse_paper_with_office();

CREATE POLICY inside_read ON finding FOR SELECT TO casefile_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY group_insert ON finding FOR INSERT TO casefile_inside
  WITH CHECK (province = (SELECT authz.province()) AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]));
GRANT SELECT, INSERT ON finding TO casefile_inside;

-- +goose Down
DROP TABLE finding;
DROP TABLE working_paper;
DROP FUNCTION refuse_paper_with_office;
