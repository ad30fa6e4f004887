package pg_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/pgtest"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// probe is a service with one table of each exposure class: letters stay inside
// (art. 8), notices reach the county and its city (art. 12(2)).
var probe = pgtest.Service{Name: "probe", Migrations: fstest.MapFS{"00001_probe.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE letter (
  province      text NOT NULL,
  id            uuid NOT NULL,
  inspection_id uuid NOT NULL,
  body          text NOT NULL,
  PRIMARY KEY (province, id)
);
ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
CREATE POLICY inside ON letter TO probe_inside USING (
  province = (SELECT authz.province()) AND ((SELECT authz.party()) = 'INSPECTION_OFFICE'
    OR inspection_id = ANY ((SELECT authz.tasks())::uuid[])));
GRANT SELECT, INSERT, UPDATE, DELETE ON letter TO probe_inside;

CREATE TABLE notice (
  province    text NOT NULL,
  city_code   text,
  county_code text NOT NULL,
  number      integer NOT NULL CONSTRAINT notice_number CHECK (number > 0),
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (province, county_code, number)
);
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY inside ON notice TO probe_inside USING (province = (SELECT authz.province()));
CREATE POLICY outside ON notice TO probe_outside USING (province = (SELECT authz.province()) AND CASE
  WHEN (SELECT authz.county()) <> '' THEN county_code = (SELECT authz.county())
  ELSE city_code = (SELECT authz.city()) END);
GRANT SELECT, INSERT, UPDATE, DELETE ON notice TO probe_inside, probe_outside;

CREATE TABLE signature (
  province    text NOT NULL,
  county_code text NOT NULL,
  number      integer NOT NULL,
  PRIMARY KEY (province, county_code, number),
  CONSTRAINT signature_notice_fk FOREIGN KEY (province, county_code, number) REFERENCES notice
    DEFERRABLE INITIALLY IMMEDIATE
);
ALTER TABLE signature ENABLE ROW LEVEL SECURITY;
ALTER TABLE signature FORCE ROW LEVEL SECURITY;
CREATE POLICY outside ON signature TO probe_outside
  USING (province = (SELECT authz.province()) AND county_code = (SELECT authz.county()));
GRANT SELECT, INSERT ON signature TO probe_outside;

-- last_words ends the session in the middle of a commit.
CREATE TABLE last_words (province text NOT NULL PRIMARY KEY);
ALTER TABLE last_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE last_words FORCE ROW LEVEL SECURITY;
CREATE POLICY inside ON last_words TO probe_inside USING (province = (SELECT authz.province()));
GRANT SELECT, INSERT ON last_words TO probe_inside;
-- +goose StatementBegin
CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_terminate_backend(pg_backend_pid());
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON last_words DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION hang_up();

-- +goose Down
DROP TABLE last_words, signature, notice, letter;
DROP FUNCTION hang_up();
`)}}}

// The places of the tests: two counties under Chengdu, one under Mianyang, one
// with the same shape in Yunnan.
const (
	chengdu     = "510100"
	jinjiang    = "510104"
	qingyang    = "510105"
	mianyang    = "510700"
	fucheng     = "510703"
	kunming     = "530100"
	wuhua       = "530102"
	inspectionA = "0190a000-0000-4000-8000-00000000000a"
	inspectionB = "0190a000-0000-4000-8000-00000000000b"
)

// stage fills the tables as the superuser, whom no policy binds.
func stage(t *testing.T) *pgtest.Database {
	t.Helper()
	d := pgtest.New(t, probe)
	for _, statement := range []string{
		`INSERT INTO notice (province, city_code, county_code, number) VALUES
		   ('51', '` + chengdu + `', '` + jinjiang + `', 1), ('51', '` + chengdu + `', '` + qingyang + `', 1),
		   ('51', '` + mianyang + `', '` + fucheng + `', 1), ('53', '` + kunming + `', '` + wuhua + `', 1)`,
		`INSERT INTO letter (province, id, inspection_id, body) VALUES
		   ('51', gen_random_uuid(), '` + inspectionA + `', 'a'), ('51', gen_random_uuid(), '` + inspectionB + `', 'b'),
		   ('53', gen_random_uuid(), '` + inspectionA + `', 'c')`,
		`INSERT INTO task_member (province, inspection_id, subject, display_name, leader) VALUES
		   ('51', '` + inspectionA + `', 'member', 'M', true)`,
	} {
		if _, err := d.Admin(t).Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func county(code string) context.Context {
	return pgtest.As(context.Background(), principal.CountyCommittee, "provinces/"+code[:2]+"/counties/"+code, "clerk")
}

func city(code string) context.Context {
	return pgtest.As(context.Background(), principal.CityCommittee, "provinces/"+code[:2]+"/cities/"+code, "secretary")
}

func office(province string) context.Context {
	return pgtest.As(context.Background(), principal.InspectionOffice, "provinces/"+province, "officer")
}

func group(subject string) context.Context {
	return pgtest.As(context.Background(), principal.InspectionGroup, "provinces/51", subject)
}

// count counts in a transaction of the caller.
func count(t *testing.T, db *pg.DB, ctx context.Context, query string) int {
	t.Helper()
	var n int
	if err := db.Read(ctx, func(tx *pg.Tx) error { return tx.SQL().QueryRow(query).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// signed gives the scope of a caller as of some time ago.
func signed(t *testing.T, ctx context.Context, key []byte, ago time.Duration) string {
	t.Helper()
	p, _ := principal.From(ctx)
	scope, err := pg.Sign(p, clock.System().Now().Add(-ago), key)
	if err != nil {
		t.Fatal(err)
	}
	return scope
}
