package docket

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// place is where obligations and their changes have the columns of a scope.
func place() pg.Columns {
	return pg.Columns{City: "city_code", County: "county_code", Inspection: "inspection_id"}
}

// mine finds what the caller may see of a table with the columns of an obligation:
// by the scope of the method, and for a county or a city only what it may know of.
// Row-level security says the same again.
func mine[R any](tx *pg.Tx, clauses ...clause.Expression) gorm.ChainInterface[R] {
	return gorm.G[R](tx.Gorm(), clauses...).
		Where("province = ?", tx.Principal().Province).Where(tx.Own(place())).Where(known(tx))
}

func known(tx *pg.Tx) clause.Expression {
	p := tx.Principal()
	switch {
	case p.Inside():
		return clause.Expr{SQL: "true"}
	case p.Party == principal.CountyCommittee:
		return clause.Expr{SQL: "county_sees"}
	case p.Party == principal.CityCommittee, p.Party == principal.CityLiaisonBody:
		return clause.Expr{SQL: "city_sees"}
	default:
		return clause.Expr{SQL: "false"}
	}
}

func (d *Docket) missing(tx *pg.Tx, id string) *fault.Error {
	return fault.Missing(d.Name(id, tx.Principal().Province))
}
