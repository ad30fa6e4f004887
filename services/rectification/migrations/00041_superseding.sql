-- +goose Up
-- A feedback that takes the place of another (被替代, art. 11): one each, and the first of an
-- inspection takes nobody's.
ALTER TABLE feedback
  ADD COLUMN supersedes_id uuid,
  ADD COLUMN supersede_reason text NOT NULL DEFAULT '',
  DROP CONSTRAINT feedback_one_per_inspection,
  DROP CONSTRAINT feedback_state,
  DROP CONSTRAINT feedback_copied,
  DROP CONSTRAINT feedback_given,
  ADD CONSTRAINT feedback_one_successor UNIQUE (province, supersedes_id),
  ADD CONSTRAINT feedback_supersedes FOREIGN KEY (province, supersedes_id, inspection_id, county_code, city_code)
    REFERENCES feedback (province, id, inspection_id, county_code, city_code),
  ADD CONSTRAINT feedback_superseding CHECK ((supersedes_id IS NULL) = (supersede_reason = '') AND supersedes_id <> id),
  ADD CONSTRAINT feedback_state CHECK (state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED', 'GIVEN', 'COPIED', 'SUPERSEDED')),
  ADD CONSTRAINT feedback_given CHECK (state NOT IN ('GIVEN', 'COPIED', 'SUPERSEDED')
    OR meeting_date IS NOT NULL AND document_number <> ''
       AND (consult_date IS NULL OR meeting_date >= consult_date)),
  ADD CONSTRAINT feedback_copied CHECK (state NOT IN ('COPIED', 'SUPERSEDED')
    OR copy_not_applicable = CASE city_code WHEN '' THEN 'NO_CITY_COMMITTEE' ELSE '' END);
ALTER TABLE feedback ALTER COLUMN supersede_reason DROP DEFAULT;
CREATE UNIQUE INDEX feedback_one_per_inspection ON feedback (province, inspection_id) WHERE supersedes_id IS NULL;
CREATE INDEX feedback_by_inspection ON feedback (province, inspection_id, id);

-- The gates of 00040, beside them: the one before ends as the next is about to be given, and
-- not without it.
DROP TRIGGER feedback_gates ON feedback;
CREATE TRIGGER feedback_gates BEFORE UPDATE ON feedback
  FOR EACH ROW WHEN (NEW.state <> 'SUPERSEDED') EXECUTE FUNCTION feedback_gates();
-- +goose StatementBegin
CREATE FUNCTION feedback_superseding() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (NEW.supersedes_id, NEW.supersede_reason) IS DISTINCT FROM (OLD.supersedes_id, OLD.supersede_reason)
    OR OLD.state = 'SUPERSEDED'
    OR NEW.state = 'SUPERSEDED' AND (OLD.state <> 'COPIED'
      OR to_jsonb(NEW) - '{state,version,update_time}'::text[] <> to_jsonb(OLD) - '{state,version,update_time}'::text[]
      OR NOT EXISTS (SELECT FROM public.feedback f WHERE f.province = NEW.province AND f.supersedes_id = NEW.id AND f.state = 'CITY_CONSULTED')
      OR EXISTS (SELECT FROM public.submission s WHERE s.province = NEW.province AND s.inspection_id = NEW.inspection_id
        AND s.kind = 'PLAN' AND s.state NOT IN ('DRAFT', 'RETURNED', 'WITHDRAWN')))
    OR NEW.state = 'GIVEN' AND OLD.state <> 'GIVEN' AND NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM public.feedback f WHERE f.province = NEW.province AND f.id = NEW.supersedes_id AND f.state = 'SUPERSEDED')
  THEN
    RAISE EXCEPTION 'feedback % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_superseding';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER feedback_superseding BEFORE UPDATE ON feedback FOR EACH ROW EXECUTE FUNCTION feedback_superseding();
-- The group ends the one before; beside the policy for the gates, one of its own.
CREATE POLICY inside_supersede ON feedback FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND state = 'COPIED' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
  WITH CHECK (state = 'SUPERSEDED');

-- Each addressee gets the next in the place of the one before, of the same kind.
ALTER TABLE delivery
  DROP CONSTRAINT delivery_once_per_submission, -- a case has several feedbacks now, and one copy of each submission
  ADD COLUMN supersedes_id uuid,
  ADD CONSTRAINT delivery_one_successor UNIQUE (province, supersedes_id),
  ADD CONSTRAINT delivery_supersedes FOREIGN KEY (province, supersedes_id, kind, inspection_id, county_code, city_code)
    REFERENCES delivery (province, id, kind, inspection_id, county_code, city_code),
  ADD CONSTRAINT delivery_superseding CHECK (supersedes_id IS NULL OR kind IN ('FEEDBACK', 'FEEDBACK_COPY') AND supersedes_id <> id);
CREATE UNIQUE INDEX delivery_once_per_submission ON delivery (province, county_code, rectification_id, kind, submission)
  WHERE kind NOT IN ('FEEDBACK', 'FEEDBACK_COPY');

