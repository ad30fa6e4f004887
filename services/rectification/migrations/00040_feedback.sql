-- +goose Up
-- Feedback: its sources, what the scan of its wording warns of, how the city was consulted,
-- and the day on which the principal was told (arts 11, 15(2)).
ALTER TABLE feedback
  ADD COLUMN sources jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN warnings jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN consult_form text NOT NULL DEFAULT '',
  ADD COLUMN consult_record text NOT NULL DEFAULT '',
  ADD COLUMN meeting_not_applicable text NOT NULL DEFAULT '',
  ADD COLUMN principal_date date,
  ADD CONSTRAINT feedback_consult_form CHECK (consult_form IN ('', 'LETTER', 'MEETING', 'PHONE')
    AND (consult_form <> 'PHONE' OR consult_record <> '')),
  ADD CONSTRAINT feedback_meeting_not_applicable CHECK (meeting_not_applicable = ''
    OR meeting_not_applicable = 'NO_CITY_COMMITTEE' AND city_code = ''),
  ADD CONSTRAINT feedback_principal_date CHECK (principal_date >= consult_date);
ALTER TABLE feedback ALTER COLUMN sources DROP DEFAULT, ALTER COLUMN warnings DROP DEFAULT, ALTER COLUMN consult_form DROP DEFAULT,
  ALTER COLUMN consult_record DROP DEFAULT, ALTER COLUMN meeting_not_applicable DROP DEFAULT;
GRANT UPDATE (sources, warnings, consult_form, consult_record, meeting_not_applicable, principal_date)
  ON feedback TO rectification_inside;
-- Who attended the meetings of several counties on one day.
CREATE INDEX feedback_by_meeting ON feedback (province, city_code, meeting_date);

-- The gates of 00001 with the new columns.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION feedback_gates() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'DRAFT'), ('DRAFT', 'AGREED'), ('AGREED', 'CITY_CONSULTED'),
      ('CITY_CONSULTED', 'GIVEN'), ('GIVEN', 'COPIED'))
    OR NEW.state <> 'DRAFT' AND (NEW.summary, NEW.problems, NEW.sources, NEW.warnings)
      IS DISTINCT FROM (OLD.summary, OLD.problems, OLD.sources, OLD.warnings)
    OR NEW.state <> 'AGREED' AND NEW.decision_id IS DISTINCT FROM OLD.decision_id
    OR NEW.state <> 'CITY_CONSULTED'
      AND (NEW.consult_date, NEW.consult_opinion, NEW.consult_dissent, NEW.consult_not_applicable, NEW.consult_form, NEW.consult_record)
      IS DISTINCT FROM
      (OLD.consult_date, OLD.consult_opinion, OLD.consult_dissent, OLD.consult_not_applicable, OLD.consult_form, OLD.consult_record)
    OR NEW.state <> 'GIVEN'
      AND (NEW.document_number, NEW.meeting_date, NEW.attendees, NEW.meeting_not_applicable, NEW.principal_date)
      IS DISTINCT FROM (OLD.document_number, OLD.meeting_date, OLD.attendees, OLD.meeting_not_applicable, OLD.principal_date)
    OR NEW.state <> 'COPIED' AND NEW.copy_not_applicable <> OLD.copy_not_applicable
    -- The words of the city are on record (art. 11); what was recorded before this is as it is.
    OR NEW.state = 'CITY_CONSULTED' AND NEW.consult_not_applicable = '' AND btrim(NEW.consult_opinion) = ''
    -- The office lets wording stand, it does not write it.
    OR authz.party() = 'INSPECTION_OFFICE' AND (NEW.summary, NEW.problems, NEW.sources)
      IS DISTINCT FROM (OLD.summary, OLD.problems, OLD.sources)
  THEN
    RAISE EXCEPTION 'feedback % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_gates';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- The office confirms what the scan warns of; the draft stays one.
DROP POLICY inside_update ON feedback;
CREATE POLICY inside_update ON feedback FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('DRAFT', 'AGREED', 'GIVEN') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('DRAFT', 'CITY_CONSULTED', 'GIVEN') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'COPIED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND EXISTS (
      SELECT FROM delivery d WHERE d.province = feedback.province AND d.feedback_id = feedback.id
        AND d.kind = 'FEEDBACK' AND d.receive_time IS NOT NULL));

