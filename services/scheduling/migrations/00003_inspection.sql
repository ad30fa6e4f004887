-- +goose Up
-- The inspection of one county in one batch: the task (arts 2, 3, 4, 12(4)).
CREATE TABLE inspection (
  province                  text NOT NULL,
  id                        uuid NOT NULL,
  batch_id                  uuid NOT NULL,
  county_code               text NOT NULL,
  city_code                 text,
  state                     text NOT NULL,
  planned_entry_date        date NOT NULL,
  planned_end_date          date NOT NULL,
  period_reason             text NOT NULL,
  group_id                  uuid,
  rule_set                  text,
  latest_notice_date        date NOT NULL,
  latest_notice_start       date NOT NULL,
  latest_notice_provisional boolean NOT NULL,
  latest_notice_article     text NOT NULL,
  latest_notice_rule_set    text NOT NULL,
  latest_notice_calendar    text NOT NULL,
  entry_date                date,
  on_site_end_date          date,
  feedback_receive_date     date,
  close_date                date,
  create_time               timestamptz NOT NULL,
  update_time               timestamptz NOT NULL,
  version                   bigint NOT NULL,
  CONSTRAINT inspection_pkey PRIMARY KEY (province, id),
  CONSTRAINT inspection_once_per_batch UNIQUE (province, batch_id, county_code),
  CONSTRAINT inspection_state CHECK (state IN ('PLANNED', 'AUTHORIZED', 'NOTICED', 'ON_SITE',
    'ON_SITE_ENDED', 'FEEDBACK_RECEIVED', 'CLOSED')),
  CONSTRAINT inspection_period CHECK (planned_end_date >= planned_entry_date AND on_site_end_date >= entry_date),
  CONSTRAINT inspection_authorized CHECK ((state = 'PLANNED') = (group_id IS NULL)
                                          AND (group_id IS NULL) = (rule_set IS NULL)),
  CONSTRAINT inspection_entered CHECK ((state IN ('PLANNED', 'AUTHORIZED', 'NOTICED')) = (entry_date IS NULL)),
  CONSTRAINT inspection_left CHECK
    ((state IN ('PLANNED', 'AUTHORIZED', 'NOTICED', 'ON_SITE')) = (on_site_end_date IS NULL)),
  CONSTRAINT inspection_fed_back CHECK
    ((state IN ('FEEDBACK_RECEIVED', 'CLOSED')) = (feedback_receive_date IS NOT NULL)),
  CONSTRAINT inspection_closed CHECK ((state = 'CLOSED') = (close_date IS NOT NULL)),
  -- A group is given one county at a time (art. 4). A stay that has ended blocks
  -- nothing: an overrun one must be able to end in the days of the next.
  CONSTRAINT inspection_group_free EXCLUDE USING gist (province WITH =, group_id WITH =,
    daterange(coalesce(entry_date, planned_entry_date), planned_end_date, '[]') WITH &&)
    WHERE (state IN ('AUTHORIZED', 'NOTICED', 'ON_SITE')),
  CONSTRAINT inspection_batch_fk FOREIGN KEY (province, batch_id) REFERENCES batch,
  CONSTRAINT inspection_county_fk FOREIGN KEY (province, county_code) REFERENCES county,
  CONSTRAINT inspection_city_fk FOREIGN KEY (province, city_code) REFERENCES city,
  CONSTRAINT inspection_group_fk FOREIGN KEY (province, group_id) REFERENCES inspection_group
);
-- However long it stays, it enters the next county after it left the last (art. 4).
CREATE UNIQUE INDEX inspection_group_on_site ON inspection (province, group_id) WHERE state = 'ON_SITE';
CREATE INDEX inspection_by_group ON inspection (province, group_id);
CREATE INDEX inspection_covering ON inspection (province, entry_date, county_code)
  WHERE feedback_receive_date IS NOT NULL;

ALTER TABLE inspection ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON inspection FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('PROVINCIAL_COMMITTEE', 'LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE')
    OR id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY office_insert ON inspection FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'INSPECTION_OFFICE');
-- Another service announces the feedback and the closing (arts 11, 17).
CREATE POLICY office_update ON inspection FOR UPDATE TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('INSPECTION_OFFICE', 'SERVICE'))
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('INSPECTION_OFFICE', 'SERVICE'));

GRANT SELECT, INSERT, UPDATE ON inspection TO scheduling_inside;

-- +goose Down
DROP TABLE inspection;
