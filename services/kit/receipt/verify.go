package receipt

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/xunshi/xunshi/services/kit/auditlog"
)

const mediaType = "xunshi-receipt+jws"

// What does not hold.
var (
	ErrForm      = errors.New("the receipt is not in its one form")
	ErrSignature = errors.New("the receipt is not signed by the log")
	ErrContent   = errors.New("the content is not what was handed in")
	ErrProof     = errors.New("the receipt is not proven to be in the log")
)

// Verify reads a receipt that the log with the public key has signed. Any byte of it
// that is another makes it fail.
func Verify(text, publicKey string) (Statement, error) {
	key, err := auditlog.PublicKey(publicKey)
	if err != nil {
		return Statement{}, err
	}
	if !oneForm(text) {
		return Statement{}, ErrForm
	}
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return Statement{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return Statement{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	origin, _, _ := strings.Cut(publicKey, "+")
	if signed.Signatures[0].Header.KeyID != origin || signed.Signatures[0].Header.ExtraHeaders[jose.HeaderType] != mediaType {
		return Statement{}, fmt.Errorf("%w: it is something else that the log signed", ErrForm)
	}
	return parse(payload)
}

// Read reads a receipt of our own database without verifying it.
func Read(text string) (Statement, error) {
	_, rest, _ := strings.Cut(text, ".")
	payload, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(payload)
	if err != nil {
		return Statement{}, ErrForm
	}
	return parse(raw)
}

func parse(payload []byte) (s Statement, err error) {
	if err := json.Unmarshal(payload, &s); err != nil {
		return Statement{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if s.Version != Version {
		return Statement{}, fmt.Errorf("%w: version %d", ErrForm, s.Version)
	}
	return s, nil
}

// oneForm tells whether the text is three parts of base64url that no other text stands
// for: the decoder would forgive line feeds, and bits behind the last byte.
func oneForm(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || strings.ContainsAny(text, "\r\n") {
		return false
	}
	for _, part := range parts {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); part == "" || err != nil {
			return false
		}
	}
	return true
}

func commitment(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// VerifyContent tells whether a request, as JSON, is what the receipt is for.
func (s Statement) VerifyContent(request []byte) error {
	hash, err := HashJSON(request)
	if err != nil {
		return err
	}
	if hash != s.ContentHash {
		return ErrContent
	}
	return nil
}

// Proof is what proves that a receipt is in the log.
type Proof struct {
	Leaf   []byte // of its audit entry
	Index  int64
	Hashes []tlog.Hash
	Note   string // the signed checkpoint
}

// VerifyInclusion tells whether the log that signed the receipt has its entry: the leaf
// is of this receipt, and in the tree of a checkpoint that the log has signed.
func VerifyInclusion(text, publicKey string, p Proof) (auditlog.Entry, auditlog.Checkpoint, error) {
	s, err := Verify(text, publicKey)
	if err != nil {
		return auditlog.Entry{}, auditlog.Checkpoint{}, err
	}
	e, err := auditlog.ParseLeaf(p.Leaf)
	if err != nil {
		return auditlog.Entry{}, auditlog.Checkpoint{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	if e.Commitment == nil || *e.Commitment != `\x`+hex.EncodeToString(commitment(text)) || !strings.HasSuffix(s.Name, "-"+e.ID) {
		return auditlog.Entry{}, auditlog.Checkpoint{}, fmt.Errorf("%w: the entry is of something else", ErrProof)
	}
	v, err := auditlog.NewVerifier(publicKey)
	if err != nil {
		return auditlog.Entry{}, auditlog.Checkpoint{}, err
	}
	c, err := auditlog.OpenCheckpoint(p.Note, v.Key())
	if err == nil && c.Origin != s.Log {
		err = errors.New("a checkpoint of another log")
	}
	if err == nil {
		err = tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf))
	}
	if err != nil {
		return auditlog.Entry{}, auditlog.Checkpoint{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return e, c, nil
}
