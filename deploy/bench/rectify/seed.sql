-- So many cases (:rows) of one province with 21 cities of nine counties, their tasks,
-- feedbacks, deliveries and dates; each :stride-th case of two counties has twenty items.
-- Every row is as the service itself would have left it: all constraints hold. Ids are
-- counted, so that the load can name them. One transaction.

-- What a later migration added, and this file does not name, gets what is empty of its type.
CREATE TEMPORARY TABLE bench_default AS
SELECT table_name, column_name, CASE data_type WHEN 'text' THEN $$''$$ WHEN 'jsonb' THEN $$'[]'$$ WHEN 'ARRAY' THEN $$'{}'$$
  WHEN 'boolean' THEN 'false' ELSE '0' END AS value
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN ('task', 'feedback', 'delivery', 'rectification', 'item', 'obligation')
  AND is_nullable = 'NO' AND column_default IS NULL AND is_generated = 'NEVER'
  AND data_type IN ('text', 'jsonb', 'ARRAY', 'boolean', 'integer', 'bigint');
DO $$
DECLARE d record;
BEGIN
  FOR d IN SELECT * FROM bench_default LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', d.table_name, d.column_name, d.value);
  END LOOP;
END $$;

CREATE TEMPORARY TABLE bench_case AS
SELECT i,
  ('01900001-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS inspection,
  ('01900002-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS feedback,
  ('01900003-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS delivery,
  ('01900004-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS id,
  (510000 + 100 * (1 + i % 21))::text AS city,
  (510001 + 100 * (1 + i % 21) + (i / 21) % 9)::text AS county,
  i % 189 IN (1, 100) AND i / 189 % :stride = 0 AS has_items,
  CASE WHEN i % 189 IN (1, 100) AND i / 189 % :stride = 0 THEN 'RECTIFYING'
    WHEN i::bigint * 7919 % 100 < 15 THEN 'PLANNING' WHEN i::bigint * 7919 % 100 < 60 THEN 'RECTIFYING'
    WHEN i::bigint * 7919 % 100 < 75 THEN 'REPORTED' ELSE 'CLOSED' END AS state,
  (SELECT jsonb_agg(jsonb_build_object('number', n,
      'description', '第' || n || '项问题：党委（党组）落实全面从严治党主体责任不够有力，重点领域廉洁风险防控存在薄弱环节。',
      'suggestion', '建议逐级压实责任，健全制度，限期整改到位。') ORDER BY n) FROM generate_series(1, 5) AS n) AS problems
FROM generate_series(1, :rows) AS i;

INSERT INTO task (province, inspection_id, county_code, city_code, county_name, rule_set, create_time)
SELECT '51', inspection, county, city, '县', 'CN-COUNTY-2012', '2026-01-05 01:00Z' FROM bench_case;

INSERT INTO feedback (province, id, inspection_id, county_code, city_code, report_id, summary, problems, state, decision_id,
  consult_date, consult_opinion, consult_dissent, consult_not_applicable, document_number, meeting_date, attendees,
  copy_not_applicable, version, create_time, update_time)
SELECT '51', feedback, inspection, county, city, gen_random_uuid(), '巡视反馈意见。', problems, 'COPIED', gen_random_uuid(),
  '2026-01-06', '同意', false, '', '川巡办〔2026〕' || i || '号', '2026-01-07',
  '[{"name": "张三", "post": "市委副书记", "city_leading_body": true}]', '', 6, '2026-01-05 01:00Z', '2026-01-07 01:00Z'
FROM bench_case;

INSERT INTO delivery (province, id, inspection_id, county_code, city_code, addressee, kind, submission, feedback_id,
  rectification_id, rule_set, document_number, content, deliver_time, receive_time, receiver, version)
SELECT '51', delivery, inspection, county, city, 'provinces/51/counties/' || county, 'FEEDBACK', 0, feedback,
  id, 'CN-COUNTY-2012', '川巡办〔2026〕' || i || '号', jsonb_build_object('summary', '巡视反馈意见。', 'problems', problems),
  '2026-01-07 01:00Z', '2026-01-08 01:00Z', '县委办公室主任', 2
FROM bench_case;
INSERT INTO rectification (province, id, inspection_id, county_code, city_code, delivery_id, rule_set, problems, state,
  receive_date, plan_submit_date, report_submit_date, decision_id, close_date, city_may_see, version, create_time, update_time)
SELECT '51', id, inspection, county, city, delivery, 'CN-COUNTY-2012', problems, state, '2026-01-08',
  CASE WHEN state <> 'PLANNING' THEN '2026-02-09'::date END, CASE WHEN state IN ('REPORTED', 'CLOSED') THEN '2026-08-07'::date END,
  CASE state WHEN 'CLOSED' THEN gen_random_uuid() END, CASE state WHEN 'CLOSED' THEN '2026-09-01'::date END,
  true, 3, '2026-01-08 01:00Z', '2026-02-10 01:00Z'
FROM bench_case;

INSERT INTO item (province, id, rectification_id, inspection_id, county_code, city_code, number, measure, state, percent,
  progress, city_may_see, version, create_time, update_time, due_date)
SELECT '51', ('01900005-0000-7000-80' || lpad(to_hex(n), 2, '0') || '-' || lpad(to_hex(c.i), 12, '0'))::uuid,
  id, inspection, county, city, n,
  jsonb_build_object('number', n, 'problems', jsonb_build_array(1 + n % 5), 'description',
    '修订议事规则，明确责任清单，对照反馈意见逐条制定整改措施，完善长效机制并组织专项检查。', 'owner', '县委常委、组织部部长李四', 'due', '2026-07-31'),
  'IN_PROGRESS', 10, '已完成自查，正在修订制度。', true, 1, '2026-02-12 01:00Z', '2026-03-02 01:00Z', '2026-07-31'
FROM bench_case c CROSS JOIN generate_series(1, 20) AS n WHERE c.has_items;

-- The dates of art. 17, due late enough that no reminder falls into the run.
INSERT INTO obligation (province, id, duty, article, obligor_party, soft, subject, county_code, city_code, inspection_id,
  rule_set, clock, start_date, awaiting, due_date, computed_date, provisional, calendar_version, extension, suspensions,
  state, satisfy_date, late, county_sees, city_sees, series, next_rung, rung_date, yellow_date, change_count,
  create_time, update_time, version)
SELECT '51', ('0190000' || d.at || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, d.duty, '17', 'COUNTY_COMMITTEE', false,
  'provinces/51/rectifications/' || id, county, city, inspection, 'CN-COUNTY-2012', d.clock, d.start, CASE WHEN d.met IS NULL THEN 1 ELSE 0 END,
  d.due, d.due, false, :'calendar', 0, '[]', CASE WHEN d.met IS NULL THEN 'OPEN' ELSE 'SATISFIED' END, d.met, false, true, true,
  1, 0, CASE WHEN d.met IS NULL THEN '2036-01-01'::date END, '2036-01-01', 1, d.start, d.start, 1
FROM bench_case CROSS JOIN LATERAL (VALUES
  (6, 'RECTIFICATION_PLAN', 'plan', '2026-01-08'::date, '2026-02-26'::date + CASE state WHEN 'PLANNING' THEN 3653 ELSE 0 END,
    CASE WHEN state <> 'PLANNING' THEN '2026-02-09'::date END),
  (7, 'RECTIFICATION_REPORT', 'rectification_report', '2026-02-09', '2026-08-10'::date + CASE state WHEN 'RECTIFYING' THEN 3653 ELSE 0 END,
    CASE WHEN state IN ('REPORTED', 'CLOSED') THEN '2026-08-07'::date END)
) AS d (at, duty, clock, start, due, met)
WHERE d.at = 6 OR state <> 'PLANNING';

SET CONSTRAINTS ALL IMMEDIATE;
DO $$
DECLARE d record;
BEGIN
  FOR d IN SELECT * FROM bench_default LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP DEFAULT', d.table_name, d.column_name);
  END LOOP;
END $$;
DROP TABLE bench_case, bench_default;
