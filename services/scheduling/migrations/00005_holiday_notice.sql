-- +goose Up
-- Holiday notices on their way into the calendar (arts 5, 12(2), 17): imported with a
-- dry run, activated by another person. What is active is in holiday_notice_active.
CREATE TABLE holiday_notice (
  province         text NOT NULL,
  id               uuid NOT NULL,
  notice_number    text NOT NULL,
  scope            text NOT NULL,
  publish_date     date NOT NULL,
  source           text NOT NULL,
  days             jsonb NOT NULL,
  state            text NOT NULL,
  proposer         text NOT NULL,
  activator        text,
  examined_count   integer NOT NULL,
  later_count      integer NOT NULL,
  earlier_count    integer NOT NULL,
  calendar_version text NOT NULL, -- of the dry run
  create_time      timestamptz NOT NULL,
  update_time      timestamptz NOT NULL,
  activate_time    timestamptz,
  version          bigint NOT NULL,
  CONSTRAINT holiday_notice_pkey PRIMARY KEY (province, id),
  CONSTRAINT holiday_notice_scope CHECK (scope IN ('NATIONAL', 'PROVINCIAL')),
  CONSTRAINT holiday_notice_state CHECK (state IN ('PROPOSED', 'ACTIVE', 'DISCARDED')),
  CONSTRAINT holiday_notice_active_since CHECK ((state = 'ACTIVE') = (activate_time IS NOT NULL)
    AND (state = 'ACTIVE') = (activator IS NOT NULL)),
  CONSTRAINT holiday_notice_two_persons CHECK (activator <> proposer),
  CONSTRAINT holiday_notice_counts CHECK (least(later_count, earlier_count) >= 0
    AND later_count + earlier_count <= examined_count),
  CONSTRAINT holiday_notice_days CHECK (jsonb_typeof(days) = 'array' AND jsonb_array_length(days) > 0)
);
-- The number of a discarded one is free again.
CREATE UNIQUE INDEX holiday_notice_number ON holiday_notice (province, notice_number) WHERE state <> 'DISCARDED';

-- What the dry run found to move, as the second person saw it.
CREATE TABLE holiday_notice_move (
  province             text NOT NULL,
  notice_id            uuid NOT NULL,
  position             integer NOT NULL,
  obligation           text NOT NULL,
  duty                 text NOT NULL,
  article              text NOT NULL,
  obligor              text NOT NULL,
  obligor_jurisdiction text NOT NULL,
  county               text,
  before_date          date NOT NULL,
  after_date           date NOT NULL,
  CONSTRAINT holiday_notice_move_pkey PRIMARY KEY (province, notice_id, position),
  CONSTRAINT holiday_notice_move_moves CHECK (before_date <> after_date),
  CONSTRAINT holiday_notice_move_notice_fk FOREIGN KEY (province, notice_id) REFERENCES holiday_notice
);

ALTER TABLE holiday_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE holiday_notice FORCE ROW LEVEL SECURITY;
ALTER TABLE holiday_notice_move ENABLE ROW LEVEL SECURITY;
ALTER TABLE holiday_notice_move FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON holiday_notice FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN
    ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE'));
CREATE POLICY office_propose ON holiday_notice FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
              AND state = 'PROPOSED' AND proposer = (SELECT authz.subject()));
-- Only a proposed one changes, and nobody activates in another's name.
CREATE POLICY second_person ON holiday_notice FOR UPDATE TO scheduling_inside
  USING (province = (SELECT authz.province()) AND state = 'PROPOSED'
         AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'))
  WITH CHECK (province = (SELECT authz.province())
              AND (state = 'ACTIVE' AND activator = (SELECT authz.subject())
                   OR state = 'DISCARDED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'));

CREATE POLICY inside_read ON holiday_notice_move FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE'));
-- Nothing is added to what another person signs for or has signed for.
CREATE POLICY office_insert ON holiday_notice_move FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    AND EXISTS (SELECT 1 FROM holiday_notice n WHERE n.province = holiday_notice_move.province
      AND n.id = holiday_notice_move.notice_id AND n.state = 'PROPOSED' AND n.proposer = (SELECT authz.subject())));

-- Into the calendar comes only what the second person has just activated, as it stands.
CREATE POLICY two_persons ON holiday_notice_active AS RESTRICTIVE FOR INSERT TO scheduling_inside
  WITH CHECK (EXISTS (SELECT FROM holiday_notice n WHERE n.province = holiday_notice_active.province
    AND n.notice_number = holiday_notice_active.id AND n.state = 'ACTIVE' AND n.activator = (SELECT authz.subject())
    AND (n.scope = 'PROVINCIAL') = (holiday_notice_active.jurisdiction <> '') AND n.publish_date = holiday_notice_active.publish_date
    AND n.source = holiday_notice_active.source AND n.days = holiday_notice_active.days));

GRANT SELECT, INSERT, UPDATE (state, activator, activate_time, update_time, version) ON holiday_notice TO scheduling_inside;
GRANT SELECT, INSERT ON holiday_notice_move TO scheduling_inside;

-- +goose Down
DROP POLICY two_persons ON holiday_notice_active;
DROP TABLE holiday_notice_move;
DROP TABLE holiday_notice;
