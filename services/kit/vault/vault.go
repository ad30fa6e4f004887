package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/envelope"
	"github.com/xunshi/xunshi/services/kit/fault"
)

// Ref names the document that content belongs to. All of it is bound to the content.
type Ref struct{ Province, Parent, ID string }

func (r Ref) key() string { return r.Province + "/" + r.ID }

// Vault keeps the content of the documents of one service.
type Vault struct {
	service string
	bucket  *blob.Bucket
	keys    envelope.Keys
}

// Open opens the place and the keys of the configuration.
func Open(ctx context.Context, service string, cfg document.Config) (*Vault, error) {
	secret, err := cfg.KeyFile.Read()
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	keys, err := envelope.ParseKeyring(secret)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	bucket, err := openBucket(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("documents: %w", err)
	}
	return New(service, bucket, keys), nil
}

// New makes a vault of its parts.
func New(service string, bucket *blob.Bucket, keys envelope.Keys) *Vault {
	return &Vault{service: service, bucket: bucket, keys: keys}
}

// Close ends the use of the place.
func (v *Vault) Close() error { return v.bucket.Close() }

// A part of an upload to S3 is held in memory; the store wants 5 MiB at least, and takes
// ten thousand.
const (
	partSize     = 5 << 20
	partsAtATime = 1
)

// Put keeps what fill writes, and gives the id of the key that wraps its key. It is
// durable when Put returns; if fill or anything else fails, nothing is kept.
func (v *Vault) Put(ctx context.Context, r Ref, fill func(io.Writer) error) (keyID string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File // of a folder
	w, err := v.bucket.NewWriter(ctx, r.key(), &blob.WriterOptions{
		ContentType: "application/octet-stream", DisableContentTypeDetection: true,
		BufferSize: partSize, MaxConcurrency: partsAtATime, IfNotExist: true,
		BeforeWrite: func(as func(any) bool) error { as(&file); return nil },
	})
	if err != nil {
		return "", unavailable(err)
	}
	keyID, err = v.seal(ctx, w, r, fill)
	if err == nil && file != nil {
		err = unavailable(file.Sync())
	}
	if err != nil {
		cancel() // so that Close keeps nothing
		_ = w.Close()
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", unavailable(err)
	}
	if file != nil {
		if err := syncFolder(filepath.Dir(file.Name())); err != nil {
			return "", errors.Join(unavailable(err), v.Delete(context.WithoutCancel(ctx), r))
		}
	}
	return keyID, nil
}

func (v *Vault) seal(ctx context.Context, w io.Writer, r Ref, fill func(io.Writer) error) (string, error) {
	sealed, keyID, err := envelope.Seal(ctx, v.keys, w, v.bound(r)...)
	if err != nil {
		return "", unavailable(err)
	}
	if err := fill(sealed); err != nil {
		return "", unavailable(err)
	}
	return keyID, unavailable(sealed.Close())
}

func (v *Vault) bound(r Ref) []string {
	return []string{v.service, "document", r.Province, r.Parent, r.ID}
}

// Get opens what was kept. A damage shows at the latest when the reader ends: what it
// gave before was authentic all the same.
func (v *Vault) Get(ctx context.Context, r Ref) (io.ReadCloser, error) {
	from, err := v.bucket.NewReader(ctx, r.key(), nil)
	if err != nil {
		return nil, readFault(err)
	}
	plain, err := envelope.Open(ctx, v.keys, from, v.bound(r)...)
	if err != nil {
		return nil, errors.Join(readFault(err), from.Close())
	}
	return &content{plain: plain, from: from}, nil
}

// Delete removes what belongs to no document; what is not there is no fault.
func (v *Vault) Delete(ctx context.Context, r Ref) error {
	if err := v.bucket.Delete(ctx, r.key()); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return unavailable(err)
	}
	return nil
}

// content is an opened document.
type content struct {
	plain io.Reader
	from  io.Closer
}

func (c *content) Read(p []byte) (int, error) {
	n, err := c.plain.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = readFault(err)
	}
	return n, err
}

func (c *content) Close() error { return c.from.Close() }

// readFault tells what is for good from what may pass. A document whose content is gone
// is damaged as well.
func readFault(err error) error {
	switch {
	case errors.Is(err, envelope.ErrKeyDestroyed):
		return fault.New(fault.Precondition, document.ReasonKeyDestroyed).Wrap(err)
	case errors.Is(err, envelope.ErrDamaged), gcerrors.Code(err) == gcerrors.NotFound:
		return fault.New(fault.Precondition, document.ReasonDamaged).Wrap(err)
	default:
		return unavailable(err)
	}
}

// unavailable leaves a fault what it is; anything else is the store's.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(err)
}
