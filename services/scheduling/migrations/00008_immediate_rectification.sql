-- +goose Up
-- The leading group consents to an immediate rectification, and may bypass an implicated
-- city (art. 9).
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (kind IN
  ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION',
   'EXTEND_OBLIGATION', 'SUSPEND_OBLIGATION', 'RESUME_OBLIGATION', 'SHORTEN_OBLIGATION', 'EXTEND_ON_SITE',
   'CONSENT_IMMEDIATE_RECTIFICATION', 'BYPASS_CITY')) NOT VALID;

-- +goose Down
-- A decision stays, whatever it is on.
ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (kind IN
  ('APPROVE_BATCH', 'AGREE_REPORT', 'CLOSE_RECTIFICATION',
   'EXTEND_OBLIGATION', 'SUSPEND_OBLIGATION', 'RESUME_OBLIGATION', 'SHORTEN_OBLIGATION', 'EXTEND_ON_SITE')) NOT VALID;
