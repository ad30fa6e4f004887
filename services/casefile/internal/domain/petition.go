package domain

import (
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// ReasonPetitionState is the refusal to conclude a petition twice.
const ReasonPetitionState = "PETITION_STATE_INVALID"

// Channel is the way a petition came in.
type Channel string

// The channels (art. 8: 群众来信来访).
const (
	Letter Channel = "LETTER" // 来信
	Call   Channel = "CALL"   // 来电
	Visit  Channel = "VISIT"  // 来访
	Online Channel = "ONLINE" // 网上
)

// PetitionState says where a petition stands.
type PetitionState string

// The states of a petition.
const (
	PetitionRegistered PetitionState = "REGISTERED"
	PetitionConcluded  PetitionState = "CONCLUDED"
)

// PetitionStates lists the states.
func PetitionStates() []PetitionState {
	return []PetitionState{PetitionRegistered, PetitionConcluded}
}

// Outcome is what became of a petition; empty while it is open.
type Outcome string

// The outcomes.
const (
	LedToPaper Outcome = "WORKING_PAPER"
	Forwarded  Outcome = "FORWARDED" // 转送
	NoAction   Outcome = "NO_ACTION"
)

// Message is what a petition says. Where it came from is not kept: no address,
// no device.
type Message struct {
	Channel      Channel
	RealName     bool // 实名
	Content      string
	AccusedPosts []string
}

// PetitionRecord is what is known of a petition.
type PetitionRecord struct {
	Key
	Message
	Number     int32 // within the case file, from 1
	State      PetitionState
	Outcome    Outcome
	CreateTime time.Time
	Version    int64
}

// Petition is a letter, call, visit or online message (来信来电来访, art. 8).
type Petition struct {
	r PetitionRecord
}

// RegisterPetition registers a message under the next number.
func RegisterPetition(key Key, number int32, m Message, now time.Time) *Petition {
	m.AccusedPosts = slices.Clone(m.AccusedPosts)
	return &Petition{PetitionRecord{
		Key: key, Message: m, Number: number, State: PetitionRegistered, CreateTime: now, Version: 1,
	}}
}

// RehydratePetition makes a petition of a stored record; for the store only.
func RehydratePetition(r PetitionRecord) *Petition { return &Petition{r} }

// Record gives a copy of what is known.
func (p *Petition) Record() PetitionRecord {
	r := p.r
	r.AccusedPosts = slices.Clone(r.AccusedPosts)
	return r
}

// Saved counts the version up; for the store only, after it wrote the record.
func (p *Petition) Saved() { p.r.Version++ }

// Conclude records the outcome, once (art. 8).
func (p *Petition) Conclude(o Outcome) error {
	if p.r.State != PetitionRegistered {
		return fault.Refuse("8", ReasonPetitionState, "state", string(p.r.State))
	}
	p.r.State, p.r.Outcome = PetitionConcluded, o
	return nil
}
