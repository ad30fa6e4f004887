package grpcserver

import (
	"fmt"
	"slices"
	"time"
)

// Config is what an operator may set. The other limits are constants in
// limits.go: nobody has a reason to weaken them.
type Config struct {
	Callers   Callers   `yaml:"callers"`
	Admission Admission `yaml:"admission"`
	// StopTimeout is how long running calls may take to finish at the end.
	StopTimeout time.Duration `yaml:"stop_timeout"`
}

// Callers lists who may connect, by DNS names in their certificates.
type Callers struct {
	// People are edges that pass on a person's token: the gateway. Without a
	// token they are nobody.
	People []string `yaml:"people"`
	// Services may also call in their own name, as party SERVICE.
	Services []string `yaml:"services"`
}

// Admission bounds the work that is taken on at once. What does not fit is
// refused early, so that what was accepted stays quick (security.md D9).
type Admission struct {
	Running int           `yaml:"running"`  // calls in handlers
	Waiting int           `yaml:"waiting"`  // calls in the queue
	MaxWait time.Duration `yaml:"max_wait"` // how long one may stay there
}

// DefaultConfig admits nobody yet; the callers have to be listed.
func DefaultConfig() Config {
	return Config{
		Admission:   Admission{Running: 64, Waiting: 64, MaxWait: 100 * time.Millisecond},
		StopTimeout: 20 * time.Second,
	}
}

// Validate returns every fault.
func (c Config) Validate() []error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(len(c.Callers.People)+len(c.Callers.Services) == 0, "callers: nobody is listed, so nobody could call")
	fault(slices.Contains(slices.Concat(c.Callers.People, c.Callers.Services), ""), "callers: an empty name is listed")
	for _, name := range c.Callers.People {
		fault(slices.Contains(c.Callers.Services, name), "callers: %q is listed as people and as services", name)
	}
	a := c.Admission
	fault(a.Running < 1 || a.Running > 10_000, "admission.running: %d is not between 1 and 10000", a.Running)
	fault(a.Waiting < 0 || a.Waiting > 10_000, "admission.waiting: %d is not between 0 and 10000", a.Waiting)
	fault(a.MaxWait < 0 || a.MaxWait > 5*time.Second, "admission.max_wait: %v is not between 0 and 5s", a.MaxWait)
	fault(c.StopTimeout < 0 || c.StopTimeout > 5*time.Minute, "stop_timeout: %v is not between 0 and 5m", c.StopTimeout)
	return faults
}
