-- +goose Up
-- The signed scope: who the caller is, set for one transaction and believed only
-- with a valid signature (security.md D2).
CREATE SCHEMA authz;
GRANT USAGE ON SCHEMA authz TO {{service}}_inside, {{service}}_outside;

CREATE TABLE authz.key (
  single boolean PRIMARY KEY CHECK (single),
  ipad bytea NOT NULL,
  opad bytea NOT NULL
);
ALTER TABLE authz.key ENABLE ROW LEVEL SECURITY;
ALTER TABLE authz.key FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON authz.key TO {{service}}_owner USING (true) WITH CHECK (true);

-- scope is the one reader of app.scope. It gives {expiry, party, province, city,
-- county, subject, signature}, or NULL when none is set, so that every policy
-- yields no row.
-- +goose StatementBegin
CREATE FUNCTION authz.scope() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  raw   text := current_setting('app.scope', true);
  parts text[];
  k     authz.key;
BEGIN
  IF raw IS NULL OR raw = '' THEN
    RETURN NULL;
  END IF;
  parts := string_to_array(raw, '|');
  SELECT * INTO k FROM authz.key;
  IF k.single IS NULL OR cardinality(parts) <> 7 OR parts[7] IS DISTINCT FROM
     encode(sha256(k.opad || sha256(k.ipad || convert_to(array_to_string(parts[1:6], '|'), 'UTF8'))), 'hex') THEN
    RAISE EXCEPTION 'scope signature is not valid' USING ERRCODE = '42501';
  END IF;
  IF to_timestamp(parts[1]::bigint) < clock_timestamp() THEN
    RAISE EXCEPTION 'scope has expired' USING ERRCODE = '42501';
  END IF;
  RETURN parts;
END $$;
-- +goose StatementEnd

CREATE FUNCTION authz.party() RETURNS text LANGUAGE sql STABLE AS 'SELECT (authz.scope())[2]';
CREATE FUNCTION authz.province() RETURNS text LANGUAGE sql STABLE AS 'SELECT (authz.scope())[3]';
CREATE FUNCTION authz.city() RETURNS text LANGUAGE sql STABLE AS 'SELECT (authz.scope())[4]';
CREATE FUNCTION authz.county() RETURNS text LANGUAGE sql STABLE AS 'SELECT (authz.scope())[5]';
-- The subject is escaped in the scope, since a provider may use the separator.
CREATE FUNCTION authz.unescape(escaped text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$SELECT replace(replace(escaped, '%7C', '|'), '%25', '%')$$;
CREATE FUNCTION authz.subject() RETURNS text LANGUAGE sql STABLE AS 'SELECT authz.unescape((authz.scope())[6])';
CREATE FUNCTION authz.principal_key() RETURNS text LANGUAGE sql STABLE
  AS $$SELECT array_to_string((authz.scope())[2:6], '|')$$;
-- jurisdiction is the resource name of the caller's area; '' for one without.
CREATE FUNCTION authz.jurisdiction() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN s[3] = '' THEN ''
    WHEN s[5] <> '' THEN 'provinces/' || s[3] || '/counties/' || s[5]
    WHEN s[4] <> '' THEN 'provinces/' || s[3] || '/cities/' || s[4]
    ELSE 'provinces/' || s[3] END
  FROM authz.scope() AS s WHERE s IS NOT NULL$$;

-- task_member: who is a member of which task now. Group members act by it.
CREATE TABLE task_member (
  province      text NOT NULL,
  inspection_id uuid NOT NULL,
  subject       text NOT NULL,
  display_name  text NOT NULL,
  leader        boolean NOT NULL,
  CONSTRAINT task_member_pkey PRIMARY KEY (province, inspection_id, subject)
);
CREATE INDEX task_member_by_subject ON task_member (province, subject);
ALTER TABLE task_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_member FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON task_member TO {{service}}_owner USING (true) WITH CHECK (true);

-- tasks gives the tasks of a group member and nothing to anybody else.
CREATE FUNCTION authz.tasks() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(m.inspection_id), '{}') FROM authz.scope() AS s
  JOIN public.task_member m ON m.province = s[3] AND m.subject = authz.unescape(s[6])
  WHERE s[2] = 'INSPECTION_GROUP'$$;

CREATE POLICY inside_read ON task_member FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (
    (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE')
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
CREATE POLICY inside_insert ON task_member FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('INSPECTION_OFFICE', 'SERVICE'));
CREATE POLICY inside_delete ON task_member FOR DELETE TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND (SELECT authz.party()) IN ('INSPECTION_OFFICE', 'SERVICE'));
GRANT SELECT, INSERT, DELETE ON task_member TO {{service}}_inside;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA authz FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA authz TO {{service}}_owner, {{service}}_inside, {{service}}_outside;

-- +goose Down
DROP TABLE task_member CASCADE;
DROP SCHEMA authz CASCADE;