-- What the city has of the problems while the feedback that superseded the one before is not
-- copied to it; NULL where it has the same.
ALTER TABLE rectification ADD COLUMN city_problems jsonb;
GRANT UPDATE (problems, city_problems) ON rectification TO rectification_outside;
GRANT UPDATE (city_problems) ON rectification TO rectification_inside;
-- +goose StatementBegin
CREATE FUNCTION rectification_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.problems <> OLD.problems AND (OLD.state <> 'PLANNING'
      OR NEW.city_problems IS DISTINCT FROM coalesce(OLD.city_problems, OLD.problems)
      OR NOT EXISTS (
        SELECT FROM public.delivery d WHERE d.province = NEW.province AND d.rectification_id = NEW.id AND d.kind = 'FEEDBACK'
          AND d.receive_time IS NOT NULL AND d.supersedes_id IS NOT NULL AND d.content->'problems' = NEW.problems
          AND NOT EXISTS (SELECT FROM public.delivery n WHERE n.province = d.province AND n.supersedes_id = d.id
            AND n.receive_time IS NOT NULL)))
    OR NEW.problems = OLD.problems AND NEW.city_problems IS DISTINCT FROM OLD.city_problems
      AND NOT (NEW.city_problems IS NULL AND authz.party() = 'INSPECTION_OFFICE')
      AND NOT (OLD.city_problems IS NULL AND NEW.city_problems = OLD.problems AND authz.party() = 'COUNTY_COMMITTEE')
  THEN
    RAISE EXCEPTION 'problems of rectification %', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rectification_follows';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER rectification_follows BEFORE UPDATE ON rectification FOR EACH ROW EXECUTE FUNCTION rectification_follows();

-- An organ of the city is invited once the city has the feedback as it stands (art. 11).
ALTER POLICY inside_insert ON submission_review
  WITH CHECK (province = (SELECT authz.province()) AND state = 'INVITED' AND inviter = (SELECT authz.subject())
    AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
    AND (addressee = 'provinces/' || province OR EXISTS (
      SELECT FROM rectification r WHERE r.province = submission_review.province AND r.id = submission_review.rectification_id
        AND r.city_may_see AND r.city_problems IS NULL)) AND EXISTS (
      SELECT FROM submission s WHERE s.province = submission_review.province AND s.rectification_id = submission_review.rectification_id
        AND s.kind = submission_review.kind AND s.submission_count = submission_review.number AND s.state = 'SUBMITTED'));

-- +goose Down
-- Which of two feedbacks stands the version before cannot tell, so it has to be one.
-- +goose StatementBegin
DO $$
DECLARE superseded bigint;
BEGIN
  CREATE POLICY migration ON feedback TO rectification_owner USING (true) WITH CHECK (true);
  SELECT count(*) INTO superseded FROM feedback WHERE supersedes_id IS NOT NULL;
  DROP POLICY migration ON feedback;
  IF superseded > 0 THEN
    RAISE EXCEPTION '% feedbacks supersede another: the version before cannot keep them', superseded;
  END IF;
END $$;
-- +goose StatementEnd
DROP TRIGGER rectification_follows ON rectification;
DROP FUNCTION rectification_follows();
REVOKE UPDATE (problems) ON rectification FROM rectification_outside;
ALTER POLICY inside_insert ON submission_review
  WITH CHECK (province = (SELECT authz.province()) AND state = 'INVITED' AND inviter = (SELECT authz.subject())
    AND ((SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])) AND EXISTS (
      SELECT FROM submission s WHERE s.province = submission_review.province AND s.rectification_id = submission_review.rectification_id
        AND s.kind = submission_review.kind AND s.submission_count = submission_review.number AND s.state = 'SUBMITTED'));
ALTER TABLE rectification DROP COLUMN city_problems;
DROP INDEX delivery_once_per_submission;
ALTER TABLE delivery ADD CONSTRAINT delivery_once_per_submission UNIQUE (province, county_code, rectification_id, kind, submission),
  DROP CONSTRAINT delivery_superseding, DROP CONSTRAINT delivery_supersedes, DROP CONSTRAINT delivery_one_successor,
  DROP COLUMN supersedes_id;
DROP POLICY inside_supersede ON feedback;
DROP TRIGGER feedback_superseding ON feedback;
DROP FUNCTION feedback_superseding();
DROP TRIGGER feedback_gates ON feedback;
CREATE TRIGGER feedback_gates BEFORE UPDATE ON feedback FOR EACH ROW EXECUTE FUNCTION feedback_gates();
DROP INDEX feedback_by_inspection;
DROP INDEX feedback_one_per_inspection;
ALTER TABLE feedback
  DROP CONSTRAINT feedback_superseding, DROP CONSTRAINT feedback_supersedes, DROP CONSTRAINT feedback_one_successor,
  DROP CONSTRAINT feedback_copied, DROP CONSTRAINT feedback_given, DROP CONSTRAINT feedback_state,
  DROP COLUMN supersede_reason, DROP COLUMN supersedes_id,
  ADD CONSTRAINT feedback_one_per_inspection UNIQUE (province, inspection_id),
  ADD CONSTRAINT feedback_state CHECK (state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED', 'GIVEN', 'COPIED')),
  ADD CONSTRAINT feedback_given CHECK (state NOT IN ('GIVEN', 'COPIED')
    OR meeting_date IS NOT NULL AND document_number <> ''
       AND (consult_date IS NULL OR meeting_date >= consult_date)),
  ADD CONSTRAINT feedback_copied CHECK (state <> 'COPIED'
    OR copy_not_applicable = CASE city_code WHEN '' THEN 'NO_CITY_COMMITTEE' ELSE '' END);
