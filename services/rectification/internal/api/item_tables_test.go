package api_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/rectification/internal/domain"
)

// move is plain SQL that takes one step of an item, as the program would.
type tableMove struct {
	name, set string
	tokens    []string // who may
	from      []domain.ItemState
}

// put lays the first item of the database into a state, as the moves that lead there
// leave it; only the superuser can.
func (w *world) put(s domain.ItemState, city bool) {
	w.t.Helper()
	signed := func(states ...domain.ItemState) bool { return slices.Contains(states, s) }
	person := func(is bool, name string) string {
		if is {
			return name
		}
		return ""
	}
	verified := signed(domain.ItemVerified, domain.ItemClosed)
	admin := w.db.Admin(w.t)
	defer admin.Close()
	_, err := admin.Exec(fmt.Sprintf(`ALTER TABLE item DISABLE TRIGGER USER;
UPDATE item SET state = '%s', percent = %d, implementer = 'clerk', opinion = '%s', decision_id = %s, city_verifier = '%s', verifier = '%s',
  closer = '%s', city_not_applicable = '%s', version = 5 WHERE number = 1;
ALTER TABLE item ENABLE TRIGGER USER`, s, map[bool]int{true: 100}[signed(domain.ItemDone, domain.ItemCityVerified, domain.ItemVerified, domain.ItemClosed)],
		person(s == domain.ItemCannotComplete, "x"), map[bool]string{true: "gen_random_uuid()", false: "NULL"}[s == domain.ItemCannotComplete],
		person(city && (verified || s == domain.ItemCityVerified), "liaison"), person(verified, "li"), person(s == domain.ItemClosed, "zhou"),
		person(!city && verified, "NO_CITY_COMMITTEE")))
	if err != nil {
		w.t.Fatal(err)
	}
}

// takes tries a statement of a body and takes it back; an error has to be one of the
// tables' own.
func takes(t *testing.T, db *pg.DB, token, statement string) bool {
	t.Helper()
	undo := errors.New("undo")
	var found int64
	err := db.Write(atTables(t, token), func(tx *pg.Tx) error {
		result, err := tx.SQL().Exec(statement)
		if err == nil {
			found, err = result.RowsAffected()
		}
		if err != nil {
			return err
		}
		return undo
	})
	var state *pgconn.PgError
	if !errors.Is(err, undo) && (!errors.As(err, &state) || !slices.Contains([]string{"42501", "23514", "23503", "23505"}, state.Code)) {
		t.Errorf("%s: stopped by something else: %v", token, err)
	}
	return errors.Is(err, undo) && found > 0
}

// TestArt17TablesHoldTheMoves: every move in every state by every body, with the
// program out of the way: the tables alone let through what the articles do and
// nothing else (arts 15(3), 16, 17).
func TestArt17TablesHoldTheMoves(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	db := w.db.Open(t)
	county, city, inside := []string{k.county}, []string{k.city, k.liaison}, []string{k.group, office}
	working := []domain.ItemState{domain.ItemOpen, domain.ItemInProgress, domain.ItemBasicallyDone, domain.ItemCannotComplete}
	done, checked := []domain.ItemState{domain.ItemDone}, []domain.ItemState{domain.ItemCityVerified}
	const mine = "authz.subject()"
	moves := []tableMove{
		{"report", "state = 'IN_PROGRESS', percent = 5, progress = 'x', implementer = " + mine + ", opinion = '', city_verifier = ''", county, working},
		{"report done", "state = 'DONE', percent = 100, progress = 'x', implementer = " + mine + ", opinion = '', city_verifier = ''", county,
			slices.Concat(working, done)},
		{"city passes", "state = 'CITY_VERIFIED', percent = 100, city_verifier = " + mine + ", opinion = ''", city, done},
		{"city returns", "state = 'IN_PROGRESS', percent = 99, opinion = 'x', city_verifier = ''", city, done},
		{"pass", "state = 'VERIFIED', percent = 100, verifier = " + mine + ", opinion = ''", inside, checked},
		{"return", "state = 'IN_PROGRESS', percent = 99, opinion = 'x', verifier = ''", inside, checked},
		{"close", "state = 'CLOSED', closer = " + mine, []string{office}, []domain.ItemState{domain.ItemVerified}},
		{"defer", "state = 'CANNOT_COMPLETE', decision_id = gen_random_uuid(), opinion = 'x', due_date = due_date + 1", []string{office}, working},
	}
	everybody := append(strangers(), office, leading, k.group, k.county, k.city, k.liaison)
	for _, s := range domain.ItemStates() {
		w.put(s, true)
		for _, m := range moves {
			statement := "UPDATE item SET " + m.set + ", version = version + 1, update_time = now() WHERE number = 1"
			for _, token := range everybody {
				lawful := slices.Contains(m.from, s) && slices.Contains(m.tokens, token)
				if got := takes(t, db, token, statement); got != lawful {
					t.Errorf("%s from %s by %s: %v", m.name, s, token, got)
				}
			}
		}
	}
	w.checkWhatAMoveMayWrite(t, db, k)
}

