package tlsconf

import "errors"

// Config names the PEM files of one process.
type Config struct {
	CertFile string `yaml:"cert_file"` // own certificate, with its intermediates
	KeyFile  string `yaml:"key_file"`  // key of that certificate
	CAFile   string `yaml:"ca_file"`   // roots that the certificates of peers must chain to
}

// Validate tells which files are not set.
func (c Config) Validate() []error {
	var errs []error
	for _, f := range []struct{ name, path string }{
		{"cert_file", c.CertFile}, {"key_file", c.KeyFile}, {"ca_file", c.CAFile},
	} {
		if f.path == "" {
			errs = append(errs, errors.New(f.name+": is required"))
		}
	}
	return errs
}
