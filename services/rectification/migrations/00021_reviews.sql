-- +goose Up
-- The last leader of the group, by name: that person countersigns when the group is dissolved
-- (art. 17).
ALTER TABLE task ADD COLUMN leader_name text NOT NULL DEFAULT '';
CREATE POLICY migration ON task TO rectification_owner USING (true) WITH CHECK (true);
UPDATE task t SET leader_name = m.display_name FROM task_member m
WHERE m.province = t.province AND m.inspection_id = t.inspection_id AND m.leader;
DROP POLICY migration ON task;
GRANT UPDATE (leader_name) ON task TO rectification_inside;

-- submission_step: where each submission got to, when and by whom. City and county read all
-- of it but the person.
CREATE TABLE submission_step (
  province         text NOT NULL,
  rectification_id uuid NOT NULL,
  kind             text NOT NULL,
  number           integer NOT NULL,
  state            text NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  actor            text NOT NULL,
  step_date        date NOT NULL,
  step_time        timestamptz NOT NULL,
  CONSTRAINT submission_step_pkey PRIMARY KEY (province, rectification_id, kind, number, state),
  CONSTRAINT submission_step_submission FOREIGN KEY (province, rectification_id, kind)
    REFERENCES submission (province, rectification_id, kind),
  CONSTRAINT submission_step_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT submission_step_state CHECK (state IN ('SUBMITTED', 'WITHDRAWN', 'RETURNED', 'GROUP_PASSED', 'FORWARDED', 'RECEIVED')),
  CONSTRAINT submission_step_actor CHECK (actor <> '')
);

-- submission_reply: the one reply to a submission, which the county reads and its city does not.
CREATE TABLE submission_reply (
  province          text NOT NULL,
  rectification_id  uuid NOT NULL,
  kind              text NOT NULL,
  number            integer NOT NULL,
  inspection_id     uuid NOT NULL,
  county_code       text NOT NULL,
  city_code         text NOT NULL,
  verdict           text NOT NULL,
  opinion           text NOT NULL,
  item_opinions     jsonb NOT NULL,
  leader            text NOT NULL,
  countersign_date  date,
  reply_time        timestamptz NOT NULL,
  CONSTRAINT submission_reply_pkey PRIMARY KEY (province, rectification_id, kind, number),
  CONSTRAINT submission_reply_submission FOREIGN KEY (province, rectification_id, kind)
    REFERENCES submission (province, rectification_id, kind),
  CONSTRAINT submission_reply_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT submission_reply_verdict CHECK (verdict = 'PASS' OR verdict = 'RETURN' AND opinion <> ''),
  CONSTRAINT submission_reply_countersigned CHECK ((leader = '') = (countersign_date IS NULL))
);

-- submission_review: what one body says to a submission before the reply. Neither county nor
-- city has any policy on it.
CREATE TABLE submission_review (
  province         text NOT NULL,
  id               uuid NOT NULL,
  rectification_id uuid NOT NULL,
  kind             text NOT NULL,
  number           integer NOT NULL,
  inspection_id    uuid NOT NULL,
  county_code      text NOT NULL,
  city_code        text NOT NULL,
  reviewer         text NOT NULL,
  addressee        text NOT NULL,
  state            text NOT NULL,
  content          jsonb NOT NULL,
  opinion          text NOT NULL,
  item_opinions    jsonb NOT NULL,
  inviter          text NOT NULL,
  author           text NOT NULL,
  create_time      timestamptz NOT NULL,
  give_time        timestamptz,
  version          bigint NOT NULL,
  CONSTRAINT submission_review_pkey PRIMARY KEY (province, id),
  CONSTRAINT submission_review_one_per_body UNIQUE (province, rectification_id, kind, number, reviewer, addressee),
  CONSTRAINT submission_review_submission FOREIGN KEY (province, rectification_id, kind)
    REFERENCES submission (province, rectification_id, kind),
  CONSTRAINT submission_review_rectification FOREIGN KEY (province, rectification_id, inspection_id, county_code, city_code)
    REFERENCES rectification (province, id, inspection_id, county_code, city_code),
  CONSTRAINT submission_review_reviewer CHECK (reviewer IN ('DISCIPLINE_ORGAN', 'ORGANIZATION_DEPARTMENT', 'INSPECTION_OFFICE', 'INSPECTION_GROUP')),
  CONSTRAINT submission_review_addressee CHECK (addressee = 'provinces/' || province
    OR city_code <> '' AND addressee = 'provinces/' || province || '/cities/' || city_code AND reviewer IN ('DISCIPLINE_ORGAN', 'ORGANIZATION_DEPARTMENT')),
  CONSTRAINT submission_review_state CHECK (state IN ('INVITED', 'GIVEN', 'CLOSED')),
  CONSTRAINT submission_review_given CHECK ((state = 'GIVEN') = (give_time IS NOT NULL) AND (state = 'GIVEN') = (author <> '')
    AND (state = 'GIVEN') = (opinion <> '')),
  CONSTRAINT submission_review_version CHECK (version > 0)
);
CREATE INDEX submission_review_by_addressee ON submission_review (province, addressee, reviewer, id);