-- The delivery tells the county's side of the principal's day, by which the clock of art. 17
-- may start.
ALTER TABLE delivery
  ADD COLUMN principal_date date,
  ADD CONSTRAINT delivery_principal_date CHECK (principal_date IS NULL OR kind = 'FEEDBACK');
DROP POLICY outside_open ON obligation;
CREATE POLICY outside_open ON obligation FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state = 'OPEN' AND extension = 0 AND suspensions = '[]'
    AND (duty = 'FEEDBACK_COPY' AND obligor_party = 'INSPECTION_OFFICE' AND NOT county_sees AND NOT city_sees AND EXISTS (
        SELECT FROM delivery d WHERE d.province = obligation.province AND d.inspection_id = obligation.inspection_id
          AND d.county_code = obligation.county_code AND d.city_code = obligation.city_code AND d.city_code <> ''
          AND d.kind = 'FEEDBACK' AND (d.receive_time AT TIME ZONE 'Asia/Shanghai')::date = obligation.start_date
          AND obligation.subject = 'provinces/' || d.province || '/feedbacks/' || d.feedback_id)
      OR duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT') AND obligor_party = 'COUNTY_COMMITTEE' AND county_sees AND EXISTS (
        SELECT FROM rectification r JOIN delivery d ON d.province = r.province AND d.id = r.delivery_id
        WHERE r.province = obligation.province AND r.inspection_id = obligation.inspection_id
          AND r.county_code = obligation.county_code AND r.city_code = obligation.city_code
          AND r.state = 'PLANNING' AND r.city_may_see = obligation.city_sees AND r.rule_set = obligation.rule_set
          AND obligation.subject = 'provinces/' || r.province || '/rectifications/' || r.id
          AND (obligation.duty = 'RECTIFICATION_REPORT' AND obligation.start_date >= r.plan_submit_date
            OR obligation.duty = 'RECTIFICATION_PLAN' AND r.plan_submit_date IS NULL
              AND obligation.start_date IN (r.receive_date, least(r.receive_date, d.principal_date))))));

-- Immediate rectification: rewritten and withdrawn before the issue, and warned of where the
-- result came after the end of the stay (art. 9).
ALTER TABLE immediate_rectification
  ADD COLUMN consult_form text NOT NULL DEFAULT '',
  ADD COLUMN consult_record text NOT NULL DEFAULT '',
  ADD COLUMN withdraw_reason text NOT NULL DEFAULT '',
  ADD COLUMN result_after_stay boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT immediate_rectification_state,
  DROP CONSTRAINT immediate_rectification_consented,
  DROP CONSTRAINT immediate_rectification_city_heard,
  DROP CONSTRAINT immediate_rectification_issued,
  ADD CONSTRAINT immediate_rectification_state
    CHECK (state IN ('DRAFT', 'CONSENTED', 'CITY_HEARD', 'ISSUED', 'VERIFIED', 'CLOSED', 'WITHDRAWN')),
  ADD CONSTRAINT immediate_rectification_consented CHECK (state = 'WITHDRAWN' OR (state = 'DRAFT') = (decision_id IS NULL)),
  ADD CONSTRAINT immediate_rectification_city_heard CHECK (CASE
    WHEN state = 'WITHDRAWN' THEN true
    WHEN state IN ('DRAFT', 'CONSENTED') THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = '' AND bypass_decision_id IS NULL
    WHEN city_code = '' THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = 'NO_CITY_COMMITTEE' AND bypass_decision_id IS NULL
    WHEN bypass_decision_id IS NOT NULL THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = ''
    ELSE consult_date IS NOT NULL AND consult_opinion <> '' AND consult_not_applicable = '' END),
  ADD CONSTRAINT immediate_rectification_consult_form CHECK (consult_form IN ('', 'LETTER', 'MEETING', 'PHONE')
    AND (consult_form <> 'PHONE' OR consult_record <> '') AND (consult_date IS NOT NULL OR consult_form = '' AND consult_record = '')),
  ADD CONSTRAINT immediate_rectification_issued
    CHECK ((state IN ('DRAFT', 'CONSENTED', 'CITY_HEARD', 'WITHDRAWN')) = (document_number = '')),
  ADD CONSTRAINT immediate_rectification_withdrawn CHECK ((state = 'WITHDRAWN') = (withdraw_reason <> '')),
  ADD CONSTRAINT immediate_rectification_result CHECK (state IN ('VERIFIED', 'CLOSED') OR NOT result_after_stay);
