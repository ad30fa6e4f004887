package page

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of the body of a token, in protobuf wire format.
const (
	fieldKey    protowire.Number = 1 // repeated string
	fieldID     protowire.Number = 2 // string
	fieldExpiry protowire.Number = 3 // seconds of Unix time
)

func encode(c Cursor, expiry time.Time) []byte {
	var b []byte
	for _, k := range c.Keys {
		b = protowire.AppendTag(b, fieldKey, protowire.BytesType)
		b = protowire.AppendString(b, k)
	}
	b = protowire.AppendTag(b, fieldID, protowire.BytesType)
	b = protowire.AppendString(b, c.ID)
	b = protowire.AppendTag(b, fieldExpiry, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(expiry.Unix()))
}

// decode reads what encode made; anything else is refused.
func decode(b []byte) (c Cursor, expiry time.Time, ok bool) {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return Cursor{}, time.Time{}, false
		}
		b = b[n:]
		switch {
		case kind == protowire.BytesType && (number == fieldKey || number == fieldID):
			var s string
			if s, n = protowire.ConsumeString(b); n >= 0 {
				if number == fieldID {
					c.ID = s
				} else {
					c.Keys = append(c.Keys, s)
				}
			}
		case kind == protowire.VarintType && number == fieldExpiry:
			var seconds uint64
			seconds, n = protowire.ConsumeVarint(b)
			expiry = time.Unix(int64(seconds), 0)
		default:
			n = -1
		}
		if n < 0 {
			return Cursor{}, time.Time{}, false
		}
		b = b[n:]
	}
	return c, expiry, c.ID != ""
}
