package auditlog

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key signs for a log. It is made of 32 random bytes, as `openssl rand -hex 32` writes
// them.
type Key struct {
	name     string // of the log
	private  ed25519.PrivateKey
	verifier string
	hash     uint32
}

// Origin is the name of the log of a service, which its checkpoints begin with.
func Origin(service string) string { return service + ".xunshi" }

// NewKey makes the key of a log from its seed.
func NewKey(origin string, seed []byte) (*Key, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the audit key has %d bytes and needs %d", len(seed), ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(seed)
	text, err := note.NewEd25519VerifierKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("audit key: %w", err)
	}
	verifier, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("audit key: %w", err)
	}
	return &Key{name: origin, private: private, verifier: text, hash: verifier.KeyHash()}, nil
}

// ParseKey reads the seed in hexadecimal digits.
func ParseKey(origin, digits string) (*Key, error) {
	seed, err := hex.DecodeString(digits)
	if err != nil { // whose text would repeat a part of the key
		return nil, fmt.Errorf("the audit key of %s is not written in hexadecimal digits", origin)
	}
	return NewKey(origin, seed)
}

// Verifier is the public key as notes have it: name, hash and key, joined by +.
func (k *Key) Verifier() string { return k.verifier }

// Name implements note.Signer.
func (k *Key) Name() string { return k.name }

// KeyHash implements note.Signer.
func (k *Key) KeyHash() uint32 { return k.hash }

// Sign implements note.Signer.
func (k *Key) Sign(message []byte) ([]byte, error) { return ed25519.Sign(k.private, message), nil }

// Private signs what else the log vouches for: receipts.
func (k *Key) Private() ed25519.PrivateKey { return k.private }

// PublicKey takes the key out of its form as a verifier.
func PublicKey(verifier string) (ed25519.PublicKey, error) {
	if _, err := note.NewVerifier(verifier); err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	parts := strings.SplitN(verifier, "+", 3) // the last may hold a + of its own
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize { // a byte that says which algorithm
		return nil, errors.New("public key: not of Ed25519")
	}
	return raw[1:], nil
}
