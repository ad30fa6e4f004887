-- +goose Up
-- The documents of a case: evidence of the county for what it did (art. 17), and of the
-- city for what it verified (art. 15(3)).
ALTER TABLE document ADD CONSTRAINT document_rectification
  FOREIGN KEY (province, parent_id, inspection_id, county_code, city_code)
  REFERENCES rectification (province, id, inspection_id, county_code, city_code);

-- A county reads what counties handed in; its city that too, once it may see the case
-- (art. 11), and what it handed in itself.
CREATE POLICY outside_read ON document FOR SELECT TO rectification_outside
  USING (province = (SELECT authz.province()) AND CASE (SELECT authz.party())
    WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county()) AND party = 'COUNTY_COMMITTEE'
    WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city())
    WHEN 'CITY_LIAISON_BODY' THEN city_code = (SELECT authz.city()) ELSE false END
    AND EXISTS (SELECT FROM rectification r WHERE r.province = document.province AND r.id = document.parent_id));
-- Each in its own name, for a case that it sees and that is not closed.
CREATE POLICY outside_insert ON document FOR INSERT TO rectification_outside
  WITH CHECK (province = (SELECT authz.province()) AND party = (SELECT authz.party())
    AND uploader = (SELECT authz.subject()) AND CASE (SELECT authz.party())
      WHEN 'COUNTY_COMMITTEE' THEN county_code = (SELECT authz.county())
      WHEN 'CITY_COMMITTEE' THEN city_code = (SELECT authz.city()) ELSE false END
    AND EXISTS (SELECT FROM rectification r WHERE r.province = document.province AND r.id = document.parent_id
      AND r.state <> 'CLOSED'));
GRANT SELECT, INSERT ON document TO rectification_outside;

-- +goose Down
REVOKE ALL ON document FROM rectification_outside;
DROP POLICY outside_insert ON document;
DROP POLICY outside_read ON document;
ALTER TABLE document DROP CONSTRAINT document_rectification;