ALTER TABLE immediate_rectification ALTER COLUMN consult_form DROP DEFAULT, ALTER COLUMN consult_record DROP DEFAULT,
  ALTER COLUMN withdraw_reason DROP DEFAULT, ALTER COLUMN result_after_stay DROP DEFAULT;
GRANT UPDATE (strongly_reported, strongly_reported_text, clearly_against_rules, clearly_against_rules_text, solvable_at_once,
  solvable_at_once_text, problem, proposal, concerns_principal, recipient, consult_form, consult_record, withdraw_reason,
  result_after_stay) ON immediate_rectification TO rectification_inside;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION immediate_rectification_gates() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'DRAFT'), ('DRAFT', 'CONSENTED'), ('CONSENTED', 'CITY_HEARD'), ('CITY_HEARD', 'ISSUED'),
      ('ISSUED', 'ISSUED'), ('ISSUED', 'VERIFIED'), ('VERIFIED', 'CLOSED'),
      ('DRAFT', 'WITHDRAWN'), ('CONSENTED', 'WITHDRAWN'), ('CITY_HEARD', 'WITHDRAWN'))
    OR NEW.state <> 'DRAFT' AND (NEW.strongly_reported, NEW.strongly_reported_text, NEW.clearly_against_rules,
        NEW.clearly_against_rules_text, NEW.solvable_at_once, NEW.solvable_at_once_text, NEW.problem, NEW.proposal,
        NEW.concerns_principal, NEW.recipient)
      IS DISTINCT FROM (OLD.strongly_reported, OLD.strongly_reported_text, OLD.clearly_against_rules,
        OLD.clearly_against_rules_text, OLD.solvable_at_once, OLD.solvable_at_once_text, OLD.problem, OLD.proposal,
        OLD.concerns_principal, OLD.recipient)
    OR NEW.state <> 'CONSENTED' AND NEW.decision_id IS DISTINCT FROM OLD.decision_id
    OR NEW.state <> 'CITY_HEARD' AND (NEW.consult_date, NEW.consult_opinion, NEW.consult_dissent, NEW.consult_not_applicable,
        NEW.consult_form, NEW.consult_record, NEW.bypass_decision_id, NEW.bypass_reason)
      IS DISTINCT FROM (OLD.consult_date, OLD.consult_opinion, OLD.consult_dissent, OLD.consult_not_applicable,
        OLD.consult_form, OLD.consult_record, OLD.bypass_decision_id, OLD.bypass_reason)
    OR OLD.state <> 'CITY_HEARD' AND NEW.document_number <> OLD.document_number
    OR NEW.state <> 'VERIFIED' AND NEW.result_after_stay <> OLD.result_after_stay
  THEN
    RAISE EXCEPTION 'immediate rectification % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'immediate_rectification_gates';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

DROP POLICY inside_update ON immediate_rectification;
CREATE POLICY inside_update ON immediate_rectification FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('DRAFT', 'CONSENTED', 'VERIFIED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('DRAFT', 'CONSENTED', 'CITY_HEARD', 'ISSUED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('CONSENTED', 'CITY_HEARD', 'CLOSED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]) AND (
      state IN ('DRAFT', 'WITHDRAWN')
      OR state = 'CITY_HEARD' AND bypass_decision_id IS NULL
      OR state = 'ISSUED'
      OR state = 'VERIFIED' AND EXISTS (
        SELECT FROM answer a JOIN delivery d ON d.province = a.province AND d.id = a.delivery_id
        WHERE d.province = immediate_rectification.province AND d.immediate_id = immediate_rectification.id
          AND a.verdict = 'PASS')));