// checkWhatAMoveMayWrite: a body writes its own part of a step, in its own name.
func (w *world) checkWhatAMoveMayWrite(t *testing.T, db *pg.DB, k task) {
	t.Helper()
	const next = ", version = version + 1, update_time = now() WHERE number = 1"
	for _, tt := range []struct {
		state       domain.ItemState
		token, name string
		statement   string
	}{
		{domain.ItemOpen, k.county, "in another's name", "UPDATE item SET state = 'IN_PROGRESS', implementer = 'x'" + next},
		{domain.ItemOpen, k.county, "a later day", "UPDATE item SET due_date = due_date + 1" + next},
		{domain.ItemOpen, k.county, "100 before it is done", "UPDATE item SET percent = 100, implementer = 'clerk'" + next},
		{domain.ItemOpen, k.county, "no new version", "UPDATE item SET state = 'IN_PROGRESS', implementer = 'clerk' WHERE number = 1"},
		{domain.ItemDone, k.county, "a verification of its own", "UPDATE item SET state = 'DONE', implementer = 'clerk', city_verifier = 'x'" + next},
		{domain.ItemDone, k.city, "the county's words", "UPDATE item SET state = 'CITY_VERIFIED', city_verifier = 'clerk', progress = 'x'" + next},
		{domain.ItemDone, k.city, "the county's evidence", "UPDATE item SET state = 'CITY_VERIFIED', city_verifier = 'clerk', evidence = '[1]'" + next},
		{domain.ItemDone, k.city, "a return without a reason", "UPDATE item SET state = 'IN_PROGRESS', percent = 99" + next},
		{domain.ItemDone, k.group, "past the city", "UPDATE item SET state = 'VERIFIED', verifier = 'li', city_not_applicable = 'NO_CITY_COMMITTEE'" + next},
		{domain.ItemCityVerified, k.group, "no city where there is one", "UPDATE item SET state = 'VERIFIED', verifier = 'li', city_not_applicable = 'NO_CITY_COMMITTEE'" + next},
		{domain.ItemVerified, office, "with another verifier", "UPDATE item SET state = 'CLOSED', closer = 'office', verifier = 'x'" + next},
		{domain.ItemVerified, "INSPECTION_OFFICE provinces/51 li", "by who verified it", "UPDATE item SET state = 'CLOSED', closer = 'li'" + next},
		{domain.ItemVerified, "INSPECTION_OFFICE provinces/51 clerk", "by who reported it", "UPDATE item SET state = 'CLOSED', closer = 'clerk'" + next},
		{domain.ItemVerified, "INSPECTION_OFFICE provinces/51 liaison", "by who verified it for the city", "UPDATE item SET state = 'CLOSED', closer = 'liaison'" + next},
		{domain.ItemOpen, office, "an earlier day", "UPDATE item SET state = 'CANNOT_COMPLETE', decision_id = gen_random_uuid(), opinion = 'x', due_date = due_date - 1" + next},
		{domain.ItemOpen, office, "put off without a decision", "UPDATE item SET state = 'CANNOT_COMPLETE', opinion = 'x', due_date = due_date + 1" + next},
		{domain.ItemDone, k.county, "no item", "DELETE FROM item"},
		{domain.ItemVerified, office, "a look-back at what is not closed", lookBackRow("id")},
		{domain.ItemClosed, k.county, "a look-back of its own", lookBackRow("id")},
		{domain.ItemClosed, leading, "a look-back by the leading group", lookBackRow("id")},
		{domain.ItemClosed, office, "an item that looks back at nothing", lookBackRow("NULL::uuid")},
		{domain.ItemOpen, k.county, "a step that was not taken", `INSERT INTO item_change SELECT province, id, 99, rectification_id, inspection_id, county_code,
city_code, city_may_see, 'DONE', 100, 'x', due_date, 'COUNTY_COMMITTEE', 'clerk', now() FROM item WHERE number = 1`},
		{domain.ItemOpen, k.city, "a step in another's name", `INSERT INTO item_change SELECT province, id, version, rectification_id, inspection_id, county_code,
city_code, city_may_see, state, percent, 'x', due_date, 'COUNTY_COMMITTEE', 'clerk', update_time FROM item WHERE number = 1`},
		{domain.ItemOpen, k.county, "a document that was not handed in", `INSERT INTO evidence SELECT province, id, version, 1, rectification_id, inspection_id, county_code,
city_code, city_may_see, '', repeat('a', 64), NULL, 'x', update_time FROM item WHERE number = 1`},
		{domain.ItemOpen, k.county, "another history", "UPDATE item_change SET text = 'x'"},
		{domain.ItemOpen, office, "no history", "DELETE FROM item_change"},
		{domain.ItemOpen, k.county, "no documents", "DELETE FROM evidence"},
	} {
		w.put(tt.state, true)
		if takes(t, db, tt.token, tt.statement) {
			t.Errorf("%s writes %s", tt.token, tt.name)
		}
	}
	w.put(domain.ItemClosed, true)
	if !takes(t, db, office, lookBackRow("id")) {
		t.Error("no look-back is lawful, so that the refusals prove nothing")
	}
}

