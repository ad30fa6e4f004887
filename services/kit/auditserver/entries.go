package auditserver

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/filter"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/row"
)

func entryFilters() *filter.Table {
	return filter.Must(map[string]filter.Column{
		"subject":      {SQL: "e.subject", Kind: filter.Text},
		"party":        {SQL: "e.party", Kind: filter.Text},
		"jurisdiction": {SQL: "e.jurisdiction", Kind: filter.Text},
		"method":       {SQL: "e.method", Kind: filter.Text},
		"object":       {SQL: "e.object", Kind: filter.Text},
		"outcome":      {SQL: "e.outcome", Kind: filter.Text},
		"occur_time":   {SQL: "e.occur_time", Kind: filter.Time},
	})
}

// ListAuditEntries lists the entries of the province in the order of the log.
func (s *server) ListAuditEntries(ctx context.Context, req *auditv1.ListAuditEntriesRequest) (*auditv1.ListAuditEntriesResponse, error) {
	if _, err := s.parse(ctx, logPattern, "parent", req.GetParent()); err != nil {
		return nil, err
	}
	condition, err := entryFilters().Compile(req.GetFilter())
	if err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.ListAuditEntriesResponse, error) {
		found, err := list(tx, condition, cursor, size)
		if err != nil {
			return nil, err
		}
		found, more := page.Cut(found, size)
		answer := &auditv1.ListAuditEntriesResponse{}
		for _, e := range found {
			entry, err := e.encode(req.GetParent())
			if err != nil {
				return nil, err
			}
			answer.Entries = append(answer.Entries, entry)
		}
		if more {
			answer.NextPageToken, err = s.Pager.Next(ctx, req, strconv.FormatInt(found[size-1].Idx, 10))
		}
		return answer, err
	})
}

// entryRow is what is shown of an entry.
type entryRow struct {
	Idx                                                    int64
	ID, Subject, Party, Jurisdiction, Method, Object, Done string
	OccurTime                                              time.Time
	RequestID                                              row.Text
	Articles                                               string // a JSON list
}

const selectEntries = `
SELECT l.idx, e.id, e.subject, e.party, e.jurisdiction, e.method, e.object, e.outcome AS done, e.occur_time,
  e.request_id, array_to_json(e.articles)::text AS articles
FROM audit_leaf l JOIN audit_entry e ON e.province = l.province AND e.id = l.entry_id
WHERE `

func list(tx *pg.Tx, condition filter.Condition, cursor page.Cursor, size int) ([]entryRow, error) {
	where, args := []string{"l.province = ?"}, []any{tx.Principal().Province}
	if condition.SQL != "" {
		where, args = append(where, "("+condition.SQL+")"), append(args, condition.Args...)
	}
	if !cursor.First() {
		after, err := strconv.ParseInt(cursor.ID, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("page token: %w", err)
		}
		where, args = append(where, "l.idx > ?"), append(args, after)
	}
	var found []entryRow
	query := selectEntries + strings.Join(where, " AND ") + " ORDER BY l.idx LIMIT ?"
	if err := tx.Gorm().Raw(query, append(args, size+1)...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("list audit entries: %w", err)
	}
	return found, nil
}

func (e entryRow) encode(parent string) (*auditv1.AuditEntry, error) {
	entry := &auditv1.AuditEntry{
		Name: parent + "/entries/" + e.ID, Index: e.Idx, OccurTime: timestamppb.New(e.OccurTime),
		Subject: e.Subject, Party: e.Party, Jurisdiction: e.Jurisdiction, Method: e.Method, Object: e.Object,
		Outcome: e.Done, RequestId: string(e.RequestID),
	}
	if err := json.Unmarshal([]byte(e.Articles), &entry.Articles); err != nil {
		return nil, fmt.Errorf("articles of entry %s: %w", e.ID, err)
	}
	return entry, nil
}

// entered tells, by row.Missing, whether there is such an entry for the caller.
func entered(tx *pg.Tx, id string) error {
	var there bool
	err := tx.SQL().QueryRowContext(tx.Context(), "SELECT EXISTS (SELECT FROM audit_entry WHERE province = $1 AND id = $2)",
		tx.Principal().Province, id).Scan(&there)
	if err == nil && !there {
		return row.Missing()
	}
	return err
}
