package pg

import (
	"gorm.io/gorm/clause"

	"github.com/xunshi/xunshi/services/kit/policy"
)

// Columns names the columns of a table that a scope is about. An empty name
// means that the table has none, and that no grant of its methods needs it.
type Columns struct {
	City       string // six-digit code of the supervising city
	County     string // six-digit code of the county
	Inspection string // id of the task
	Addressee  string // resource name of the body's jurisdiction
}

// Own is the caller's scope as a condition, from the grant of the method: the
// first of two layers, the second being row-level security. It also lets an
// index on the scope columns be used, and makes a foreign row cost no more
// than a missing one. Without a grant, as in a test with the policy interceptor
// off, it is always true.
func (t *Tx) Own(c Columns) clause.Expression {
	p := t.principal
	var all []clause.Expression
	if t.grant.Scope != policy.ScopeNone {
		all = append(all, equal("province", p.Province))
	}
	switch t.grant.Scope {
	case policy.ScopeOwnJurisdiction:
		switch {
		case p.County != "" && c.County != "":
			all = append(all, equal(c.County, p.County))
		case p.City != "" && c.City != "":
			all = append(all, equal(c.City, p.City))
		}
	case policy.ScopeOwnTask:
		if c.Inspection != "" {
			all = append(all, clause.Expr{
				SQL:  "? IN (SELECT m.inspection_id FROM task_member m WHERE m.province = ? AND m.subject = ?)",
				Vars: []any{column(c.Inspection), p.Province, p.Subject},
			})
		}
	case policy.ScopeAddressee:
		if c.Addressee != "" {
			all = append(all, equal(c.Addressee, p.Jurisdiction()))
		}
	}
	if len(all) == 0 {
		return clause.Expr{SQL: "true"}
	}
	return clause.And(all...)
}

func equal(name string, value any) clause.Expression {
	return clause.Eq{Column: column(name), Value: value}
}

// column qualifies with the table of the query, so that joins stay unambiguous.
func column(name string) clause.Column {
	return clause.Column{Table: clause.CurrentTable, Name: name}
}