// lookBackRow makes an item that looks back at the first one, or at nothing.
func lookBackRow(at string) string {
	return `INSERT INTO item (province, id, rectification_id, inspection_id, county_code, city_code, number, measure, state, percent, progress,
  city_may_see, version, create_time, update_time, due_date, opinion, looks_back_id)
SELECT province, gen_random_uuid(), rectification_id, inspection_id, county_code, city_code, 9, measure, 'OPEN', 0, '', city_may_see, 1,
  now(), now(), due_date, 'x', ` + at + ` FROM item WHERE number = 1`
}

// TestArt16TablesHoldThatThereIsNoCity: where there is none, group and office come
// right after the county, and only with that on record.
func TestArt16TablesHoldThatThereIsNoCity(t *testing.T) {
	w := newWorld(t, "2024-02-26")
	k := w.rectifying(w.jinjiang())
	admin := w.db.Admin(t)
	for _, table := range []string{"item", "rectification", "delivery", "submission", "feedback", "obligation", "obligation_change", "item_change"} {
		if _, err := admin.Exec("ALTER TABLE " + table + " DISABLE TRIGGER ALL"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := admin.Exec("UPDATE item SET city_code = '', city_may_see = false"); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec("ALTER TABLE item ENABLE TRIGGER USER"); err != nil {
		t.Fatal(err)
	}
	db := w.db.Open(t)
	const next = ", version = version + 1 WHERE number = 1"
	for _, s := range domain.ItemStates() {
		if s == domain.ItemCityVerified {
			continue // no such item
		}
		w.put(s, false)
		for _, token := range []string{office, k.group} {
			recorded := takes(t, db, token, "UPDATE item SET state = 'VERIFIED', percent = 100, verifier = authz.subject(), opinion = '', city_not_applicable = 'NO_CITY_COMMITTEE'"+next)
			if recorded != (s == domain.ItemDone) {
				t.Errorf("verified from %s by %s: %v", s, token, recorded)
			}
			if takes(t, db, token, "UPDATE item SET state = 'VERIFIED', percent = 100, verifier = authz.subject(), opinion = ''"+next) {
				t.Errorf("verified from %s by %s, and no word of the city", s, token)
			}
		}
	}
}
