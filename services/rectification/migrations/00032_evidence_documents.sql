-- +goose Up
-- Evidence that names a document is that document, of the same case and one that the
-- county sees: its hash, its date and the time of its upload (art. 17). Evidence on paper
-- is handed in with the step.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION item_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  party text := authz.party();
BEGIN
  INSERT INTO public.item_change VALUES (NEW.province, NEW.id, NEW.version, NEW.rectification_id, NEW.inspection_id, NEW.county_code,
    NEW.city_code, NEW.city_may_see, NEW.state, NEW.percent, CASE party WHEN 'COUNTY_COMMITTEE' THEN NEW.progress ELSE NEW.opinion END,
    NEW.due_date, party, authz.subject(), NEW.update_time);
  IF party = 'COUNTY_COMMITTEE' AND NEW.evidence <> '[]' THEN
    INSERT INTO public.evidence
    SELECT NEW.province, NEW.id, NEW.version, e.ordinality, NEW.rectification_id, NEW.inspection_id, NEW.county_code, NEW.city_code,
      NEW.city_may_see, coalesce(e.document, ''), e.sha256, e.document_date, e.title,
      CASE coalesce(e.document, '') WHEN '' THEN NEW.update_time ELSE e.upload_time END
    FROM ROWS FROM (jsonb_to_recordset(NEW.evidence) AS (document text, sha256 text, document_date date, title text, upload_time timestamptz))
      WITH ORDINALITY AS e(document, sha256, document_date, title, upload_time, ordinality);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP POLICY step ON evidence;
CREATE POLICY step ON evidence FOR INSERT TO rectification_outside
  WITH CHECK ((SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND EXISTS (
    SELECT FROM item i WHERE i.province = evidence.province AND i.id = evidence.item_id AND i.version = evidence.change_number
      AND i.city_may_see = evidence.city_may_see AND (evidence.document <> '' OR i.update_time = evidence.upload_time)
      AND i.evidence -> (evidence.number - 1) ->> 'sha256' = evidence.sha256)
    AND (document = '' OR EXISTS (
      SELECT FROM document d WHERE d.province = evidence.province AND d.parent_id = evidence.rectification_id
        AND d.id = split_part(evidence.document, '/', 6)::uuid
        AND evidence.document = concat('provinces/', d.province, '/rectifications/', d.parent_id, '/documents/', d.id)
        AND (encode(d.sha256, 'hex'), d.document_date, d.create_time)
          IS NOT DISTINCT FROM (evidence.sha256, evidence.document_date, evidence.upload_time))));

-- +goose Down
DROP POLICY step ON evidence;
CREATE POLICY step ON evidence FOR INSERT TO rectification_outside
  WITH CHECK ((SELECT authz.party()) = 'COUNTY_COMMITTEE' AND county_code = (SELECT authz.county()) AND EXISTS (
    SELECT FROM item i WHERE i.province = evidence.province AND i.id = evidence.item_id AND i.version = evidence.change_number
      AND i.city_may_see = evidence.city_may_see AND i.update_time = evidence.upload_time
      AND i.evidence -> (evidence.number - 1) ->> 'sha256' = evidence.sha256));
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION item_history() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  party text := authz.party();
BEGIN
  INSERT INTO public.item_change VALUES (NEW.province, NEW.id, NEW.version, NEW.rectification_id, NEW.inspection_id, NEW.county_code,
    NEW.city_code, NEW.city_may_see, NEW.state, NEW.percent, CASE party WHEN 'COUNTY_COMMITTEE' THEN NEW.progress ELSE NEW.opinion END,
    NEW.due_date, party, authz.subject(), NEW.update_time);
  IF party = 'COUNTY_COMMITTEE' AND NEW.evidence <> '[]' THEN
    INSERT INTO public.evidence
    SELECT NEW.province, NEW.id, NEW.version, e.ordinality, NEW.rectification_id, NEW.inspection_id, NEW.county_code, NEW.city_code,
      NEW.city_may_see, coalesce(e.document, ''), e.sha256, e.document_date, e.title, NEW.update_time
    FROM ROWS FROM (jsonb_to_recordset(NEW.evidence) AS (document text, sha256 text, document_date date, title text))
      WITH ORDINALITY AS e(document, sha256, document_date, title, ordinality);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
