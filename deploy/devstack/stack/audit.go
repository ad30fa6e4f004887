package stack

import (
	"os"

	"github.com/xunshi/xunshi/services/kit/auditlog"
)

func (s *Stack) auditKey(name, file string) (*auditlog.Key, error) {
	digits, err := os.ReadFile(s.path(file))
	if err != nil {
		return nil, err
	}
	return auditlog.ParseKey(name, string(digits))
}

// Witness is the key of the witness whom the services of the stack know.
func (s *Stack) Witness() *auditlog.Key { return s.witness }

// AuditKey is the public key of the audit log of a service.
func (s *Stack) AuditKey(service string) (string, error) {
	key, err := s.auditKey(auditlog.Origin(service), "audit-"+service+".key")
	if err != nil {
		return "", err
	}
	return key.Verifier(), nil
}

// CheckpointFile is where the checkpoints of a service are kept outside of its database.
func (s *Stack) CheckpointFile(service string) string { return s.path("checkpoints", service) }

// JobDSN connects to the database of a service as its job role, as an operator who
// exports the audit log does.
func (s *Stack) JobDSN(service string) string { return s.cluster.DSNs(service, service).Job }
