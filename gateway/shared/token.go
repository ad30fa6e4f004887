package shared

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/xunshi/xunshi/services/kit/fault"
)

const (
	version  = 1
	maxToken = 4096 // characters, as in the protos
)

// position is how far the list of one service has been shown.
type position struct {
	token string // the service's own; empty at the start
	ended bool
}

// positions are those of all services. The zero value is the start of the list.
type positions [count]position

func allEnded() positions { return positions{{ended: true}, {ended: true}, {ended: true}} }

// running are the services that may have more to show.
func (p positions) running() []int {
	var services []int
	for s, at := range p {
		if !at.ended {
			services = append(services, s)
		}
	}
	return services
}

// encode makes the page token: a version byte, and for each service that has not
// ended a field with its token, numbered by the service. It is empty when all
// have ended.
func (p positions) encode() (string, error) {
	running := p.running()
	if len(running) == 0 {
		return "", nil
	}
	raw := []byte{version}
	for _, s := range running {
		raw = protowire.AppendTag(raw, protowire.Number(s+1), protowire.BytesType)
		raw = protowire.AppendString(raw, p[s].token)
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	if len(token) > maxToken {
		return "", fmt.Errorf("shared: a page token of %d characters", len(token))
	}
	return token, nil
}

// decode reads a page token. It takes only what encode makes; what the tokens
// inside are worth, the services find out.
func decode(token string) (positions, error) {
	if token == "" {
		return positions{}, nil
	}
	if len(token) > maxToken {
		return positions{}, mismatch()
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < 2 || raw[0] != version {
		return positions{}, mismatch()
	}
	p := allEnded()
	for raw = raw[1:]; len(raw) > 0; {
		number, kind, tagSize := protowire.ConsumeTag(raw)
		if tagSize < 0 || kind != protowire.BytesType || number > count {
			return positions{}, mismatch()
		}
		one, size := protowire.ConsumeString(raw[tagSize:])
		if size < 0 || !utf8.ValidString(one) {
			return positions{}, mismatch()
		}
		p[number-1] = position{token: one}
		raw = raw[tagSize+size:]
	}
	if again, err := p.encode(); err != nil || again != token {
		return positions{}, mismatch() // twice, out of order, or longer than it needs
	}
	return p, nil
}

// mismatch is the one answer to every token that does not fit, as in kit/page.
func mismatch() *fault.Error {
	return fault.New(fault.Invalid, fault.ReasonPageTokenMismatch).
		WithField("page_token", fault.ReasonPageTokenMismatch, "start from the first page")
}
