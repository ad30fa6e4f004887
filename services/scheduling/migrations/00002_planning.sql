-- +goose Up
-- Terms of the provincial committee (art. 2).
CREATE TABLE term (
  province     text NOT NULL,
  id           uuid NOT NULL,
  display_name text NOT NULL,
  start_date   date NOT NULL,
  end_date     date NOT NULL,
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL,
  version      bigint NOT NULL,
  CONSTRAINT term_pkey PRIMARY KEY (province, id),
  CONSTRAINT term_period CHECK (end_date >= start_date),
  CONSTRAINT term_no_overlap EXCLUDE USING gist
    (province WITH =, daterange(start_date, end_date, '[]') WITH &&)
);

-- Inspection groups (arts 4, 12(6)). task_count is counted up with each task, so
-- that giving a task and taking out a member never pass each other unseen.
CREATE TABLE inspection_group (
  province     text NOT NULL,
  id           uuid NOT NULL,
  display_name text NOT NULL,
  task_count   integer NOT NULL DEFAULT 0,
  create_time  timestamptz NOT NULL,
  update_time  timestamptz NOT NULL,
  version      bigint NOT NULL,
  CONSTRAINT inspection_group_pkey PRIMARY KEY (province, id)
);

-- A member who left keeps the row, with the reason (回避).
CREATE TABLE group_member (
  province      text NOT NULL,
  group_id      uuid NOT NULL,
  subject       text NOT NULL,
  display_name  text NOT NULL,
  post          text NOT NULL,
  position      integer NOT NULL,
  remove_time   timestamptz,
  remove_reason text,
  CONSTRAINT group_member_pkey PRIMARY KEY (province, group_id, subject),
  CONSTRAINT group_member_post CHECK (post IN ('LEADER', 'DEPUTY_LEADER', 'MEMBER')),
  CONSTRAINT group_member_leader_stays CHECK (remove_time IS NULL OR post <> 'LEADER'),
  CONSTRAINT group_member_removal CHECK ((remove_time IS NULL) = (remove_reason IS NULL)),
  CONSTRAINT group_member_group_fk FOREIGN KEY (province, group_id) REFERENCES inspection_group
);
CREATE UNIQUE INDEX group_member_one_leader ON group_member (province, group_id) WHERE post = 'LEADER';

-- Decisions of the leading group (art. 5). There is no right to change one.
CREATE TABLE decision (
  province        text NOT NULL,
  id              uuid NOT NULL,
  document_number text NOT NULL,
  decide_date     date NOT NULL,
  create_time     timestamptz NOT NULL,
  CONSTRAINT decision_pkey PRIMARY KEY (province, id),
  CONSTRAINT decision_number UNIQUE (province, document_number)
);

CREATE TABLE decision_item (
  province    text NOT NULL,
  decision_id uuid NOT NULL,
  position    integer NOT NULL,
  kind        text NOT NULL,
  subject     text NOT NULL,
  text        text NOT NULL,
  CONSTRAINT decision_item_pkey PRIMARY KEY (province, decision_id, position),
  CONSTRAINT decision_item_kind CHECK (kind IN ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION')),
  CONSTRAINT decision_item_decision_fk FOREIGN KEY (province, decision_id) REFERENCES decision
);

-- Batches of inspections (arts 5, 12(1)); the hearing clock runs from end_date.
CREATE TABLE batch (
  province                text NOT NULL,
  id                      uuid NOT NULL,
  display_name            text NOT NULL,
  term_id                 uuid NOT NULL,
  state                   text NOT NULL,
  decision_id             uuid,
  end_date                date,
  hearing_due_date        date,
  hearing_due_start       date,
  hearing_due_provisional boolean NOT NULL DEFAULT false,
  hearing_due_article     text,
  hearing_due_rule_set    text,
  hearing_due_calendar    text NOT NULL DEFAULT '',
  create_time             timestamptz NOT NULL,
  update_time             timestamptz NOT NULL,
  version                 bigint NOT NULL,
  CONSTRAINT batch_pkey PRIMARY KEY (province, id),
  CONSTRAINT batch_state CHECK (state IN ('DRAFT', 'APPROVED', 'ENDED')),
  CONSTRAINT batch_approved_by_decision CHECK ((state = 'DRAFT') = (decision_id IS NULL)),
  CONSTRAINT batch_ended CHECK ((state = 'ENDED') = (end_date IS NOT NULL)
                                AND (state = 'ENDED') = (hearing_due_date IS NOT NULL)),
  CONSTRAINT batch_term_fk FOREIGN KEY (province, term_id) REFERENCES term,
  CONSTRAINT batch_decision_fk FOREIGN KEY (province, decision_id) REFERENCES decision
);

ALTER TABLE term ENABLE ROW LEVEL SECURITY;
ALTER TABLE term FORCE ROW LEVEL SECURITY;
ALTER TABLE inspection_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_group FORCE ROW LEVEL SECURITY;
ALTER TABLE group_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_member FORCE ROW LEVEL SECURITY;
ALTER TABLE decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE decision FORCE ROW LEVEL SECURITY;
ALTER TABLE decision_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE decision_item FORCE ROW LEVEL SECURITY;
ALTER TABLE batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE batch FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON term FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN
    ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE'));
CREATE POLICY inside_read ON inspection_group FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'));
CREATE POLICY inside_read ON group_member FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'));
-- The other services check a gate with a decision (arts 10, 11, 17).
CREATE POLICY inside_read ON decision FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province())
         AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE'));
CREATE POLICY inside_read ON decision_item FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province())
         AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE'));
CREATE POLICY inside_read ON batch FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'));

CREATE POLICY leading_group_insert ON decision FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'LEADING_GROUP');
CREATE POLICY leading_group_insert ON decision_item FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'LEADING_GROUP');

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['term', 'inspection_group', 'group_member', 'batch'] LOOP
    EXECUTE format($f$
      CREATE POLICY office_insert ON %I FOR INSERT TO scheduling_inside
        WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')$f$, t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['inspection_group', 'group_member', 'batch'] LOOP
    EXECUTE format($f$
      CREATE POLICY office_update ON %I FOR UPDATE TO scheduling_inside
        USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')
        WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE')$f$, t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT ON term, decision, decision_item TO scheduling_inside;
GRANT SELECT, INSERT, UPDATE ON inspection_group, group_member, batch TO scheduling_inside;

-- +goose Down
DROP TABLE batch;
DROP TABLE decision_item;
DROP TABLE decision;
DROP TABLE group_member;
DROP TABLE inspection_group;
DROP TABLE term;
