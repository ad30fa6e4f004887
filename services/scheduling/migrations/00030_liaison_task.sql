-- +goose Up
-- liaison_task: what office or group assign to a city's liaison body (art. 16). An
-- inspection that it names is of a county of that city.
ALTER TABLE inspection ADD CONSTRAINT inspection_place UNIQUE (province, id, city_code);
CREATE TABLE liaison_task (
  province        text NOT NULL,
  id              uuid NOT NULL,
  liaison_body_id uuid NOT NULL,
  city_code       text NOT NULL,
  inspection_id   uuid,
  title           text NOT NULL,
  content         text NOT NULL,
  due_date        date NOT NULL,
  assigner_party  text NOT NULL,
  state           text NOT NULL,
  answer          text NOT NULL,
  signer          text NOT NULL,
  accept_time     timestamptz,
  answer_time     timestamptz,
  close_time      timestamptz,
  closing_remark  text NOT NULL,
  create_time     timestamptz NOT NULL,
  update_time     timestamptz NOT NULL,
  version         bigint NOT NULL,
  CONSTRAINT liaison_task_pkey PRIMARY KEY (province, id),
  CONSTRAINT liaison_task_body_fk FOREIGN KEY (province, liaison_body_id, city_code)
    REFERENCES liaison_body (province, id, city_code),
  CONSTRAINT liaison_task_inspection_fk FOREIGN KEY (province, inspection_id, city_code)
    REFERENCES inspection (province, id, city_code),
  CONSTRAINT liaison_task_content CHECK (title <> '' AND content <> ''),
  CONSTRAINT liaison_task_assigner CHECK (assigner_party = 'INSPECTION_OFFICE'
    OR assigner_party = 'INSPECTION_GROUP' AND inspection_id IS NOT NULL),
  CONSTRAINT liaison_task_state CHECK (state IN ('ASSIGNED', 'ACCEPTED', 'DONE', 'RETURNED', 'CLOSED')),
  CONSTRAINT liaison_task_accepted CHECK (CASE state WHEN 'ASSIGNED' THEN accept_time IS NULL
    WHEN 'ACCEPTED' THEN accept_time IS NOT NULL WHEN 'DONE' THEN accept_time IS NOT NULL ELSE true END),
  CONSTRAINT liaison_task_answered CHECK ((state IN ('ASSIGNED', 'ACCEPTED')) = (answer_time IS NULL)
    AND (answer_time IS NULL) = (answer = '') AND (answer_time IS NULL) = (signer = '')),
  CONSTRAINT liaison_task_closed CHECK ((state = 'CLOSED') = (close_time IS NOT NULL) AND (state = 'CLOSED' OR closing_remark = '')),
  CONSTRAINT liaison_task_version CHECK (version > 0)
);
CREATE INDEX liaison_task_by_city ON liaison_task (province, city_code, id);
CREATE INDEX liaison_task_by_inspection ON liaison_task (province, inspection_id, id);

-- What was answered is not answered again, and what is closed stays closed.
-- +goose StatementBegin
CREATE FUNCTION liaison_task_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (OLD.state, NEW.state) NOT IN (('ASSIGNED', 'ACCEPTED'), ('ASSIGNED', 'RETURNED'), ('ACCEPTED', 'DONE'),
      ('ACCEPTED', 'RETURNED'), ('DONE', 'CLOSED'), ('RETURNED', 'CLOSED'))
  THEN
    RAISE EXCEPTION 'liaison task % from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'liaison_task_moves';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER liaison_task_moves BEFORE UPDATE ON liaison_task FOR EACH ROW EXECUTE FUNCTION liaison_task_moves();

ALTER TABLE liaison_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE liaison_task FORCE ROW LEVEL SECURITY;

CREATE POLICY inside_read ON liaison_task FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
-- In one's own name, and of an inspection that the city was notified of (art. 12(2)).
CREATE POLICY inside_insert ON liaison_task FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND state = 'ASSIGNED' AND assigner_party = (SELECT authz.party())
    AND (assigner_party = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
    AND (inspection_id IS NULL OR EXISTS (SELECT FROM inspection i WHERE i.province = liaison_task.province
      AND i.id = liaison_task.inspection_id AND i.state NOT IN ('PLANNED', 'AUTHORIZED'))));
CREATE POLICY inside_close ON liaison_task FOR UPDATE TO scheduling_inside
  USING (province = (SELECT authz.province()) AND state IN ('DONE', 'RETURNED') AND (
    (SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR assigner_party = 'INSPECTION_GROUP' AND inspection_id = ANY ((SELECT authz.tasks())::uuid[])))
  WITH CHECK (province = (SELECT authz.province()) AND state = 'CLOSED');
GRANT SELECT, INSERT, UPDATE (state, close_time, closing_remark, update_time, version) ON liaison_task TO scheduling_inside;

CREATE POLICY outside_read ON liaison_task FOR SELECT TO scheduling_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) IN ('CITY_COMMITTEE', 'CITY_LIAISON_BODY'));
CREATE POLICY outside_answer ON liaison_task FOR UPDATE TO scheduling_outside
  USING (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND (SELECT authz.party()) = 'CITY_LIAISON_BODY' AND state IN ('ASSIGNED', 'ACCEPTED'))
  WITH CHECK (province = (SELECT authz.province()) AND city_code = (SELECT authz.city())
    AND state IN ('ACCEPTED', 'DONE', 'RETURNED'));
GRANT SELECT, UPDATE (state, answer, signer, accept_time, answer_time, update_time, version) ON liaison_task TO scheduling_outside;

-- +goose Down
DROP TABLE liaison_task;
DROP FUNCTION liaison_task_moves();
ALTER TABLE inspection DROP CONSTRAINT inspection_place;