-- +goose Down
-- What the version before does not know cannot stay.
CREATE POLICY migration ON immediate_rectification TO rectification_owner USING (true) WITH CHECK (true);
DELETE FROM immediate_rectification WHERE state = 'WITHDRAWN';
DROP POLICY migration ON immediate_rectification;
DROP POLICY inside_update ON immediate_rectification;
CREATE POLICY inside_update ON immediate_rectification FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('DRAFT', 'CONSENTED', 'VERIFIED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('CONSENTED', 'CITY_HEARD', 'ISSUED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('CONSENTED', 'CITY_HEARD', 'CLOSED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]) AND (
      state = 'CITY_HEARD' AND bypass_decision_id IS NULL
      OR state = 'ISSUED'
      OR state = 'VERIFIED' AND EXISTS (
        SELECT FROM answer a JOIN delivery d ON d.province = a.province AND d.id = a.delivery_id
        WHERE d.province = immediate_rectification.province AND d.immediate_id = immediate_rectification.id
          AND a.verdict = 'PASS')));
REVOKE UPDATE (strongly_reported, strongly_reported_text, clearly_against_rules, clearly_against_rules_text, solvable_at_once,
  solvable_at_once_text, problem, proposal, concerns_principal, recipient) ON immediate_rectification FROM rectification_inside;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION immediate_rectification_gates() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'CONSENTED'), ('CONSENTED', 'CITY_HEARD'), ('CITY_HEARD', 'ISSUED'),
      ('ISSUED', 'ISSUED'), ('ISSUED', 'VERIFIED'), ('VERIFIED', 'CLOSED'))
    OR NEW.state <> 'CONSENTED' AND NEW.decision_id IS DISTINCT FROM OLD.decision_id
    OR NEW.state <> 'CITY_HEARD' AND (NEW.consult_date, NEW.consult_opinion, NEW.consult_dissent,
        NEW.consult_not_applicable, NEW.bypass_decision_id, NEW.bypass_reason)
      IS DISTINCT FROM (OLD.consult_date, OLD.consult_opinion, OLD.consult_dissent,
        OLD.consult_not_applicable, OLD.bypass_decision_id, OLD.bypass_reason)
    OR OLD.state <> 'CITY_HEARD' AND NEW.document_number <> OLD.document_number
  THEN
    RAISE EXCEPTION 'immediate rectification % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'immediate_rectification_gates';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE immediate_rectification
  DROP CONSTRAINT immediate_rectification_result, DROP CONSTRAINT immediate_rectification_withdrawn,
  DROP CONSTRAINT immediate_rectification_issued, DROP CONSTRAINT immediate_rectification_consult_form,
  DROP CONSTRAINT immediate_rectification_city_heard, DROP CONSTRAINT immediate_rectification_consented,
  DROP CONSTRAINT immediate_rectification_state,
  DROP COLUMN result_after_stay, DROP COLUMN withdraw_reason, DROP COLUMN consult_record, DROP COLUMN consult_form,
  ADD CONSTRAINT immediate_rectification_state CHECK (state IN ('DRAFT', 'CONSENTED', 'CITY_HEARD', 'ISSUED', 'VERIFIED', 'CLOSED')),
  ADD CONSTRAINT immediate_rectification_consented CHECK ((state = 'DRAFT') = (decision_id IS NULL)),
  ADD CONSTRAINT immediate_rectification_city_heard CHECK (CASE
    WHEN state IN ('DRAFT', 'CONSENTED') THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = '' AND bypass_decision_id IS NULL
    WHEN city_code = '' THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = 'NO_CITY_COMMITTEE' AND bypass_decision_id IS NULL
    WHEN bypass_decision_id IS NOT NULL THEN consult_date IS NULL AND consult_opinion = '' AND NOT consult_dissent
      AND consult_not_applicable = ''
    ELSE consult_date IS NOT NULL AND consult_opinion <> '' AND consult_not_applicable = '' END),
  ADD CONSTRAINT immediate_rectification_issued CHECK ((state IN ('DRAFT', 'CONSENTED', 'CITY_HEARD')) = (document_number = ''));

