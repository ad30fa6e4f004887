-- +goose Up
-- Flags of rectification on paper only are computed when they are read, and only inside:
-- the outside role may call nothing of this.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE INDEX evidence_by_hash ON evidence (province, sha256, item_id);
CREATE INDEX evidence_by_case ON evidence (province, rectification_id);
CREATE INDEX item_by_measure ON item USING gin ((measure ->> 'description') gin_trgm_ops);

-- item_alike gives the items whose measures are alike to those of a case. By row-level
-- security every item of the province would be read, since the operator could tell what
-- the policy hides; so it runs as the owner, checks the caller itself, and gives ids
-- alone: whoever asks joins them with what he may read. From how much on two are alike
-- is set by pg_trgm.similarity_threshold.
CREATE POLICY owner ON item FOR SELECT TO rectification_owner USING (true);
-- +goose StatementBegin
CREATE FUNCTION item_alike(of_case uuid) RETURNS TABLE (item_id uuid, other_id uuid, similarity real)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, b.id, public.similarity(a.measure ->> 'description', b.measure ->> 'description')
  FROM public.item a JOIN public.item b ON b.province = a.province AND b.id <> a.id
    AND (b.measure ->> 'description') OPERATOR(public.%) (a.measure ->> 'description')
  WHERE a.province = authz.province() AND a.rectification_id = of_case
    AND (b.rectification_id <> of_case OR b.id > a.id)
    AND (authz.party() IN ('LEADING_GROUP', 'INSPECTION_OFFICE')
      OR a.inspection_id = ANY (authz.tasks()) AND b.inspection_id = ANY (authz.tasks()))
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION item_alike(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION item_alike(uuid) TO rectification_inside;

-- +goose Down
DROP FUNCTION item_alike(uuid);
DROP POLICY owner ON item;
DROP INDEX item_by_measure;
DROP INDEX evidence_by_case;
DROP INDEX evidence_by_hash;
DROP EXTENSION pg_trgm;
