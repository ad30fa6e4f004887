package document

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// What is kept of the content while it passes.
const (
	headSize    = 512      // as much as net/http looks at
	endSize     = 66 << 10 // an archive tells here that it is one
	archiveSize = 1 << 20  // and here which files it holds; more than fit are too many
	// What an archive may become when it is unpacked, as a multiple of its size.
	mostExpansion = 200
	leastExpanded = 16 << 20
)

// errType says that the content is not of the type; what it wraps is for the log.
var errType = errors.New("the content is of another type")

// inspector tells by the content whether it is of a type. It never unpacks anything.
type inspector struct {
	media media
	text  bool
	head  []byte
	tail  []byte // a ring
	size  int64
	carry []byte // the beginning of a character
}

func newInspector(m media) *inspector {
	tail := endSize
	if m.entry != "" {
		tail = archiveSize
	}
	return &inspector{media: m, text: m.sniffed == plain, head: make([]byte, 0, headSize), tail: make([]byte, tail)}
}

// Write looks at the next bytes. What already shows another type is refused at once.
func (i *inspector) Write(p []byte) (int, error) {
	if missing := headSize - len(i.head); missing > 0 {
		i.head = append(i.head, p[:min(missing, len(p))]...)
		if len(i.head) == headSize {
			if err := i.sniff(); err != nil {
				return 0, err
			}
		}
	}
	if i.text {
		if err := i.readText(p); err != nil {
			return 0, err
		}
	}
	last := p[max(0, len(p)-len(i.tail)):]
	at := (i.size + int64(len(p)-len(last))) % int64(len(i.tail))
	copied := copy(i.tail[at:], last)
	copy(i.tail, last[copied:])
	i.size += int64(len(p))
	return len(p), nil
}

func (i *inspector) sniff() error {
	if found := http.DetectContentType(i.head); found != i.media.sniffed {
		return fmt.Errorf("%w: it begins like %s", errType, found)
	}
	return nil
}

// readText wants UTF-8 without the characters that no text has.
func (i *inspector) readText(p []byte) error {
	if len(i.carry) > 0 {
		p = append(i.carry, p...)
	}
	whole := len(p)
	for back := 1; back <= min(utf8.UTFMax-1, len(p)); back++ {
		if c := p[len(p)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(p[len(p)-back:]) {
				whole = len(p) - back
			}
			break
		}
	}
	i.carry = slices.Clone(p[whole:])
	strange := func(b byte) bool { return b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' }
	if !utf8.Valid(p[:whole]) || slices.ContainsFunc(p[:whole], strange) {
		return fmt.Errorf("%w: it is no text in UTF-8", errType)
	}
	return nil
}

// finish judges the whole.
func (i *inspector) finish() error {
	if err := i.sniff(); err != nil { // of less than a head nothing is certain before
		return err
	}
	if len(i.carry) > 0 {
		return fmt.Errorf("%w: it ends within a character", errType)
	}
	archive, err := zip.NewReader(i, i.size)
	if i.media.entry == "" {
		if errors.Is(err, zip.ErrFormat) {
			return nil
		}
		return fmt.Errorf("%w: it is an archive as well", errType)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errType, err)
	}
	return i.checkArchive(archive.File)
}

// checkArchive looks at the list of an archive's files.
func (i *inspector) checkArchive(files []*zip.File) error {
	var expanded uint64
	found := false
	for _, f := range files {
		found = found || f.Name == i.media.entry
		switch {
		case strings.Contains(f.Name, `\`), !filepath.IsLocal(f.Name), f.Mode()&fs.ModeSymlink != 0:
			return fmt.Errorf("%w: a file of the archive would land outside of it", errType)
		case strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin"):
			return fmt.Errorf("%w: it has macros", errType)
		}
		expanded += f.UncompressedSize64
		if f.UncompressedSize64 > 1<<40 || expanded > uint64(max(leastExpanded, mostExpansion*i.size)) {
			return fmt.Errorf("%w: it becomes too large when it is unpacked", errType)
		}
	}
	if !found {
		return fmt.Errorf("%w: the archive has no %s", errType, i.media.entry)
	}
	return nil
}

// ReadAt implements io.ReaderAt for what is still there: the end.
func (i *inspector) ReadAt(p []byte, off int64) (int, error) {
	kept := min(i.size, int64(len(i.tail)))
	if off < i.size-kept {
		return 0, errors.New("the list of its files is too long")
	}
	if off >= i.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), i.size-off)
	at := off % int64(len(i.tail))
	copied := copy(p[:n], i.tail[at:])
	copy(p[copied:n], i.tail)
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

var _ io.ReaderAt = (*inspector)(nil)
