package crash_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/deploy/devstack/stack"
)

// created says where the object of each collection is kept.
func created() map[string][2]string {
	return map[string][2]string{
		"terms":             {"scheduling", "term"},
		"inspectionGroups":  {"scheduling", "inspection_group"},
		"decisions":         {"scheduling", "decision"},
		"batches":           {"scheduling", "batch"},
		"inspections":       {"scheduling", "inspection"},
		"briefings":         {"scheduling", "briefing"},
		"liaisonBodies":     {"scheduling", "liaison_body"},
		"petitions":         {"casefile", "petition"},
		"workingPapers":     {"casefile", "working_paper"},
		"findings":          {"casefile", "finding"},
		"inspectionReports": {"casefile", "inspection_report"},
		"feedbacks":         {"rectification", "feedback"},
	}
}

// checkWrites: the request log holds every write that was acknowledged and no
// other, each has one audit entry, and each object that was made is there once.
func (s *system) checkWrites(t *testing.T, writes []write) {
	t.Helper()
	var acknowledged []string
	objects := map[string][]string{}
	for _, w := range writes {
		acknowledged = append(acknowledged, fmt.Sprint(w.key, " | ", w.code == http.StatusOK))
		if collection := id(w.path); w.code == http.StatusOK && w.verb == http.MethodPost && !strings.Contains(collection, ":") {
			var answer object
			if err := json.Unmarshal([]byte(w.answer), &answer); err != nil {
				t.Fatalf("%s %s answered %q: %v", w.verb, w.path, w.answer, err)
			}
			objects[collection] = append(objects[collection], id(text(answer, "name")))
		}
	}
	// The import of the registry is not the people's.
	const logged = `SELECT request_id::text, code = 0 FROM request_log WHERE method NOT LIKE '%ImportRegistry'`
	const audited = `SELECT request_id::text, outcome = 'OK' FROM audit_entry
		WHERE request_id IS NOT NULL AND party <> 'SERVICE' AND method NOT LIKE '%ImportRegistry'`
	var kept, entries []string
	for _, name := range stack.Names() {
		kept = append(kept, s.rows(t, name, logged)...)
		entries = append(entries, s.rows(t, name, audited)...)
	}
	same(t, "writes in the request logs", sorted(acknowledged), sorted(kept))
	same(t, "writes in the audit logs", sorted(acknowledged), sorted(entries))
	where := created()
	for collection := range objects {
		if where[collection] == [2]string{} {
			t.Errorf("nobody told where %s are kept", collection)
		}
	}
	for collection, at := range where {
		same(t, collection, sorted(objects[collection]), sorted(s.rows(t, at[0], `SELECT id::text FROM `+at[1])))
	}
}

func sorted(lines []string) []string {
	return slices.Sorted(slices.Values(lines))
}

// checkRepeats sends every write again and wants the answer that it had.
func (p *people) checkRepeats(t *testing.T, writes []write) {
	t.Helper()
	for _, w := range writes {
		code, answer, err := p.send(t.Context(), w)
		if err != nil || code != w.code || answer != w.answer {
			t.Errorf("%s %s again: %d %s %v, want %d %s", w.verb, w.path, code, answer, err, w.code, w.answer)
		}
	}
}
