package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/encoding/protojson"

	auditv1 "github.com/xunshi/xunshi/gen/go/xunshi/audit/v1"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

type verifyReceipt struct {
	Key     string `help:"The public key of the log, or a file that holds it." required:""`
	Receipt string `help:"File with the receipt: the value of the header Xunshi-Receipt, or of signedReceipt." required:""`
	Content string `help:"File with the request that was handed in, as JSON with the name or parent of the path in it."`
	Proof   string `help:"File with the answer of GetReceipt over REST: proves that the log has the receipt."`
}

// Run says what the receipt says, or why it does not hold.
func (c verifyReceipt) Run(out io.Writer) error {
	text, err := os.ReadFile(c.Receipt)
	if err != nil {
		return err
	}
	given, key := string(bytes.TrimSuffix(text, []byte("\n"))), publicKey(c.Key)
	s, err := receipt.Verify(given, key)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "OK: %s, %s %s\n%s on %s at %s\ncontent SHA-256 %s\n",
		s.Name, s.Party, s.Jurisdiction, s.Method, s.Object, s.Time, s.ContentHash)
	for _, stop := range s.Stopped {
		fmt.Fprintf(out, "stopped %s (art. %s), due %s, met %s, late %v: %s\n",
			stop.Duty, stop.Article, stop.DueDate, stop.MetDate, stop.Late, stop.Obligation)
	}
	if c.Content != "" {
		if text, err = os.ReadFile(c.Content); err == nil {
			err = s.VerifyContent(text)
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "OK: the content is what was handed in")
	}
	if c.Proof == "" {
		return nil
	}
	return proveReceipt(out, given, key, c.Proof)
}

func proveReceipt(out io.Writer, given, key, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var answer auditv1.Receipt
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	proof := receipt.Proof{
		Leaf: answer.GetInclusion().GetLeaf(), Index: answer.GetInclusion().GetProof().GetIndex(),
		Note: answer.GetInclusion().GetProof().GetCheckpoint().GetNote(),
	}
	for _, h := range answer.GetInclusion().GetProof().GetHashes() {
		if len(h) != tlog.HashSize {
			return receipt.ErrProof
		}
		proof.Hashes = append(proof.Hashes, tlog.Hash(h))
	}
	entry, checkpoint, err := receipt.VerifyInclusion(given, key, proof)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "OK: entry %d of the %d of %s, made at %s\n", proof.Index, checkpoint.Size, checkpoint.Origin, entry.OccurTime)
	return err
}
