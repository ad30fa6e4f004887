package auditserver

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	policyv1 "github.com/xunshi/xunshi/gen/go/xunshi/policy/v1"
	"github.com/xunshi/xunshi/services/kit/audit"
	"github.com/xunshi/xunshi/services/kit/auditlog"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/page"
	"github.com/xunshi/xunshi/services/kit/pg"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/receipt"
	"github.com/xunshi/xunshi/services/kit/resourcename"
	"github.com/xunshi/xunshi/services/kit/row"
	"github.com/xunshi/xunshi/services/kit/wire"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// receipts answers ReceiptService.
type receipts struct {
	auditv1.UnimplementedReceiptServiceServer
	Deps
}

// GetReceipt reads a receipt of the caller's body, with its proof once there is one.
func (s *receipts) GetReceipt(ctx context.Context, req *auditv1.GetReceiptRequest) (*auditv1.Receipt, error) {
	values, err := resourcename.Must("provinces/{province}/receipts/{receipt}").ParseField("name", req.GetName())
	if err != nil {
		return nil, err
	}
	id, ok := strings.CutPrefix(values["receipt"], s.Service+"-")
	if !ok {
		return nil, fault.Missing(req.GetName())
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.Receipt, error) {
		found, err := row.One(tx, own(tx).Where("id = ?", id), fault.Missing(req.GetName()))
		if err != nil {
			return nil, err
		}
		answer, err := encodeReceipt(found)
		if err != nil {
			return nil, err
		}
		answer.Inclusion, err = inclusion(tx, id)
		return answer, err
	})
}

// ListReceipts lists the receipts of the caller's body.
func (s *receipts) ListReceipts(ctx context.Context, req *auditv1.ListReceiptsRequest) (*auditv1.ListReceiptsResponse, error) {
	if _, err := resourcename.Must("provinces/{province}").ParseField("parent", req.GetParent()); err != nil {
		return nil, err
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	cursor, err := s.Pager.Parse(ctx, req)
	if err != nil {
		return nil, err
	}
	return audit.Read(ctx, s.DB, req, func(tx *pg.Tx) (*auditv1.ListReceiptsResponse, error) {
		found, err := row.Page(tx, own(tx), cursor, size, "create_time", "id")
		if err != nil {
			return nil, err
		}
		found, more := page.Cut(found, size)
		answer := &auditv1.ListReceiptsResponse{}
		for _, r := range found {
			encoded, err := encodeReceipt(r)
			if err != nil {
				return nil, err
			}
			token, err := s.Pager.Next(ctx, req, r.ID, r.CreateTime.UTC().Format(time.RFC3339Nano))
			if err != nil {
				return nil, err
			}
			answer.Receipts = append(answer.Receipts, encoded)
			answer.ContinueTokens = append(answer.ContinueTokens, token)
		}
		if more {
			answer.NextPageToken = answer.ContinueTokens[len(found)-1]
		}
		return answer, nil
	})
}

type receiptRow struct {
	Province     string
	ID           string
	Party        string
	Jurisdiction string
	Text         string
	CreateTime   time.Time
}

func (receiptRow) TableName() string { return "receipt" }

// own finds what the caller's body was given; the office finds those of its province. A
// liaison body keeps its city committee's too (art. 16). Row-level security says the same
// again.
func own(tx *pg.Tx) gorm.ChainInterface[receiptRow] {
	p := tx.Principal()
	query := gorm.G[receiptRow](tx.Gorm()).Where("province = ?", p.Province).Where(tx.Own(pg.Columns{Addressee: "jurisdiction"}))
	switch p.Party {
	case principal.InspectionOffice:
		return query
	case principal.CityLiaisonBody:
		return query.Where("party IN ?", []string{string(principal.CityLiaisonBody), string(principal.CityCommittee)})
	default:
		return query.Where("party = ?", string(p.Party))
	}
}

// inclusion proves that the entry of a receipt is in the log; nil while it waits.
func inclusion(tx *pg.Tx, id string) (*auditv1.ReceiptInclusion, error) {
	proof, err := auditlog.ProveEntry(tx, id)
	if fault.Is(err, fault.ReasonNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entry, err := auditlog.ReadEntry(tx, id)
	if err != nil {
		return nil, err
	}
	return &auditv1.ReceiptInclusion{Leaf: entry.Leaf(), Proof: encodeProof(proof)}, nil
}

func encodeReceipt(r receiptRow) (*auditv1.Receipt, error) {
	s, err := receipt.Read(r.Text)
	if err != nil {
		return nil, fmt.Errorf("receipt %s: %w", r.ID, err)
	}
	at, err := time.Parse(time.RFC3339Nano, s.Time)
	if err != nil {
		return nil, fmt.Errorf("receipt %s: %w", r.ID, err)
	}
	answer := &auditv1.Receipt{
		Name: s.Name, SignedReceipt: r.Text, Party: policyv1.Party(policyv1.Party_value["PARTY_"+s.Party]),
		Jurisdiction: s.Jurisdiction, Method: s.Method, Object: s.Object, RequestId: s.RequestID,
		ContentSha256: s.ContentHash, SubmitTime: wire.Time(at),
	}
	for _, stop := range s.Stopped {
		due, err := workday.ParseDate(stop.DueDate)
		if err != nil {
			return nil, fmt.Errorf("receipt %s: %w", r.ID, err)
		}
		clock := &auditv1.StoppedClock{
			Obligation: stop.Obligation, Duty: stop.Duty, Article: stop.Article, DueDate: wire.Date(due), Late: stop.Late,
		}
		if stop.MetDate != "" {
			met, err := workday.ParseDate(stop.MetDate)
			if err != nil {
				return nil, fmt.Errorf("receipt %s: %w", r.ID, err)
			}
			clock.MetDate = wire.Date(met)
		}
		answer.Stopped = append(answer.Stopped, clock)
	}
	return answer, nil
}
