-- +goose Up
-- The case file knows the city that supervises its county, by which the dates of art. 10
-- are listed; '' where there is none, and of the files that were opened before. The outside
-- gets nothing here: it has no right on obligation, obligation_change or notification, and
-- the policies of the kit name the inside only (domain.md §8).
ALTER TABLE case_file
  ADD COLUMN city_code text NOT NULL DEFAULT '',
  ADD CONSTRAINT case_file_city CHECK (city_code = '' OR city_code ~ '^[0-9]{6}$' AND left(city_code, 2) = province);

-- A holiday notice counts here once scheduling, where two persons brought it in, told of it.
CREATE POLICY told_by_scheduling ON holiday_notice_active AS RESTRICTIVE FOR INSERT TO casefile_inside
  WITH CHECK ((SELECT authz.party()) = 'SERVICE' AND (SELECT authz.subject()) = 'scheduling');

-- +goose Down
DROP POLICY told_by_scheduling ON holiday_notice_active;
ALTER TABLE case_file DROP COLUMN city_code;
