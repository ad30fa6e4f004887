package auditlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
)

// File is where checkpoints are kept outside the database, the newest last: one line
// for each, {"checkpoint": "<signed note>"}. Put it where whoever can write to the
// database cannot, e.g. an append-only mount of another host.
type File struct{ path string }

// NewFile names the file; the first checkpoint makes it.
func NewFile(path string) File { return File{path} }

type fileLine struct {
	Checkpoint string `json:"checkpoint"`
}

// maxLine is more than a checkpoint with its signatures can have.
const maxLine = 4096

// Last gives the newest checkpoint; ok is false if there is none. A line that a crash
// cut off is none.
func (f File) Last(v note.Verifier) (c Checkpoint, ok bool, err error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, false, nil
	}
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("checkpoint file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("checkpoint file: %w", err)
	}
	tail := make([]byte, min(info.Size(), 2*maxLine))
	if _, err := file.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return Checkpoint{}, false, fmt.Errorf("checkpoint file: %w", err)
	}
	whole := bytes.LastIndexByte(tail, '\n')
	if whole < 0 {
		if int64(len(tail)) < info.Size() {
			return Checkpoint{}, false, fmt.Errorf("checkpoint file %s: its last line is no checkpoint", f.path)
		}
		return Checkpoint{}, false, nil
	}
	line := tail[:whole]
	c, err = openLine(line[bytes.LastIndexByte(line, '\n')+1:], v)
	return c, err == nil, err
}

// Append adds a checkpoint and does not return before it is on the disk.
func (f File) Append(signed string) (err error) {
	line, err := json.Marshal(fileLine{signed})
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	cut, err := torn(file)
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	if cut >= 0 { // what is cut off was never a checkpoint
		if err := file.Truncate(cut); err != nil {
			return fmt.Errorf("checkpoint file: %w", err)
		}
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return nil
}

// torn tells where a last line begins that has no end; -1 if there is none.
func torn(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return -1, err
	}
	tail := make([]byte, min(info.Size(), maxLine))
	start := info.Size() - int64(len(tail))
	if _, err := file.ReadAt(tail, start); err != nil && !errors.Is(err, io.EOF) {
		return -1, err
	}
	if tail[len(tail)-1] == '\n' {
		return -1, nil
	}
	return start + int64(bytes.LastIndexByte(tail, '\n')+1), nil
}

// ReadAll gives all checkpoints of a file in its order.
func (f File) ReadAll(v note.Verifier) ([]Checkpoint, error) {
	file, err := os.Open(filepath.Clean(f.path))
	if err != nil {
		return nil, fmt.Errorf("checkpoint file: %w", err)
	}
	defer file.Close()
	return ReadCheckpoints(file, v)
}

// ReadCheckpoints reads lines of a checkpoint file. Each must be signed.
func ReadCheckpoints(r io.Reader, v note.Verifier) ([]Checkpoint, error) {
	var all []Checkpoint
	for lines := bufio.NewScanner(r); ; {
		if !lines.Scan() {
			return all, lines.Err()
		}
		c, err := openLine(lines.Bytes(), v)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
}

func openLine(line []byte, v note.Verifier) (Checkpoint, error) {
	var l fileLine
	if err := json.Unmarshal(line, &l); err != nil {
		return Checkpoint{}, fmt.Errorf("a line that is no checkpoint: %w", err)
	}
	return OpenCheckpoint(l.Checkpoint, v)
}
