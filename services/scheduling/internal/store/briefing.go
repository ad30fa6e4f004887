package store

import (
	"time"

	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/scheduling/internal/domain"
)

type briefingRow struct {
	Province       string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	CountyCode     string
	AuthorParty    string
	AuthorCityCode row.Text
	AuthorSubject  string
	Content        string
	CreateTime     time.Time
}

// TableName implements gorm's Tabler.
func (briefingRow) TableName() string { return "briefing" }

func (r briefingRow) briefing() domain.Briefing {
	return domain.Briefing{
		Province: r.Province, ID: r.ID, County: r.CountyCode, AuthorParty: r.AuthorParty,
		AuthorCity: string(r.AuthorCityCode), Content: r.Content, CreateTime: r.CreateTime,
	}
}

// briefingScope adds to the scope of the grant what the columns of a grant cannot
// say: the kind of body that wrote, and the county of a task.
func briefingScope(tx *pg.Tx) clause.Expression {
	p := tx.Principal()
	own := tx.Own(pg.Columns{Addressee: "author_jurisdiction"})
	switch {
	case p.Party == principal.InspectionGroup:
		return clause.Expr{
			SQL: `province = ? AND county_code IN (SELECT i.county_code FROM inspection i
JOIN task_member m ON m.province = i.province AND m.inspection_id = i.id
WHERE m.province = ? AND m.subject = ?)`,
			Vars: []any{p.Province, p.Province, p.Subject},
		}
	case p.Party == principal.OtherDepartment:
		// Audit, petitions and others share the party; none reads another's.
		return clause.And(own, clause.Expr{
			SQL: "author_party = ? AND author_subject = ?", Vars: []any{string(p.Party), p.Subject},
		})
	case !p.Inside():
		return clause.And(own, clause.Expr{SQL: "author_party = ?", Vars: []any{string(p.Party)}})
	default:
		return own
	}
}

// Briefing reads a briefing.
func Briefing(tx *pg.Tx, province, id string) (domain.Briefing, error) {
	stored, err := one[briefingRow](tx, briefingScope(tx), key{province, id, domain.BriefingName})
	return stored.briefing(), err
}

// Briefings lists briefings in order of creation.
func Briefings(tx *pg.Tx, q Query) ([]domain.Briefing, error) {
	rows, err := many[briefingRow](tx, briefingScope(tx), q, "id")
	return row.Convert(rows, briefingRow.briefing), err
}

// InsertBriefing stores a new briefing of the caller.
func InsertBriefing(tx *pg.Tx, b domain.Briefing) error {
	stored := briefingRow{
		Province: b.Province, ID: b.ID, CountyCode: b.County, AuthorParty: b.AuthorParty,
		AuthorCityCode: row.Text(b.AuthorCity), AuthorSubject: tx.Principal().Subject,
		Content: b.Content, CreateTime: b.CreateTime,
	}
	return row.Instead(row.Insert(tx, stored), "briefing_county_fk",
		fault.Missing(domain.CountyName(b.Province, b.County)))
}
