-- The tables of the cases once more, as a peer would keep them: the same columns and
-- rows, one column as the key, no row-level security, no trigger, and a log of its own.
CREATE ROLE peers LOGIN;
GRANT CONNECT ON DATABASE rectification TO peers;
CREATE SCHEMA peers AUTHORIZATION peers;

CREATE TABLE peers.rectification AS SELECT * FROM rectification;
ALTER TABLE peers.rectification ADD PRIMARY KEY (id);
CREATE INDEX ON peers.rectification (city_code, state, id);

CREATE TABLE peers.item AS SELECT * FROM item;
ALTER TABLE peers.item ADD PRIMARY KEY (id),
  ADD CONSTRAINT item_rectification FOREIGN KEY (rectification_id) REFERENCES peers.rectification (id);
CREATE INDEX ON peers.item (rectification_id, number);

CREATE TABLE peers.obligation AS SELECT * FROM obligation;
ALTER TABLE peers.obligation ADD PRIMARY KEY (id);
CREATE INDEX ON peers.obligation (subject);

CREATE TABLE peers.audit (
  id         uuid PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  subject    text NOT NULL,
  method     text NOT NULL,
  object     text NOT NULL,
  request_id uuid NOT NULL UNIQUE
);
ALTER TABLE peers.rectification OWNER TO peers;
ALTER TABLE peers.item OWNER TO peers;
ALTER TABLE peers.obligation OWNER TO peers;
ALTER TABLE peers.audit OWNER TO peers;
