package pg_test

import (
	"context"
	"testing"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// exec runs a statement in a transaction of the caller.
func exec(db *pg.DB, ctx context.Context, statement string) error {
	return db.Write(ctx, func(tx *pg.Tx) error {
		_, err := tx.SQL().ExecContext(ctx, statement)
		return err
	})
}

func TestEachCallerSeesItsOwn(t *testing.T) {
	d := stage(t)
	pgtest.CheckIsolation(t, d)
	db := d.Open(t)
	for name, tt := range map[string]struct {
		ctx  context.Context
		want int
	}{
		"county":                    {county(jinjiang), 1},
		"city, its counties":        {city(chengdu), 2},
		"another city":              {city(mianyang), 1},
		"office, its province":      {office("51"), 3},
		"office of another":         {office("53"), 1},
		"county of another":         {county(wuhua), 1},
		"service without province":  {principal.With(context.Background(), principal.Principal{Subject: "x", Party: principal.Service}), 0},
		"department without a city": {pgtest.As(context.Background(), principal.OtherDepartment, "provinces/51", "x"), 0},
	} {
		if n := count(t, db, tt.ctx, "SELECT count(*) FROM notice"); n != tt.want {
			t.Errorf("%s sees %d notices, want %d", name, n, tt.want)
		}
	}
}

func TestOutsideRoleHasNoGrantOnWhatIsInside_Art8(t *testing.T) { // D3
	db := stage(t).Open(t)
	for _, statement := range []string{
		"SELECT 1 FROM letter", "SELECT count(*) FROM letter", "DELETE FROM letter", "SELECT 1 FROM task_member",
		"INSERT INTO letter VALUES ('51', gen_random_uuid(), gen_random_uuid(), 'planted')",
	} {
		if err := exec(db, county(jinjiang), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v; want 42501", statement, err)
		}
	}
}

func TestGroupSeesTheTasksOfWhichItsMemberIs_Art8(t *testing.T) {
	d := stage(t)
	db := d.Open(t)
	const letters = "SELECT count(*) FROM letter"
	if n := count(t, db, group("member"), letters); n != 1 {
		t.Errorf("the member sees %d letters, want 1", n)
	}
	if n := count(t, db, group("stranger"), letters); n != 0 {
		t.Errorf("another group's member sees %d letters, want 0", n)
	}
	// Membership does not help whoever acts for another body.
	leading := pgtest.As(context.Background(), principal.LeadingGroup, "provinces/51", "member")
	if n := count(t, db, leading, letters); n != 0 {
		t.Errorf("the leading group sees %d letters by membership, want 0", n)
	}
	// It ends at once.
	if err := exec(db, office("51"), "DELETE FROM task_member WHERE subject = 'member'"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, group("member"), letters); n != 0 {
		t.Errorf("a former member sees %d letters, want 0", n)
	}
}

func TestNobodyWritesOutsideItsScope(t *testing.T) {
	db := stage(t).Open(t)
	for name, statement := range map[string]string{
		"insert":              "INSERT INTO notice VALUES ('51', '510100', '510105', 9)",
		"move a row away":     "UPDATE notice SET county_code = '510105', number = 9",
		"upsert a hidden row": "INSERT INTO notice VALUES ('51', '510100', '510105', 1) ON CONFLICT (province, county_code, number) DO UPDATE SET number = 9", // trap 6
	} {
		if err := exec(db, county(jinjiang), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v; want 42501", name, err)
		}
	}
	for name, statement := range map[string]string{
		"update": "UPDATE notice SET number = 9 WHERE county_code = '510105'",
		"delete": "DELETE FROM notice WHERE county_code = '510105'",
	} {
		if err := exec(db, county(jinjiang), statement); err != nil {
			t.Errorf("%s: %v; a hidden row must look like a missing one", name, err)
		}
	}
	if n := count(t, db, county(qingyang), "SELECT count(*) FROM notice WHERE number = 1"); n != 1 {
		t.Error("the other county's notice was changed")
	}
}

// A unique key that leads with the scope columns cannot be hit by a foreign
// value, and a foreign key that carries them cannot be used to feel for one.
func TestKeysTellNothingOfForeignRows(t *testing.T) { // traps 5 and 7
	db := stage(t).Open(t)
	existing := exec(db, county(jinjiang), "INSERT INTO signature VALUES ('51', '510105', 1)")
	missing := exec(db, county(jinjiang), "INSERT INTO signature VALUES ('51', '510105', 77)")
	if sqlState(existing) != "42501" || sqlState(missing) != "42501" || existing.Error() != missing.Error() {
		t.Errorf("a signature for an existing foreign notice: %v; for a missing one: %v; want the same 42501", existing, missing)
	}
	existing = exec(db, county(jinjiang), "INSERT INTO notice VALUES ('51', '510100', '510105', 1)")
	missing = exec(db, county(jinjiang), "INSERT INTO notice VALUES ('51', '510100', '510105', 77)")
	if sqlState(existing) != "42501" || existing.Error() != missing.Error() {
		t.Errorf("taken foreign number: %v; free one: %v; want the same 42501", existing, missing)
	}
	if err := exec(db, county(jinjiang), "INSERT INTO signature VALUES ('51', '510104', 1)"); err != nil {
		t.Errorf("its own signature: %v", err)
	}
}

func TestWhatRowSecurityDoesNotCoverIsNotGranted(t *testing.T) { // traps 11 and 13
	d := stage(t)
	for role, dsn := range map[string]string{"inside": d.DSNs.Inside, "outside": d.DSNs.Outside} {
		conn := d.Connect(t, dsn)
		for _, statement := range []string{
			"TRUNCATE notice",
			"ALTER TABLE notice DISABLE ROW LEVEL SECURITY",
			"CREATE MATERIALIZED VIEW seen AS SELECT * FROM notice",
			"SET row_security = off; SELECT count(*) FROM notice", // an error, never a bypass
		} {
			if _, err := conn.Exec(statement); sqlState(err) != "42501" {
				t.Errorf("%s as %s: %v; want 42501", statement, role, err)
			}
		}
	}
}

func TestOwnerIsBoundToo(t *testing.T) { // trap 1
	d := stage(t)
	var n int
	if err := d.Connect(t, d.DSNs.Owner).QueryRow("SELECT count(*) FROM notice").Scan(&n); err != nil || n != 0 {
		t.Errorf("the owner sees %d rows, %v; want 0", n, err)
	}
}

func TestRefusalByTheDatabaseIsDeniedWithoutDetail(t *testing.T) {
	err := exec(stage(t).Open(t), county(jinjiang), "SELECT body FROM letter")
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Denied || f.Reason != fault.ReasonMethodNotGranted || len(f.Meta) != 0 {
		t.Errorf("got %#v; want a bare METHOD_NOT_GRANTED", err)
	}
}
