package auditlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says that a log had so many entries with this root.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Empty is the state of a log before its first entry.
func Empty(origin string) Checkpoint {
	root, _ := tlog.TreeHash(0, nil) // it reads nothing for an empty tree
	return Checkpoint{Origin: origin, Root: root}
}

// body is the text that is signed: the form of C2SP tlog-checkpoint.
func (c Checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// Sign gives the checkpoint as a signed note.
func (c Checkpoint) Sign(key *Key) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.body()}, key)
	if err != nil {
		return "", fmt.Errorf("sign checkpoint: %w", err)
	}
	return string(signed), nil
}

// OpenCheckpoint reads a note that the key of the verifier has signed.
func OpenCheckpoint(signed string, v note.Verifier) (Checkpoint, error) {
	opened, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	for _, signature := range opened.Sigs { // the library forgives bits behind the last byte
		if _, err := base64.StdEncoding.Strict().DecodeString(signature.Base64); err != nil {
			return Checkpoint{}, fmt.Errorf("checkpoint: its signature is not in its one form: %w", err)
		}
	}
	return ParseCheckpoint(opened.Text)
}

// ParseCheckpoint reads the text of a note, whoever signed it.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("checkpoint: it has not three lines")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return Checkpoint{}, fmt.Errorf("checkpoint: size %q", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("checkpoint: root %q", lines[2])
	}
	c.Root = tlog.Hash(root)
	if c.body() != text { // another spelling of the same
		return Checkpoint{}, errors.New("checkpoint: not in its one form")
	}
	return c, nil
}

// readNote reads a checkpoint without asking who signed it: what the database of the
// log itself holds. Whoever gets it verifies it.
func readNote(signed string) (Checkpoint, error) {
	text, _, ok := strings.Cut(signed, "\n\n")
	if !ok {
		return Checkpoint{}, errors.New("checkpoint: no signed note")
	}
	return ParseCheckpoint(text + "\n")
}
