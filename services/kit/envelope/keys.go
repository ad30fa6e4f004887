package envelope

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// What may be wrong with an object; either is for good.
var (
	// ErrDamaged: it is not what was sealed, or not where it belongs.
	ErrDamaged = errors.New("envelope: damaged")
	// ErrKeyDestroyed: the key that wrapped its key is destroyed.
	ErrKeyDestroyed = errors.New("envelope: the key is destroyed")
)

// Keys is the key provider: a sealed file, a key management service or a hardware
// module. The keys that it wraps leave memory only as it wrapped them.
type Keys interface {
	// Wrap encrypts the key of an object under the current key, and gives the id of that.
	// What is bound has to be given again to unwrap.
	Wrap(ctx context.Context, key, bound []byte) (id string, wrapped []byte, err error)
	// Unwrap is the reverse. ErrKeyDestroyed and ErrDamaged are final; any other error may
	// pass.
	Unwrap(ctx context.Context, id string, wrapped, bound []byte) (key []byte, err error)
}

// Keyring is the key provider of a sealed file. It does not change once read.
type Keyring struct {
	current string
	keys    map[string]*subtle.AESGCM // nil: destroyed
}

const destroyed = "destroyed"

// ParseKeyring reads a key a line: its id, and 64 hexadecimal digits or the word
// "destroyed". The first wraps, the others only unwrap; so a key is changed by a new
// line on top, and destroyed by that word in place of its digits.
func ParseKeyring(text []byte) (*Keyring, error) {
	k := &Keyring{keys: make(map[string]*subtle.AESGCM)}
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	for number, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 2 || !form.MatchString(fields[0]) {
			return nil, fmt.Errorf("keyring: line %d is not an id and a key", number+1)
		}
		id := fields[0]
		if _, twice := k.keys[id]; twice {
			return nil, fmt.Errorf("keyring: the key %s stands there twice", id)
		}
		key, err := parseKey(fields[1])
		if err != nil {
			return nil, fmt.Errorf("keyring: %s: %w", id, err) // never the key itself
		}
		k.keys[id] = key
		if number == 0 {
			k.current = id
		}
	}
	if k.keys[k.current] == nil {
		return nil, errors.New("keyring: the first key, which wraps, is destroyed")
	}
	return k, nil
}

func parseKey(text string) (*subtle.AESGCM, error) {
	if text == destroyed {
		return nil, nil
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("a key has %d hexadecimal digits", 2*keySize)
	}
	return subtle.NewAESGCM(key)
}

// Wrap implements Keys.
func (k *Keyring) Wrap(_ context.Context, key, bound []byte) (string, []byte, error) {
	wrapped, err := k.keys[k.current].Encrypt(key, bound)
	return k.current, wrapped, err
}

// Unwrap implements Keys. A key that is not in the file is not there yet, or no more:
// whoever destroys one says so.
func (k *Keyring) Unwrap(_ context.Context, id string, wrapped, bound []byte) ([]byte, error) {
	key, known := k.keys[id]
	switch {
	case !known:
		return nil, errors.New("keyring: a key that is not in the file is needed")
	case key == nil:
		return nil, ErrKeyDestroyed
	}
	plain, err := key.Decrypt(wrapped, bound)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}
