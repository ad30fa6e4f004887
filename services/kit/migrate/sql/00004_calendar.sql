-- +goose Up
-- holiday_notice_active: the holiday notices that a province activated, beside those
-- that are built into the program. Every service has them, so that a date is counted
-- in the transaction that needs it (domain.md §5.2).
CREATE TABLE holiday_notice_active (
  province      text NOT NULL,
  id            text NOT NULL, -- its number, e.g. SC-2027
  jurisdiction  text NOT NULL, -- whose days it says: the province, or '' for the country
  publish_date  date NOT NULL,
  source        text NOT NULL,
  days          jsonb NOT NULL, -- [{"date": "2027-01-01", "working": false, "name": "元旦"}]
  activate_time timestamptz NOT NULL, -- by the business clock
  position      bigint NOT NULL, -- in the order of activation, from 1
  CONSTRAINT holiday_notice_active_pkey PRIMARY KEY (province, id),
  CONSTRAINT holiday_notice_active_order UNIQUE (province, position),
  CONSTRAINT holiday_notice_active_jurisdiction CHECK (jurisdiction IN ('', province)),
  CONSTRAINT holiday_notice_active_position CHECK (position > 0),
  CONSTRAINT holiday_notice_active_days CHECK (jsonb_typeof(days) = 'array' AND jsonb_array_length(days) > 0)
);
ALTER TABLE holiday_notice_active ENABLE ROW LEVEL SECURITY;
ALTER TABLE holiday_notice_active FORCE ROW LEVEL SECURITY;
-- A calendar is public: whoever counts a date in the province reads it.
CREATE POLICY public_read ON holiday_notice_active FOR SELECT TO {{service}}_inside, {{service}}_outside
  USING (province = (SELECT authz.province()));
CREATE POLICY activate ON holiday_notice_active FOR INSERT TO {{service}}_inside
  WITH CHECK (province = (SELECT authz.province())
              AND (SELECT authz.party()) IN ('LEADING_GROUP', 'INSPECTION_OFFICE', 'SERVICE'));
-- Nobody changes one: what is wrong is put right by a later notice.
GRANT SELECT, INSERT ON holiday_notice_active TO {{service}}_inside;
GRANT SELECT ON holiday_notice_active TO {{service}}_outside;

-- +goose Down
DROP TABLE holiday_notice_active;
