package auditserver

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/idempotency"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/resourcename"
)

// Deps are what the server needs; all are required but Witnesses.
type Deps struct {
	Service   string // whose log it is
	DB        *pg.DB
	Pager     *page.Pager
	PublicKey string // of the log
	Witnesses []note.Verifier
}

// Register adds the servers to a gRPC server.
func Register(r grpc.ServiceRegistrar, d Deps) error {
	if d.Service == "" || d.DB == nil || d.Pager == nil || d.PublicKey == "" {
		return errors.New("auditserver: a dependency is missing")
	}
	auditv1.RegisterAuditLogServiceServer(r, &server{Deps: d})
	auditv1.RegisterReceiptServiceServer(r, &receipts{Deps: d})
	return nil
}

type server struct {
	auditv1.UnimplementedAuditLogServiceServer
	Deps
}

const article = "12(6)"

// parse reads the name of this log, or of something in it. Another service's log is not
// here, and for whoever is not the audit administrator of the province there is none: row-
// level security shows no rows of it, and its name and key are told to nobody else either.
func (d Deps) parse(ctx context.Context, pattern, field, name string) (map[string]string, error) {
	values, err := resourcename.Must(pattern).ParseField(field, name)
	if err != nil {
		return nil, err
	}
	p, _ := principal.From(ctx)
	if values["audit_log"] != d.Service || p.Party != principal.AuditAdministrator || p.Province != values["province"] {
		return nil, fault.Missing(name)
	}
	return values, nil
}

const (
	logPattern   = "provinces/{province}/auditLogs/{audit_log}"
	entryPattern = logPattern + "/entries/{entry}"
)

// GetAuditLog reads the newest checkpoint and who cosigned.
func (s *server) GetAuditLog(ctx context.Context, req *auditv1.GetAuditLogRequest) (*auditv1.AuditLog, error) {
	if _, err := s.parse(ctx, logPattern, "name", req.GetName()); err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.AuditLog, error) {
		newest, err := newest(tx)
		if err != nil {
			return nil, err
		}
		cosigned, err := cosignatures(tx)
		return &auditv1.AuditLog{
			Name: req.GetName(), Origin: auditlog.Origin(s.Service), PublicKey: s.PublicKey,
			Checkpoint: newest, Cosignatures: cosigned,
		}, err
	})
}

// newest gives the newest checkpoint; an empty one before the first.
func newest(tx *pg.Tx) (*auditv1.Checkpoint, error) {
	c, signed, err := auditlog.Newest(tx)
	if fault.Is(err, fault.ReasonNotFound) {
		return encode(auditlog.Empty(""), ""), nil
	}
	return encode(c, signed), err
}

func encode(c auditlog.Checkpoint, signed string) *auditv1.Checkpoint {
	return &auditv1.Checkpoint{Size: c.Size, RootHash: c.Root[:], Note: signed}
}

func encodeHashes(hashes []tlog.Hash) [][]byte {
	var encoded [][]byte
	for _, h := range hashes {
		encoded = append(encoded, h[:])
	}
	return encoded
}

// ProveInclusion proves that an entry is in the log.
func (s *server) ProveInclusion(ctx context.Context, req *auditv1.ProveInclusionRequest) (*auditv1.InclusionProof, error) {
	values, err := s.parse(ctx, entryPattern, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.InclusionProof, error) {
		if err := entered(tx, values["entry"]); err != nil {
			return nil, named(err, req.GetName())
		}
		proof, err := auditlog.ProveEntry(tx, values["entry"])
		if fault.Is(err, fault.ReasonNotFound) {
			return nil, fault.Refuse(article, reasonEntryWaits)
		}
		if err != nil {
			return nil, err
		}
		return encodeProof(proof), nil
	})
}

func encodeProof(p auditlog.Inclusion) *auditv1.InclusionProof {
	return &auditv1.InclusionProof{
		Index: p.Index, LeafHash: p.Leaf[:], Hashes: encodeHashes(p.Hashes), Checkpoint: encode(p.Checkpoint, p.Note),
	}
}

// ProveConsistency proves that the log only grew since the caller's checkpoint.
func (s *server) ProveConsistency(ctx context.Context, req *auditv1.ProveConsistencyRequest) (*auditv1.ConsistencyProof, error) {
	if _, err := s.parse(ctx, logPattern, "name", req.GetName()); err != nil {
		return nil, err
	}
	held := req.GetHeldSize()
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.ConsistencyProof, error) {
		now, err := newest(tx)
		if err != nil {
			return nil, err
		}
		answer := &auditv1.ConsistencyProof{HeldSize: held, Checkpoint: now}
		if held > now.GetSize() {
			return nil, sizeUnknown(held)
		}
		if held == 0 || held == now.GetSize() {
			return answer, nil
		}
		hashes, err := auditlog.Consistency(tx, held, now.GetSize())
		answer.Hashes = encodeHashes(hashes)
		return answer, err
	})
}

// CosignCheckpoint stores the signature of a witness on a checkpoint of this log.
func (s *server) CosignCheckpoint(ctx context.Context, req *auditv1.CosignCheckpointRequest) (*auditv1.Cosignature, error) {
	values, err := s.parse(ctx, logPattern, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	return idempotency.Write(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.Cosignature, error) {
		return s.cosign(tx, values["province"], req.GetNote())
	})
}

// named tells what was asked for where nothing was found.
func named(err error, name string) error {
	if fault.Is(err, fault.ReasonNotFound) {
		return fault.Missing(name)
	}
	return err
}
