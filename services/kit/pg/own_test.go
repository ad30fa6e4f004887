package pg_test

import (
	"context"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/policy"
)

type letterRow struct {
	Province     string
	ID           string
	InspectionID string
	Body         string
}

func (letterRow) TableName() string { return "letter" }

// TestOwnAloneHoldsTheScope switches the second layer off: without row-level
// security the condition alone must keep every caller to its own.
func TestOwnAloneHoldsTheScope(t *testing.T) {
	d := stage(t)
	for _, table := range []string{"notice", "letter", "task_member"} {
		if _, err := d.Admin(t).Exec("ALTER TABLE " + table + " DISABLE ROW LEVEL SECURITY"); err != nil {
			t.Fatal(err)
		}
	}
	db := d.Open(t)
	notice := pg.Columns{City: "city_code", County: "county_code"}
	letter := pg.Columns{Inspection: "inspection_id"}
	for name, tt := range map[string]struct {
		ctx   context.Context
		scope policy.Scope
		on    pg.Columns
		want  int // of notices, or of letters where on has an inspection
	}{
		"any":                        {county(jinjiang), policy.ScopeAny, notice, 4},
		"province":                   {county(jinjiang), policy.ScopeProvince, notice, 3},
		"county's jurisdiction":      {county(jinjiang), policy.ScopeOwnJurisdiction, notice, 1},
		"city's jurisdiction":        {city(chengdu), policy.ScopeOwnJurisdiction, notice, 2},
		"office's jurisdiction":      {office("51"), policy.ScopeOwnJurisdiction, notice, 3},
		"addressee":                  {city(chengdu), policy.ScopeAddressee, pg.Columns{}, 3},
		"no scope":                   {office("51"), policy.ScopeNone, notice, 0},
		"own task":                   {group("member"), policy.ScopeOwnTask, letter, 1},
		"a stranger's task":          {group("stranger"), policy.ScopeOwnTask, letter, 0},
		"county column missing":      {county(jinjiang), policy.ScopeOwnJurisdiction, pg.Columns{City: "city_code"}, 0},
		"city column missing":        {city(chengdu), policy.ScopeOwnJurisdiction, pg.Columns{County: "county_code"}, 0},
		"inspection column missing":  {group("member"), policy.ScopeOwnTask, notice, 0},
		"addressee is another place": {city(mianyang), policy.ScopeAddressee, pg.Columns{Addressee: "county_code"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := policy.WithGrant(tt.ctx, policy.Grant{Scope: tt.scope})
			var rows int
			err := db.Read(ctx, func(tx *pg.Tx) (err error) {
				if tt.on.Inspection != "" {
					found, err := gorm.G[letterRow](tx.Gorm()).Where(tx.Own(tt.on)).Find(ctx)
					rows = len(found)
					return err
				}
				found, err := gorm.G[noticeRow](tx.Gorm()).Where("number > ?", 0).Where(tx.Own(tt.on)).Find(ctx)
				rows = len(found)
				return err
			})
			if err != nil || rows != tt.want {
				t.Errorf("%d rows, %v; want %d", rows, err, tt.want)
			}
		})
	}
}

// TestRowSecurityAloneHoldsTheScope switches the first layer off: no grant.
func TestRowSecurityAloneHoldsTheScope(t *testing.T) {
	db := stage(t).Open(t)
	ctx := county(jinjiang)
	err := db.Read(ctx, func(tx *pg.Tx) error {
		found, err := gorm.G[noticeRow](tx.Gorm()).Where(tx.Own(pg.Columns{County: "county_code"})).Find(ctx)
		if len(found) != 1 || !strings.HasPrefix(found[0].CountyCode, jinjiang) {
			t.Errorf("found %+v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
