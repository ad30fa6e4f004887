-- +goose Up
-- River's own migrations fill this schema.
CREATE SCHEMA IF NOT EXISTS river;

-- outbox: what other services must learn, written in the business transaction.
CREATE TABLE outbox (
  id          uuid NOT NULL,
  province    text NOT NULL,
  destination text NOT NULL,
  aggregate   text NOT NULL,
  sequence    bigint NOT NULL,
  type_url    text NOT NULL,
  payload     bytea NOT NULL,
  occur_time  timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  attempts    integer NOT NULL DEFAULT 0,
  last_error  text,
  done_time   timestamptz,
  parked_time timestamptz,
  CONSTRAINT outbox_pkey PRIMARY KEY (province, id),
  CONSTRAINT outbox_order UNIQUE (province, destination, aggregate, sequence)
);
CREATE INDEX outbox_by_id ON outbox (id); -- a job knows no more than the id
CREATE INDEX outbox_done ON outbox (done_time) WHERE done_time IS NOT NULL;
CREATE INDEX outbox_open ON outbox (id) WHERE done_time IS NULL;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY announce ON outbox FOR INSERT TO {{service}}_inside, {{service}}_outside
  WITH CHECK (province = (SELECT authz.province())
              AND starts_with(aggregate || '/', 'provinces/' || (SELECT authz.province()) || '/'));
CREATE POLICY deliver_read ON outbox FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY deliver_mark ON outbox FOR UPDATE TO {{service}}_job USING (true) WITH CHECK (true);
-- What is delivered is kept for thirty days; what is not, for ever.
CREATE POLICY deliver_purge ON outbox FOR DELETE TO {{service}}_job
  USING (done_time < now() - interval '30 days');
GRANT INSERT ON outbox TO {{service}}_inside, {{service}}_outside;
GRANT SELECT, DELETE, UPDATE (attempts, last_error, done_time, parked_time) ON outbox TO {{service}}_job;

-- outbox_sequence numbers the events of an aggregate for each destination.
CREATE TABLE outbox_sequence (
  province    text NOT NULL,
  destination text NOT NULL,
  aggregate   text NOT NULL,
  last        bigint NOT NULL,
  CONSTRAINT outbox_sequence_pkey PRIMARY KEY (province, destination, aggregate)
);
ALTER TABLE outbox_sequence ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox_sequence FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON outbox_sequence TO {{service}}_owner USING (true) WITH CHECK (true);

-- A second writer of the same aggregate waits for the first and then fails with
-- 40001, so that its transaction runs again. A number that is taken and not used
-- would stop the aggregate for good, so nobody takes one of another province.
-- +goose StatementBegin
CREATE FUNCTION outbox_next_sequence(destination text, aggregate text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  number bigint;
BEGIN
  IF starts_with($2 || '/', 'provinces/' || authz.province() || '/') IS NOT TRUE THEN
    RAISE EXCEPTION 'the aggregate is not of the province of the scope' USING ERRCODE = '42501';
  END IF;
  INSERT INTO public.outbox_sequence AS s (province, destination, aggregate, last) VALUES (authz.province(), $1, $2, 1)
  ON CONFLICT ON CONSTRAINT outbox_sequence_pkey DO UPDATE SET last = s.last + 1
  RETURNING last INTO number;
  RETURN number;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION outbox_next_sequence(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outbox_next_sequence(text, text) TO {{service}}_inside, {{service}}_outside;

-- inbox: which events of other services took effect here.
CREATE TABLE inbox (
  province     text NOT NULL,
  source       text NOT NULL,
  event_id     uuid NOT NULL,
  aggregate    text NOT NULL,
  sequence     bigint NOT NULL,
  type_url     text NOT NULL,
  receive_time timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT inbox_pkey PRIMARY KEY (province, source, event_id),
  CONSTRAINT inbox_order UNIQUE (province, source, aggregate, sequence)
);
CREATE INDEX inbox_by_time ON inbox (receive_time);
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON inbox TO {{service}}_inside
  USING ((SELECT authz.party()) = 'SERVICE' AND source = (SELECT authz.subject()) AND province = (SELECT authz.province()))
  WITH CHECK ((SELECT authz.party()) = 'SERVICE' AND source = (SELECT authz.subject()) AND province = (SELECT authz.province()));
GRANT SELECT, INSERT ON inbox TO {{service}}_inside;
-- A repeat comes within days. After ninety the job role clears away, but for the
-- last event of each aggregate, which tells the one that follows.
CREATE POLICY order_read ON inbox FOR SELECT TO {{service}}_job USING (true);
CREATE POLICY order_purge ON inbox FOR DELETE TO {{service}}_job
  USING (receive_time < now() - interval '90 days');
GRANT SELECT (province, source, aggregate, sequence, receive_time), DELETE ON inbox TO {{service}}_job;

-- +goose Down
DROP TABLE inbox;
DROP FUNCTION outbox_next_sequence(text, text);
DROP TABLE outbox_sequence;
DROP TABLE outbox;
DROP SCHEMA river CASCADE;
