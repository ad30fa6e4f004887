package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Reasons of refusal about groups (art. 12(6)).
const (
	ReasonGroupLeaderRequired = "GROUP_LEADER_REQUIRED"
	ReasonGroupMemberUnknown  = "GROUP_MEMBER_UNKNOWN"
	ReasonGroupDoubleBooked   = "GROUP_DOUBLE_BOOKED"
)

// Post is a post in an inspection group.
type Post string

// The posts.
const (
	Leader       Post = "LEADER"        // 组长
	DeputyLeader Post = "DEPUTY_LEADER" // 副组长
	Member       Post = "MEMBER"        // 巡视专员 and other members
)

// GroupMember is a person in an inspection group.
type GroupMember struct {
	Subject     string
	DisplayName string
	Post        Post
}

// Removal is that a member left the group, and why.
type Removal struct {
	Subject string
	Reason  string
	Time    time.Time
}

// GroupRecord is what is known of a group. Members are those of today, in the
// order in which they were named.
type GroupRecord struct {
	Province    string
	ID          string
	DisplayName string
	Members     []GroupMember
	CreateTime  time.Time
	UpdateTime  time.Time
	Version     int64
}

// Name is the resource name.
func (r GroupRecord) Name() string { return GroupName(r.Province, r.ID) }

// Group is an inspection group (巡视组).
type Group struct {
	r GroupRecord
}

// FormGroup forms a group with exactly one leader (组长负责制; arts 4, 12(6)).
func FormGroup(province, id, displayName string, members []GroupMember, now time.Time) (*Group, error) {
	seen := make(map[string]bool, len(members))
	leaders := 0
	for n, m := range members {
		if seen[m.Subject] {
			path := fmt.Sprintf("inspection_group.members[%d].subject", n)
			return nil, fault.InvalidField(path, "DUPLICATE", "a person is in a group once")
		}
		seen[m.Subject] = true
		if m.Post == Leader {
			leaders++
		}
	}
	if leaders != 1 {
		return nil, fault.Refuse("12(6)", ReasonGroupLeaderRequired)
	}
	return &Group{GroupRecord{
		Province: province, ID: id, DisplayName: displayName, Members: slices.Clone(members),
		CreateTime: now, UpdateTime: now, Version: 1,
	}}, nil
}

// RehydrateGroup makes a group of a stored record; for the store only.
func RehydrateGroup(r GroupRecord) *Group { return &Group{r} }

// Record gives a copy of what is known.
func (g *Group) Record() GroupRecord {
	r := g.r
	r.Members = slices.Clone(r.Members)
	return r
}

// Saved counts the version up; for the store only, after it wrote the record.
func (g *Group) Saved() { g.r.Version++ }

// RemoveMember takes a member out, for recusal (回避) or another reason. The
// leader stays: a group without one has nobody to answer for it (art. 12(6)).
func (g *Group) RemoveMember(subject, reason string, now time.Time) (Removal, error) {
	at := slices.IndexFunc(g.r.Members, func(m GroupMember) bool { return m.Subject == subject })
	if at < 0 {
		return Removal{}, fault.Refuse("12(6)", ReasonGroupMemberUnknown)
	}
	if g.r.Members[at].Post == Leader {
		return Removal{}, fault.Refuse("12(6)", ReasonGroupLeaderRequired)
	}
	g.r.Members = slices.Delete(slices.Clone(g.r.Members), at, at+1)
	g.r.UpdateTime = now
	return Removal{Subject: subject, Reason: reason, Time: now}, nil
}
