package workday

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Version identifies the set of notices known: the id of the latest one that New
// was given, "" if there is none, which stands for it and all published before;
// and, where notices that With added are known, "+" and the first 8 hex digits of
// the SHA-256 of their sorted ids. Who adds a notice may add an older one later,
// so that the latest would not tell the others.
func (c *Calendar) Version() string {
	var latest string
	var added []string
	for _, n := range c.notices {
		switch {
		case !c.knows(n):
		case c.added[n.ID]:
			added = append(added, n.ID)
		default:
			latest = n.ID // they are in the order of publication
		}
	}
	if len(added) == 0 {
		return latest
	}
	slices.Sort(added)
	sum := sha256.Sum256([]byte(strings.Join(added, "\n")))
	return latest + "+" + hex.EncodeToString(sum[:4])
}

// AtVersion returns the calendar as it was known when it had this version, so that
// an older date can be counted again. It tries the days on which notices were
// published, latest first: between two of them nothing changes. It finds no
// version of a calendar to which other notices were added; kit/calendars tries
// those that a province had.
func (c *Calendar) AtVersion(version string) (*Calendar, bool) {
	if c.Version() == version {
		return c, true
	}
	for _, n := range slices.Backward(c.notices) {
		if view := c.KnownAt(n.Published); view.Version() == version {
			return view, true
		}
	}
	nothing := c.KnownAt(Date{})
	return nothing, nothing.Version() == version
}
