-- +goose Up
-- document: a file that was handed in. What it is evidence of is the service's: parent_id
-- is one of its resources. The content is elsewhere, sealed; here is what it must be.
CREATE TABLE document (
  province      text NOT NULL,
  id            uuid NOT NULL, -- random
  parent_id     uuid NOT NULL,
  inspection_id uuid NOT NULL,
  county_code   text NOT NULL,
  city_code     text NOT NULL, -- '' where there is none
  party         text NOT NULL, -- the body that handed it in
  uploader      text NOT NULL,
  display_name  text NOT NULL,
  media_type    text NOT NULL,
  size          bigint NOT NULL,
  sha256        bytea NOT NULL,
  document_date date, -- on the document
  key_id        text NOT NULL, -- the key that wraps its own
  create_time   timestamptz NOT NULL,
  CONSTRAINT document_pkey PRIMARY KEY (province, id),
  CONSTRAINT document_parent UNIQUE (province, parent_id, id),
  CONSTRAINT document_size CHECK (size > 0),
  CONSTRAINT document_sha256 CHECK (octet_length(sha256) = 32),
  CONSTRAINT document_named CHECK (display_name <> '' AND media_type <> '' AND key_id <> '' AND uploader <> '')
);
CREATE INDEX document_by_time ON document (province, parent_id, create_time, id);
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
-- The service itself asks which of what it stores belong to documents.
CREATE POLICY inside_read ON document FOR SELECT TO {{service}}_inside
  USING (province = (SELECT authz.province()) AND CASE
    WHEN (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE') THEN true
    ELSE inspection_id = ANY ((SELECT authz.tasks())::uuid[]) END);
GRANT SELECT ON document TO {{service}}_inside;

-- Who hands one in, and what cities and counties get of it, stands in each service's own
-- migration. Nobody changes or removes one.

-- +goose Down
DROP TABLE document;
