package receipt

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
)

// Version is that of the statement below.
const Version = 1

// Statement is what a receipt says.
type Statement struct {
	Version      int    `json:"version"`
	Log          string `json:"log"`  // origin of the audit log
	Name         string `json:"name"` // provinces/51/receipts/{service}-{uuid of the audit entry}
	Party        string `json:"party"`
	Jurisdiction string `json:"jurisdiction"`
	Method       string `json:"method"`
	Object       string `json:"object"`
	RequestID    string `json:"requestId"`
	ContentHash  string `json:"contentSha256"` // hexadecimal; see ContentHash
	Time         string `json:"time"`          // RFC 3339, by the clock by which dates are counted
	Stopped      []Stop `json:"stopped"`
	// Salt keeps whoever reads the log from guessing what was handed in.
	Salt string `json:"salt"`
}

// Stop is a clock that the submission stopped.
type Stop struct {
	Obligation string `json:"obligation"` // its resource name
	Duty       string `json:"duty"`
	Article    string `json:"article"`
	DueDate    string `json:"dueDate"` // the day that stood, e.g. 2013-02-18
	MetDate    string `json:"metDate"` // empty while others of the same duty are awaited
	Late       bool   `json:"late"`
}

// Given is a receipt as it is issued.
type Given struct {
	ID   string // of its audit entry
	Text string // JWS in compact form
	Time time.Time
}

// Commitment is what the audit entry holds of the receipt.
func (g Given) Commitment() []byte { return commitment(g.Text) }

// For tells whether a body gets receipts: the inspected county, and its city (arts 12(2),
// 15 to 17).
func For(p principal.Party) bool {
	return p == principal.CountyCommittee || p == principal.CityCommittee || p == principal.CityLiaisonBody
}

// Issuer signs the receipts of a service.
type Issuer struct {
	service string
	log     string
	signer  jose.Signer
	clock   clock.Clock
}

// NewIssuer makes the issuer of a service, with the key of its audit log and the
// business clock.
func NewIssuer(service string, key *auditlog.Key, c clock.Clock) (*Issuer, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: key.Private(), KeyID: key.Name()}},
		(&jose.SignerOptions{}).WithType(mediaType))
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	return &Issuer{service: service, log: key.Name(), signer: signer, clock: c}, nil
}

// Issue makes the receipt of an act within its transaction, after all that it did.
func (i *Issuer) Issue(tx *pg.Tx, method, object, requestID string, req proto.Message) (*Given, error) {
	content, err := ContentHash(req)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("receipt id: %w", err)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	p := tx.Principal()
	now := i.clock.Now().UTC().Truncate(time.Microsecond) // what PostgreSQL keeps
	text, err := i.sign(Statement{
		Version: Version, Log: i.log, Name: Name(i.service, p.Province, id.String()),
		Party: string(p.Party), Jurisdiction: p.Jurisdiction(), Method: method, Object: object, RequestID: requestID,
		ContentHash: content, Time: now.Format(time.RFC3339Nano), Stopped: stopped(tx),
		Salt: hex.EncodeToString(salt),
	})
	if err != nil {
		return nil, err
	}
	return &Given{ID: id.String(), Text: text, Time: now}, nil
}

func (i *Issuer) sign(s Statement) (string, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("receipt: %w", err)
	}
	signed, err := i.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign receipt: %w", err)
	}
	return signed.CompactSerialize()
}

// Name is the resource name of a receipt.
func Name(service, province, id string) string {
	return "provinces/" + province + "/receipts/" + service + "-" + id
}

// stopsKey finds the stops in a transaction.
type stopsKey struct{}

// AddStop notes a clock that the act has stopped, to be told by its receipt.
func AddStop(tx *pg.Tx, s Stop) {
	tx.Leave(stopsKey{}, append(stopped(tx), s))
}

func stopped(tx *pg.Tx) []Stop {
	if all, ok := tx.Left(stopsKey{}).([]Stop); ok {
		return all
	}
	return []Stop{}
}
