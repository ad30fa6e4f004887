package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/auditserver"
	"github.com/xunshi/xunshi/services/kit/config"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// Audit says how the audit log of the service is kept (adr 0012).
type Audit struct {
	// KeyFile holds the key that signs the log, 64 hexadecimal digits, the same for
	// all replicas. `xunshi-audit pubkey` gives the public key that verifies it.
	KeyFile config.SecretFile `yaml:"key_file"`
	// CheckpointFile gets a line for each checkpoint. It belongs where whoever can
	// write to the database cannot.
	CheckpointFile string `yaml:"checkpoint_file"`
	// Interval is how often new entries are looked for.
	Interval time.Duration `yaml:"interval"`
	// Witnesses are the public keys of those whose cosignatures are stored, in the
	// form of C2SP signed-note.
	Witnesses []string `yaml:"witnesses"`
}

// Validate returns every fault of the section.
func (c Audit) Validate() []error {
	var faults []error
	if c.Interval < 10*time.Millisecond || c.Interval > time.Minute {
		faults = append(faults, fmt.Errorf("interval: %v is not between 10ms and 1m", c.Interval))
	}
	if _, err := c.witnesses(); err != nil {
		faults = append(faults, err)
	}
	return faults
}

func (c Audit) witnesses() (keys []note.Verifier, err error) {
	for i, text := range c.Witnesses {
		key, err := note.NewVerifier(text)
		if err != nil {
			return nil, fmt.Errorf("witnesses: number %d: %w", i+1, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (c Audit) missing() []error {
	var faults []error
	if c.KeyFile == "" {
		faults = append(faults, errors.New("audit.key_file: is required"))
	}
	if c.CheckpointFile == "" {
		faults = append(faults, errors.New("audit.checkpoint_file: is required"))
	}
	return faults
}

// key reads the signing key of a service's log.
func (c Audit) key(service string) (*auditlog.Key, error) {
	digits, err := c.KeyFile.Read()
	if err != nil {
		return nil, err
	}
	return auditlog.ParseKey(auditlog.Origin(service), string(digits))
}

// makeAuditLog connects the sequencer, and prepares the server of the log and the issuer
// of receipts, which the log vouches for.
func (a *app) makeAuditLog(ctx context.Context) error {
	cfg := a.cfg.Audit
	key, err := cfg.key(a.program.Name)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	dsn, err := a.cfg.Database.Job.read()
	if err != nil {
		return fmt.Errorf("database.job: %w", err)
	}
	tampered := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "xunshi_audit_log_tampered", Help: "1 while the database is not the one whose checkpoints were kept outside.",
	})
	if err := a.tel.Registry.Register(tampered); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	a.sequencer, err = auditlog.NewSequencer(ctx, auditlog.SequencerConfig{
		DSN: dsn, Key: key, File: auditlog.NewFile(cfg.CheckpointFile), Log: a.tel.Logger,
		Refused: func(yes bool) {
			tampered.Set(0)
			if yes {
				tampered.Set(1)
			}
		},
	})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	a.onClose(func(context.Context) error { a.sequencer.Close(); return nil })
	a.audit.Service, a.audit.DB, a.audit.PublicKey = a.program.Name, a.db, key.Verifier()
	if a.audit.Witnesses, err = cfg.witnesses(); err != nil {
		return err
	}
	a.receipts, err = receipt.NewIssuer(a.program.Name, key, a.opts.clock)
	return err
}

// registerAll adds what every service answers to what this one registers, if that is
// anything.
func (a *app) registerAll(r grpc.ServiceRegistrar) {
	own := counting{ServiceRegistrar: r}
	a.service.Register(&own)
	if own.count > 0 {
		_ = auditserver.Register(r, a.audit) // it refuses nothing but a missing part, and all is there
	}
}

type counting struct {
	grpc.ServiceRegistrar
	count int
}

func (c *counting) RegisterService(desc *grpc.ServiceDesc, impl any) {
	c.count++
	c.ServiceRegistrar.RegisterService(desc, impl)
}

// pager makes page tokens of the process's own lists.
func (a *app) pager(key []byte) (err error) {
	a.audit.Pager, err = page.New(key, a.opts.clock)
	return err
}
