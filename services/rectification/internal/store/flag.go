package store

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// flags are computed when they are read: there is no state that could be wrong. The
// other item of a flag about two is one that the caller may read, by the condition
// and by row-level security.
const flags = `
WITH ours AS MATERIALIZED (
  SELECT i.id, i.number, i.measure ->> 'description' AS description, i.due_date,
    CASE WHEN i.looks_back_id IS NULL THEN r.receive_date ELSE (i.create_time AT TIME ZONE 'Asia/Shanghai')::date END AS since
  FROM item i JOIN rectification r ON r.province = i.province AND r.id = i.rectification_id
  WHERE i.province = @province AND i.rectification_id = @case
), handed_in AS MATERIALIZED (
  SELECT DISTINCT ON (e.item_id, e.sha256) e.* FROM evidence e JOIN ours ON ours.id = e.item_id
  WHERE e.province = @province ORDER BY e.item_id, e.sha256, e.change_number, e.number
), flag AS (
  SELECT 1 AS kind, e.item_id || e.sha256 || o.item_id AS key, e.item_id, jsonb_build_object('evidence', e, 'other', o) AS proof
  FROM handed_in e CROSS JOIN LATERAL (
    SELECT DISTINCT ON (o.item_id) o.* FROM evidence o
    WHERE o.province = e.province AND o.sha256 = e.sha256 AND (o.rectification_id <> @case OR o.item_id > e.item_id)
      AND (@everywhere OR o.inspection_id IN (SELECT m.inspection_id FROM task_member m WHERE m.province = @province AND m.subject = @person))
    ORDER BY o.item_id, o.change_number, o.number) o
  UNION ALL
  SELECT 2, e.item_id || e.sha256, e.item_id, jsonb_build_object('evidence', e, 'since', ours.since)
  FROM handed_in e JOIN ours ON ours.id = e.item_id WHERE e.document_date < ours.since
  UNION ALL
  SELECT 3, a.item_id::text || a.other_id, a.item_id, jsonb_build_object('measure', ours.description, 'similarity', floor(a.similarity * 100),
    'other', jsonb_build_object('item_id', o.id, 'rectification_id', o.rectification_id, 'county_code', o.county_code,
      'measure', o.measure ->> 'description'))
  FROM item_alike(@case) a JOIN ours ON ours.id = a.item_id JOIN item o ON o.province = @province AND o.id = a.other_id
    AND (@everywhere OR o.inspection_id IN (SELECT m.inspection_id FROM task_member m WHERE m.province = @province AND m.subject = @person))
  UNION ALL
  SELECT 4, d.due_date::text, NULL, jsonb_build_object('due', d.due_date, 'due_items', count(*),
    'numbers', jsonb_agg(d.number ORDER BY d.number) FILTER (WHERE d.on_the_day))
  FROM (SELECT ours.due_date, ours.number, coalesce((SELECT (min(c.change_time) AT TIME ZONE 'Asia/Shanghai')::date = ours.due_date
      FROM item_change c WHERE c.province = @province AND c.item_id = ours.id AND c.state = 'DONE'), false) AS on_the_day FROM ours) d
  GROUP BY d.due_date
  HAVING count(*) FILTER (WHERE d.on_the_day) >= @least AND count(*) FILTER (WHERE d.on_the_day) * 100 >= @share * count(*)
)
SELECT kind, key, item_id, proof FROM flag WHERE (kind, key) > (@kind, @key) ORDER BY kind, key LIMIT @limit`

// proofDoc is the proof of a flag as the statement gives it.
type proofDoc struct {
	Evidence   *proofEvidence `json:"evidence"`
	Since      dayDoc         `json:"since"`
	Measure    string         `json:"measure"`
	Similarity int32          `json:"similarity"`
	Other      *proofEvidence `json:"other"`
	Due        dayDoc         `json:"due"`
	DueItems   int32          `json:"due_items"`
	Numbers    []int32        `json:"numbers"`
}

// proofEvidence is a row of evidence, or the other item of two.
type proofEvidence struct {
	evidenceDoc
	ItemID          string `json:"item_id"`
	RectificationID string `json:"rectification_id"`
	CountyCode      string `json:"county_code"`
	Measure         string `json:"measure"`
}

type flagRow struct {
	Kind   int
	Key    string
	ItemID row.Text
	Proof  []byte
}

func (r flagRow) domain() (domain.Flag, error) {
	var p proofDoc
	if err := json.Unmarshal(r.Proof, &p); err != nil {
		return domain.Flag{}, fmt.Errorf("proof of a flag: %w", err)
	}
	f := domain.Flag{
		Kind: domain.FlagKind(r.Kind), Key: r.Key, Item: string(r.ItemID), Since: p.Since.Date, Measure: p.Measure,
		Similarity: p.Similarity, Due: p.Due.Date, DueItems: p.DueItems, Numbers: p.Numbers,
	}
	if p.Evidence != nil {
		f.Evidence = fromEvidence(p.Evidence.evidenceDoc)
	}
	if o := p.Other; o != nil {
		f.Other = domain.FlagOther{
			Item: o.ItemID, Rectification: o.RectificationID, County: o.CountyCode, Measure: o.Measure,
			Evidence: fromEvidence(o.evidenceDoc),
		}
	}
	return f, nil
}

// Flags lists the flags of a case by kind.
func Flags(tx *pg.Tx, rectification string, rules domain.FlagRules, q Query) ([]domain.Flag, error) {
	kind, key := 0, q.Cursor.ID
	if len(q.Cursor.Keys) == 1 {
		var err error
		if kind, err = strconv.Atoi(q.Cursor.Keys[0]); err != nil {
			return nil, fmt.Errorf("page of flags: %w", err)
		}
	}
	threshold := strconv.FormatFloat(float64(rules.Alike)/100, 'f', -1, 64)
	if err := tx.Gorm().Exec("SELECT set_config('pg_trgm.similarity_threshold', ?, true)", threshold).Error; err != nil {
		return nil, fmt.Errorf("threshold of flags: %w", err)
	}
	var rows []flagRow
	p := tx.Principal()
	err := tx.Gorm().Raw(flags, map[string]any{
		"province": p.Province, "case": rectification, "person": p.Subject, "everywhere": p.Party != principal.InspectionGroup,
		"least": rules.BurstItems, "share": rules.BurstShare, "kind": kind, "key": key, "limit": q.Size + 1,
	}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("flags: %w", err)
	}
	out := make([]domain.Flag, len(rows))
	for n, r := range rows {
		if out[n], err = r.domain(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