-- Two persons: nobody replies to what he submitted or forwards what he passed (art. 17).
-- +goose StatementBegin
CREATE FUNCTION submission_two_persons() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM public.submission_step s WHERE s.province = NEW.province AND s.rectification_id = NEW.rectification_id
      AND s.kind = NEW.kind AND s.number = NEW.number AND s.actor = NEW.actor
      AND (s.state, NEW.state) IN (('SUBMITTED', 'GROUP_PASSED'), ('SUBMITTED', 'RETURNED'), ('GROUP_PASSED', 'FORWARDED')))
  THEN
    RAISE EXCEPTION 'submission % of %: % is of another person', NEW.kind, NEW.rectification_id, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'submission_two_persons';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER submission_two_persons BEFORE INSERT ON submission_step FOR EACH ROW
  WHEN (NEW.state IN ('RETURNED', 'GROUP_PASSED', 'FORWARDED')) EXECUTE FUNCTION submission_two_persons();

ALTER TABLE submission_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE submission_step FORCE ROW LEVEL SECURITY;
ALTER TABLE submission_reply ENABLE ROW LEVEL SECURITY;
ALTER TABLE submission_reply FORCE ROW LEVEL SECURITY;
ALTER TABLE submission_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE submission_review FORCE ROW LEVEL SECURITY;

-- Where the group is dissolved, which is to say nobody is a member any more, the office replies.
DROP POLICY inside_update ON submission;
CREATE POLICY inside_update ON submission FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state = 'SUBMITTED' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state = 'SUBMITTED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND NOT EXISTS (
      SELECT FROM task_member m WHERE m.province = submission.province AND m.inspection_id = submission.inspection_id)
    OR state = 'GROUP_PASSED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'LEADING_GROUP'))
  WITH CHECK (
    state IN ('GROUP_PASSED', 'RETURNED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state IN ('GROUP_PASSED', 'RETURNED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND NOT EXISTS (
      SELECT FROM task_member m WHERE m.province = submission.province AND m.inspection_id = submission.inspection_id)
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'RECEIVED' AND (SELECT authz.party()) = 'LEADING_GROUP');

CREATE POLICY inside_read ON submission_step FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE') OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
-- A step is written in its own name, once the submission is there.
CREATE POLICY inside_insert ON submission_step FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND actor = (SELECT authz.subject()) AND EXISTS (
    SELECT FROM submission s WHERE s.province = submission_step.province AND s.rectification_id = submission_step.rectification_id
      AND s.kind = submission_step.kind AND s.submission_count = submission_step.number AND s.state = submission_step.state)
    AND CASE state
      WHEN 'FORWARDED' THEN (SELECT authz.party()) = 'INSPECTION_OFFICE'
      WHEN 'RECEIVED' THEN (SELECT authz.party()) = 'LEADING_GROUP'
      WHEN 'SUBMITTED' THEN false WHEN 'WITHDRAWN' THEN false
      ELSE (SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
GRANT SELECT, INSERT ON submission_step TO rectification_inside;
CREATE POLICY outside_read ON submission_step FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) AND EXISTS (
      SELECT FROM delivery d WHERE d.province = submission_step.province AND d.county_code = submission_step.county_code
        AND d.rectification_id = submission_step.rectification_id AND d.kind = submission_step.kind || '_COPY'
        AND d.submission = submission_step.number)
    ELSE false END);
