package domain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/regulation"
)

// ReasonLiaisonLeadsMissing is the refusal of a liaison body that not both lead
// departments lead (art. 16).
const ReasonLiaisonLeadsMissing = "LIAISON_LEADS_MISSING"

// LiaisonLeader is the city leader in charge of a liaison body.
type LiaisonLeader struct {
	DisplayName string
	Post        string
}

// LiaisonLead is a department that takes the lead in a liaison body.
type LiaisonLead struct {
	Body        regulation.Body
	DisplayName string
}

// LiaisonMember is a person on the fixed staff of a liaison body.
type LiaisonMember struct {
	DisplayName   string
	Post          string
	Department    string
	ContactWindow string
}

// LiaisonText is what a city says of its liaison body.
type LiaisonText struct {
	Leader  LiaisonLeader
	Leads   []LiaisonLead
	Members []LiaisonMember
	Contact string
}

// LiaisonBodyRecord is what is known of a liaison body.
type LiaisonBodyRecord struct {
	LiaisonText
	Province   string
	ID         string
	City       string
	CreateTime time.Time
	UpdateTime time.Time
	Version    int64
}

// Name is the resource name.
func (r LiaisonBodyRecord) Name() string { return LiaisonBodyName(r.Province, r.ID) }

// LiaisonBody is the body that a city keeps for the daily liaison with office and
// groups (市巡视工作联络机构, art. 16).
type LiaisonBody struct {
	r LiaisonBodyRecord
}

// LiaisonBodyChange is a liaison body as it was from one change on.
type LiaisonBodyChange struct {
	After  LiaisonBodyRecord // its version numbers the change
	Author string            // subject of the person
}

// RegisterLiaisonBody registers the body of a city, led by whom the law wants
// (art. 16). That the city has no other is for the store.
func RegisterLiaisonBody(law Law, province, id, city string, text LiaisonText) (*LiaisonBody, error) {
	b := &LiaisonBody{LiaisonBodyRecord{
		Province: province, ID: id, City: city, CreateTime: law.Now, Version: 1,
	}}
	if err := b.setText(law, text); err != nil {
		return nil, err
	}
	return b, nil
}

// RehydrateLiaisonBody makes a liaison body of a stored record; for the store only.
func RehydrateLiaisonBody(r LiaisonBodyRecord) *LiaisonBody { return &LiaisonBody{r} }

// Record gives a copy of what is known.
func (b *LiaisonBody) Record() LiaisonBodyRecord {
	r := b.r
	r.Leads, r.Members = slices.Clone(r.Leads), slices.Clone(r.Members)
	return r
}

// Saved counts the version up; for the store only, after it wrote the record.
func (b *LiaisonBody) Saved() { b.r.Version++ }

// Change takes what the city says of its body now, e.g. after a handover. It is led as
// before: by whom the law wants (art. 16).
func (b *LiaisonBody) Change(law Law, text LiaisonText) error { return b.setText(law, text) }

func (b *LiaisonBody) setText(law Law, text LiaisonText) error {
	if err := checkLeads(law, text.Leads); err != nil {
		return err
	}
	b.r.LiaisonText, b.r.UpdateTime = text, law.Now
	return nil
}

// checkLeads wants each body that takes the lead by law, once.
func checkLeads(law Law, leads []LiaisonLead) error {
	wanted, err := law.Rules.Codes(regulation.LiaisonLeads)
	if err != nil {
		return err
	}
	named := make(map[string]bool, len(leads))
	for n, l := range leads {
		if named[string(l.Body)] {
			path := fmt.Sprintf("liaison_body.lead_departments[%d].body", n)
			return fault.InvalidField(path, "DUPLICATE", "a department leads once")
		}
		named[string(l.Body)] = true
	}
	missing := slices.DeleteFunc(wanted, func(body string) bool { return named[body] })
	if len(missing) > 0 {
		return fault.Refuse("16", ReasonLiaisonLeadsMissing, "missing", strings.Join(missing, ","))
	}
	return nil
}
