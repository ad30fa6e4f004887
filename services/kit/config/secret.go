package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

const maxSecret = 64 << 10 // bytes

// SecretFile is the path of a file that holds a secret: a configuration holds
// paths, never secrets. Load checks that a path that is set can be read.
type SecretFile string

// Read gives the secret without the one newline that editors put at the end; a
// key of random bytes is therefore written as text. The file must be closed to
// other users of the machine.
func (s SecretFile) Read() ([]byte, error) {
	if s == "" {
		return nil, errors.New("no secret file is set")
	}
	f, err := os.Open(string(s))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", s)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, fmt.Errorf("%s has the mode %#o, which is open to everybody", s, mode)
	}
	secret, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return nil, err
	}
	secret = bytes.TrimSuffix(bytes.TrimSuffix(secret, []byte("\n")), []byte("\r"))
	if len(secret) == 0 || len(secret) > maxSecret {
		return nil, fmt.Errorf("%s is empty or too large", s)
	}
	return secret, nil
}

// Validate tells why a path that is set cannot be read. Whether one has to be set
// is for the section to say.
func (s SecretFile) Validate() []error {
	if s == "" {
		return nil
	}
	if _, err := s.Read(); err != nil {
		return []error{err}
	}
	return nil
}
