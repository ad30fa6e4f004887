-- +goose Up
-- The leading group puts an item of a rectification off (arts 5, 17). The kind is added
-- to whatever kinds there are: migrations of other numbers add theirs.
-- +goose StatementBegin
DO $$
DECLARE
  kinds text := (SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'decision_item_kind' AND conrelid = 'decision_item'::regclass);
BEGIN
  EXECUTE 'ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK ('
    || kinds || ' OR kind = ''DEFER_RECTIFICATION_ITEM'') NOT VALID';
END $$;
-- +goose StatementEnd

-- +goose Down
-- A decision stays, whatever it is on.
-- +goose StatementBegin
DO $$
DECLARE
  kinds text := (SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'decision_item_kind' AND conrelid = 'decision_item'::regclass);
BEGIN
  EXECUTE 'ALTER TABLE decision_item DROP CONSTRAINT decision_item_kind, ADD CONSTRAINT decision_item_kind CHECK (('
    || kinds || ') AND kind <> ''DEFER_RECTIFICATION_ITEM'') NOT VALID';
END $$;
-- +goose StatementEnd
