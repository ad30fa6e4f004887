package document

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/xunshi/xunshi/services/kit/config"
)

// Config says where a service keeps documents: in a folder, or in a bucket of an
// S3-compatible store.
type Config struct {
	// Directory is a folder that all replicas see and nobody else does.
	Directory string `yaml:"directory"`
	S3        S3     `yaml:"s3"`
	// KeyFile holds the keys that wrap those of the documents (package envelope).
	KeyFile config.SecretFile `yaml:"key_file"`
	// MaxBytes is the size of the largest document.
	MaxBytes int64 `yaml:"max_bytes"`
	// SweepInterval is how often what a crash left behind is looked for.
	SweepInterval time.Duration `yaml:"sweep_interval"`
	// SweepAge is how old such a thing must be: more than any upload lasts.
	SweepAge time.Duration `yaml:"sweep_age"`
}

// S3 is a bucket. Without one the folder is used.
type S3 struct {
	Bucket string `yaml:"bucket"`
	// Endpoint is the URL of the store; empty: that of AWS in the region.
	Endpoint string `yaml:"endpoint"`
	Region   string `yaml:"region"`
	// CredentialsFile holds the access key id and the secret, with a blank between.
	CredentialsFile config.SecretFile `yaml:"credentials_file"`
}

const (
	gibibyte    = 1 << 30
	longestCall = time.Hour // of a stream, as grpcserver bounds it
)

// DefaultConfig names no place yet.
func DefaultConfig() Config {
	return Config{MaxBytes: gibibyte, SweepInterval: time.Hour, SweepAge: 24 * time.Hour}
}

// Kept reports whether a place for documents is named.
func (c Config) Kept() bool { return c.Directory != "" || c.S3.Bucket != "" }

// Validate returns every fault.
func (c Config) Validate() []error {
	var faults []error
	fault := func(bad bool, text string) {
		if bad {
			faults = append(faults, errors.New(text))
		}
	}
	fault(c.Directory != "" && c.S3.Bucket != "", "directory: there is a bucket already")
	fault(c.Directory != "" && !filepath.IsAbs(c.Directory), "directory: must begin with /")
	fault(c.S3.Bucket != "" && (c.S3.Region == "" || c.S3.CredentialsFile == ""), "s3: a bucket needs a region and a credentials_file")
	fault(c.Kept() && c.KeyFile == "", "key_file: is required where documents are kept")
	fault(c.MaxBytes < 1 || c.MaxBytes > 2*gibibyte, fmt.Sprintf("max_bytes: %d is not between 1 and %d", c.MaxBytes, 2*gibibyte))
	fault(c.SweepInterval <= 0, "sweep_interval: must be positive")
	fault(c.SweepAge < 2*longestCall, fmt.Sprintf("sweep_age: %v is less than %v, and an upload may last %v", c.SweepAge, 2*longestCall, longestCall))
	return faults
}
