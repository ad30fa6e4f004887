package daemon

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/outbox"
	"github.com/xunshi/xunshi/services/kit/pg"
)

// Database says how each role reaches the database (security.md D3).
type Database struct {
	Owner   Login `yaml:"owner"` // for `migrate` only; a serving process needs none
	Inside  Login `yaml:"inside"`
	Outside Login `yaml:"outside"`
	Job     Login `yaml:"job"`
	// ScopeKeyFile holds the key that signs the scope, 64 hexadecimal digits.
	ScopeKeyFile config.SecretFile `yaml:"scope_key_file"`
	// MaxConns is for each of the inside and the outside role.
	MaxConns int `yaml:"max_conns"`
}

// Login is the connection string of a role, or the file that holds it. With a
// password in it only the file will do.
type Login struct {
	DSN     string            `yaml:"dsn"`
	DSNFile config.SecretFile `yaml:"dsn_file"`
}

// Events says how events are sent to the peers.
type Events struct {
	Workers     int `yaml:"workers"`      // deliveries at the same time
	MaxAttempts int `yaml:"max_attempts"` // failed answers until an event is parked
	// CallTimeout is that of one delivery. An event whose sender was killed while
	// it delivered is sent again after four times this, when the next sweep comes.
	CallTimeout time.Duration `yaml:"call_timeout"`
	// PollOnly is for poolers and databases that have no LISTEN.
	PollOnly bool `yaml:"poll_only"`
}

// Obligations says how the statutory dates are watched.
type Obligations struct {
	// SweepInterval is how often a worker looks for reminders that are due and for
	// dates that a new calendar moves.
	SweepInterval time.Duration `yaml:"sweep_interval"`
}

// Validate returns every fault of the section.
func (o Obligations) Validate() []error {
	if o.SweepInterval < 50*time.Millisecond || o.SweepInterval > time.Hour {
		return []error{fmt.Errorf("sweep_interval: %v is not between 50ms and 1h", o.SweepInterval)}
	}
	return nil
}

// Validate returns every fault of the section.
func (d Database) Validate() []error {
	if d.MaxConns < 1 || d.MaxConns > 200 {
		return []error{fmt.Errorf("max_conns: %d is not between 1 and 200", d.MaxConns)}
	}
	return nil
}

// Validate returns every fault of the section.
func (l Login) Validate() []error {
	switch {
	case l.DSN != "" && l.DSNFile != "":
		return []error{errors.New("dsn: is set and dsn_file too")}
	case hasPassword(l.DSN):
		return []error{errors.New("dsn: holds a password, which belongs in dsn_file")}
	}
	return nil
}

// Validate returns every fault of the section.
func (e Events) Validate() []error {
	var faults []error
	if e.Workers < 1 || e.Workers > 100 {
		faults = append(faults, fmt.Errorf("workers: %d is not between 1 and 100", e.Workers))
	}
	if e.MaxAttempts < 1 {
		faults = append(faults, fmt.Errorf("max_attempts: %d is less than 1", e.MaxAttempts))
	}
	if e.CallTimeout < time.Second || e.CallTimeout > time.Minute {
		faults = append(faults, fmt.Errorf("call_timeout: %v is not between 1s and 1m", e.CallTimeout))
	}
	return faults
}

// hasPassword knows both forms of a connection string.
func hasPassword(dsn string) bool {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		_, set := u.User.Password()
		return set || u.Query().Has("password")
	}
	return strings.Contains(strings.ReplaceAll(dsn, " ", ""), "password=")
}

func (l Login) read() (string, error) {
	if l.DSNFile == "" {
		return l.DSN, nil
	}
	dsn, err := l.DSNFile.Read()
	return string(dsn), err
}

// missing tells which of the named settings are not set.
func (d Database) missing(names ...string) []error {
	set := map[string]bool{
		"owner":          d.Owner != Login{},
		"inside":         d.Inside != Login{},
		"outside":        d.Outside != Login{},
		"job":            d.Job != Login{},
		"scope_key_file": d.ScopeKeyFile != "",
	}
	var faults []error
	for _, name := range slices.Sorted(slices.Values(names)) {
		if !set[name] {
			faults = append(faults, fmt.Errorf("database.%s: is required", name))
		}
	}
	return faults
}

// pg reads the secrets that serving needs.
func (d Database) pg(log *slog.Logger) (pg.Config, error) {
	inside, errInside := d.Inside.read()
	outside, errOutside := d.Outside.read()
	key, errKey := d.scopeKey()
	return pg.Config{
		InsideDSN: inside, OutsideDSN: outside, ScopeKey: key, MaxConns: d.MaxConns, Log: log,
	}, errors.Join(errInside, errOutside, errKey)
}

// outbox reads the secret that sending needs.
func (d Database) outbox(e Events) (outbox.Config, error) {
	dsn, err := d.Job.read()
	return outbox.Config{
		DSN: dsn, Workers: e.Workers, MaxAttempts: e.MaxAttempts, CallTimeout: e.CallTimeout, PollOnly: e.PollOnly,
	}, err
}

func (d Database) scopeKey() ([]byte, error) {
	key, err := readKey(d.ScopeKeyFile)
	if err == nil && len(key) != pg.ScopeKeySize {
		err = fmt.Errorf("%s holds %d bytes and needs %d", d.ScopeKeyFile, len(key), pg.ScopeKeySize)
	}
	return key, err
}

// readKey reads random bytes that are written in hexadecimal digits.
func readKey(file config.SecretFile) ([]byte, error) {
	text, err := file.Read()
	if err != nil {
		return nil, err
	}
	key := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(key, text); err != nil {
		// The error of hex would repeat a part of the key.
		return nil, fmt.Errorf("%s is not written in hexadecimal digits", file)
	}
	return key, nil
}