CREATE POLICY outside_insert ON submission_step FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND actor = (SELECT authz.subject()) AND state IN ('SUBMITTED', 'WITHDRAWN') AND EXISTS (
      SELECT FROM submission s WHERE s.province = submission_step.province AND s.rectification_id = submission_step.rectification_id
        AND s.kind = submission_step.kind AND s.submission_count = submission_step.number AND s.state = submission_step.state));
GRANT SELECT (province, rectification_id, kind, number, state, inspection_id, county_code, city_code, step_date, step_time), INSERT
  ON submission_step TO rectification_outside;

CREATE POLICY inside_read ON submission_reply FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE') OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON submission_reply FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND EXISTS (
    SELECT FROM submission s WHERE s.province = submission_reply.province AND s.rectification_id = submission_reply.rectification_id
      AND s.kind = submission_reply.kind AND s.submission_count = submission_reply.number AND s.opinion = submission_reply.opinion
      AND s.state = CASE submission_reply.verdict WHEN 'PASS' THEN 'GROUP_PASSED' ELSE 'RETURNED' END)
    AND (leader = '' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
      OR leader <> '' AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND NOT EXISTS (
        SELECT FROM task_member m WHERE m.province = submission_reply.province AND m.inspection_id = submission_reply.inspection_id)));
GRANT SELECT, INSERT ON submission_reply TO rectification_inside;
CREATE POLICY outside_read ON submission_reply FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()));
GRANT SELECT ON submission_reply TO rectification_outside;

CREATE POLICY inside_read ON submission_review FOR SELECT TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE') OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON submission_review FOR INSERT TO rectification_inside
  WITH CHECK (province = (SELECT authz.province()) AND state = 'INVITED' AND inviter = (SELECT authz.subject())
    AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])) AND EXISTS (
      SELECT FROM submission s WHERE s.province = submission_review.province AND s.rectification_id = submission_review.rectification_id
        AND s.kind = submission_review.kind AND s.submission_count = submission_review.number AND s.state = 'SUBMITTED'));
CREATE POLICY inside_update ON submission_review FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND state = 'INVITED'
    AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (state = 'CLOSED' OR state = 'GIVEN' AND reviewer = (SELECT authz.party()) AND author = (SELECT authz.subject()));
GRANT SELECT, INSERT, UPDATE (state, opinion, item_opinions, author, give_time, version) ON submission_review TO rectification_inside;
-- An organ reads what it was invited to and writes its opinion, once.
CREATE POLICY outside_read ON submission_review FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction()) AND reviewer = (SELECT authz.party())
    AND (SELECT authz.party()) IN ('DISCIPLINE_ORGAN', 'ORGANIZATION_DEPARTMENT'));
CREATE POLICY outside_give ON submission_review FOR UPDATE TO rectification_outside
  USING (province = (SELECT authz.province()) AND addressee = (SELECT authz.jurisdiction()) AND reviewer = (SELECT authz.party())
    AND (SELECT authz.party()) IN ('DISCIPLINE_ORGAN', 'ORGANIZATION_DEPARTMENT') AND state = 'INVITED')
  WITH CHECK (state = 'GIVEN' AND author = (SELECT authz.subject()));
GRANT SELECT, UPDATE (state, opinion, item_opinions, author, give_time, version) ON submission_review TO rectification_outside;

-- +goose Down
DROP TABLE submission_review;
DROP TABLE submission_reply;
DROP TABLE submission_step;
DROP FUNCTION submission_two_persons();
DROP POLICY inside_update ON submission;
CREATE POLICY inside_update ON submission FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state = 'SUBMITTED' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state = 'GROUP_PASSED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'LEADING_GROUP'))
  WITH CHECK (
    state IN ('GROUP_PASSED', 'RETURNED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state = 'FORWARDED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'RECEIVED' AND (SELECT authz.party()) = 'LEADING_GROUP');
ALTER TABLE task DROP COLUMN leader_name;
