package envelope

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// The form of a sealed object: a header, then the segments.
//
//	version (1) | algorithm (1) | length (1), id of the wrapping key | length (2), wrapped key
//
// The header and all that the object is bound to are associated data of every segment;
// the nonce of a segment holds its number and whether it is the last.
const (
	version        = 1
	aesGCMHKDF     = 1 // AES-256-GCM in segments, their key by HKDF-SHA256 from the object's key and a salt
	keySize        = 32
	segment        = 64 << 10
	maxKeyID       = 64
	maxWrapped     = 4 << 10 // of a key management service
	fixedHeaderLen = 2
)

// Seal gives a writer that encrypts to w what belongs to the object named by bound,
// under a new key. Only after Close is the object whole.
func Seal(ctx context.Context, keys Keys, w io.Writer, bound ...string) (sealed io.WriteCloser, keyID string, err error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, "", fmt.Errorf("envelope: %w", err)
	}
	id, wrapped, err := keys.Wrap(ctx, key, associated(nil, bound))
	if err != nil {
		return nil, "", fmt.Errorf("envelope: wrap: %w", err)
	}
	if len(id) == 0 || len(id) > maxKeyID || len(wrapped) > maxWrapped {
		return nil, "", errors.New("envelope: the key provider gave what no header can hold")
	}
	header := append([]byte{version, aesGCMHKDF, byte(len(id))}, id...)
	header = append(binary.BigEndian.AppendUint16(header, uint16(len(wrapped))), wrapped...)
	engine, err := subtle.NewAESGCMHKDF(key, "SHA256", keySize, segment, 0)
	if err != nil {
		return nil, "", fmt.Errorf("envelope: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return nil, "", err
	}
	sealed, err = engine.NewEncryptingWriter(w, associated(header, bound))
	return sealed, id, err
}

// Open gives a reader of what was sealed for the object named by bound. It gives no
// byte that was not authenticated; that nothing is missing is certain at io.EOF.
func Open(ctx context.Context, keys Keys, r io.Reader, bound ...string) (io.Reader, error) {
	from := &source{r: r}
	header, id, wrapped, err := readHeader(from)
	if err != nil {
		return nil, from.judge(err)
	}
	key, err := keys.Unwrap(ctx, id, wrapped, associated(nil, bound))
	if err != nil {
		return nil, fmt.Errorf("envelope: unwrap: %w", err)
	}
	engine, err := subtle.NewAESGCMHKDF(key, "SHA256", keySize, segment, 0)
	if err != nil {
		return nil, ErrDamaged // the key is none of ours
	}
	plain, err := engine.NewDecryptingReader(from, associated(header, bound))
	if err != nil {
		return nil, from.judge(err)
	}
	return &opened{plain: plain, from: from}, nil
}

func readHeader(r io.Reader) (header []byte, id string, wrapped []byte, err error) {
	take := func(n int) []byte {
		if err != nil {
			return nil
		}
		part := make([]byte, n)
		_, err = io.ReadFull(r, part)
		header = append(header, part...)
		return part
	}
	if fixed := take(fixedHeaderLen); err == nil && (fixed[0] != version || fixed[1] != aesGCMHKDF) {
		return nil, "", nil, ErrDamaged
	}
	if length := take(1); err == nil {
		id = string(take(int(length[0])))
	}
	if length := take(2); err == nil {
		n := binary.BigEndian.Uint16(length)
		if n > maxWrapped {
			return nil, "", nil, ErrDamaged
		}
		wrapped = take(int(n))
	}
	return header, id, wrapped, err
}

// associated writes each part with its length in front, so that no two lists of parts
// give the same bytes.
func associated(header []byte, bound []string) []byte {
	all := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	all = append(all, header...)
	for _, part := range bound {
		all = binary.BigEndian.AppendUint32(all, uint32(len(part)))
		all = append(all, part...)
	}
	return all
}

// source remembers whether it was the reading that failed: that may pass, damage does
// not.
type source struct {
	r      io.Reader
	failed error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

func (s *source) judge(err error) error {
	if s.failed != nil {
		return fmt.Errorf("envelope: read: %w", s.failed)
	}
	return fmt.Errorf("%w: %v", ErrDamaged, err)
}

// opened tells damage from a source that failed.
type opened struct {
	plain io.Reader
	from  *source
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, o.from.judge(err)
	}
	return n, err
}
