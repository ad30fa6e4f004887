-- +goose Up
-- The meeting by which an inspection begins in its county (art. 15(2)), recorded once.
CREATE TABLE mobilisation_meeting (
  province          text NOT NULL,
  inspection_id     uuid NOT NULL,
  meeting_date      date NOT NULL,
  attendees         jsonb NOT NULL, -- [{"name": "", "post": "", "city_leading_body": true}]
  no_city_committee boolean NOT NULL,
  create_time       timestamptz NOT NULL,
  CONSTRAINT mobilisation_meeting_pkey PRIMARY KEY (province, inspection_id),
  CONSTRAINT mobilisation_meeting_inspection_fk FOREIGN KEY (province, inspection_id) REFERENCES inspection,
  -- The gate of art. 15(2): the code may be wrong, the table may not.
  CONSTRAINT mobilisation_meeting_city_leader CHECK
    (no_city_committee <> (attendees @> '[{"city_leading_body": true}]'))
);
ALTER TABLE mobilisation_meeting ENABLE ROW LEVEL SECURITY;
ALTER TABLE mobilisation_meeting FORCE ROW LEVEL SECURITY;
CREATE POLICY inside_read ON mobilisation_meeting FOR SELECT TO scheduling_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON mobilisation_meeting FOR INSERT TO scheduling_inside
  WITH CHECK (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) = 'INSPECTION_OFFICE' OR inspection_id = ANY ((SELECT authz.tasks())::uuid[]))
    AND EXISTS (SELECT FROM inspection i WHERE i.province = mobilisation_meeting.province
      AND i.id = mobilisation_meeting.inspection_id AND i.entry_date <= mobilisation_meeting.meeting_date
      AND (i.city_code IS NULL) = mobilisation_meeting.no_city_committee));
GRANT SELECT, INSERT ON mobilisation_meeting TO scheduling_inside;

-- +goose Down
DROP TABLE mobilisation_meeting;