DROP POLICY outside_open ON obligation;
CREATE POLICY outside_open ON obligation FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND county_code = (SELECT authz.county())
    AND (SELECT authz.party()) = 'COUNTY_COMMITTEE' AND state = 'OPEN' AND extension = 0 AND suspensions = '[]'
    AND (duty = 'FEEDBACK_COPY' AND obligor_party = 'INSPECTION_OFFICE' AND NOT county_sees AND NOT city_sees AND EXISTS (
        SELECT FROM delivery d WHERE d.province = obligation.province AND d.inspection_id = obligation.inspection_id
          AND d.county_code = obligation.county_code AND d.city_code = obligation.city_code AND d.city_code <> ''
          AND d.kind = 'FEEDBACK' AND (d.receive_time AT TIME ZONE 'Asia/Shanghai')::date = obligation.start_date
          AND obligation.subject = 'provinces/' || d.province || '/feedbacks/' || d.feedback_id)
      OR duty IN ('RECTIFICATION_PLAN', 'RECTIFICATION_REPORT') AND obligor_party = 'COUNTY_COMMITTEE' AND county_sees AND EXISTS (
        SELECT FROM rectification r WHERE r.province = obligation.province AND r.inspection_id = obligation.inspection_id
          AND r.county_code = obligation.county_code AND r.city_code = obligation.city_code
          AND r.state = 'PLANNING' AND r.city_may_see = obligation.city_sees AND r.rule_set = obligation.rule_set
          AND obligation.subject = 'provinces/' || r.province || '/rectifications/' || r.id
          AND obligation.start_date >= CASE obligation.duty WHEN 'RECTIFICATION_PLAN' THEN r.receive_date ELSE r.plan_submit_date END
          AND (obligation.duty <> 'RECTIFICATION_PLAN' OR obligation.start_date = r.receive_date AND r.plan_submit_date IS NULL))));
ALTER TABLE delivery DROP CONSTRAINT delivery_principal_date, DROP COLUMN principal_date;

DROP POLICY inside_update ON feedback;
CREATE POLICY inside_update ON feedback FOR UPDATE TO rectification_inside
  USING (province = (SELECT authz.province()) AND (
    state IN ('DRAFT', 'AGREED', 'GIVEN') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state IN ('DRAFT', 'AGREED', 'CITY_CONSULTED') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (
    state IN ('DRAFT', 'CITY_CONSULTED', 'GIVEN') AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])
    OR state IN ('AGREED', 'CITY_CONSULTED') AND (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR state = 'COPIED' AND (SELECT authz.party()) = 'INSPECTION_OFFICE' AND EXISTS (
      SELECT FROM delivery d WHERE d.province = feedback.province AND d.feedback_id = feedback.id
        AND d.kind = 'FEEDBACK' AND d.receive_time IS NOT NULL));
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION feedback_gates() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('DRAFT', 'DRAFT'), ('DRAFT', 'AGREED'), ('AGREED', 'CITY_CONSULTED'),
      ('CITY_CONSULTED', 'GIVEN'), ('GIVEN', 'COPIED'))
    OR NEW.state <> 'DRAFT' AND (NEW.summary, NEW.problems) IS DISTINCT FROM (OLD.summary, OLD.problems)
    OR NEW.state <> 'AGREED' AND NEW.decision_id IS DISTINCT FROM OLD.decision_id
    OR NEW.state <> 'CITY_CONSULTED'
      AND (NEW.consult_date, NEW.consult_opinion, NEW.consult_dissent, NEW.consult_not_applicable)
      IS DISTINCT FROM (OLD.consult_date, OLD.consult_opinion, OLD.consult_dissent, OLD.consult_not_applicable)
    OR NEW.state <> 'GIVEN' AND (NEW.document_number, NEW.meeting_date, NEW.attendees)
      IS DISTINCT FROM (OLD.document_number, OLD.meeting_date, OLD.attendees)
    OR NEW.state <> 'COPIED' AND NEW.copy_not_applicable <> OLD.copy_not_applicable
  THEN
    RAISE EXCEPTION 'feedback % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'feedback_gates';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
DROP INDEX feedback_by_meeting;
ALTER TABLE feedback
  DROP CONSTRAINT feedback_principal_date, DROP CONSTRAINT feedback_meeting_not_applicable, DROP CONSTRAINT feedback_consult_form,
  DROP COLUMN principal_date, DROP COLUMN meeting_not_applicable, DROP COLUMN consult_record, DROP COLUMN consult_form,
  DROP COLUMN warnings, DROP COLUMN sources;
