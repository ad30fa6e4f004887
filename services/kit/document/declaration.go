package document

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strconv"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

// Reasons of refusal; values of xunshi.fault.v1.ErrorReason.
const (
	ReasonSizeDiffers  = "DOCUMENT_SIZE_DIFFERS"
	ReasonHashDiffers  = "DOCUMENT_HASH_DIFFERS"
	ReasonTypeDiffers  = "DOCUMENT_TYPE_DIFFERS"
	ReasonTypeRefused  = "DOCUMENT_TYPE_REFUSED"
	ReasonTooLarge     = "DOCUMENT_TOO_LARGE"
	ReasonCaseClosed   = "DOCUMENT_CASE_CLOSED"
	ReasonDamaged      = "DOCUMENT_DAMAGED"
	ReasonKeyDestroyed = "DOCUMENT_KEY_DESTROYED"
	ReasonUploadOrder  = "UPLOAD_ORDER_INVALID"
)

// Declaration is what is said of a file before it comes.
type Declaration struct {
	DisplayName  string
	MediaType    string
	Size         int64
	SHA256       []byte
	DocumentDate workday.Date // the zero day: none
}

// Accept judges what is declared, and gives it as it is kept. Today is the legal day.
func (d Declaration) Accept(maxBytes int64, today workday.Date) (Declaration, error) {
	m, known := mediaTypes()[d.MediaType]
	if !known {
		return Declaration{}, fault.New(fault.Invalid, ReasonTypeRefused, "accepted", Accepted()).
			WithField("upload.media_type", ReasonTypeRefused, "no document of this type is taken")
	}
	if d.Size > maxBytes {
		return Declaration{}, TooLarge(maxBytes)
	}
	if !d.DocumentDate.IsZero() && d.DocumentDate.After(today) {
		return Declaration{}, fault.InvalidField("upload.document_date", "DATE_IN_FUTURE", "must not be after today")
	}
	var err error
	d.DisplayName, err = cleanName(d.DisplayName, m)
	return d, err
}

// TooLarge is the refusal of a file, or a piece, beyond its limit.
func TooLarge(maxBytes int64) *fault.Error {
	return fault.New(fault.Exhausted, ReasonTooLarge, "max_bytes", strconv.FormatInt(maxBytes, 10))
}

// Proof holds the content that comes against what was declared.
type Proof struct {
	declared Declaration
	size     int64
	hash     hash.Hash
	look     *inspector
}

// Prove begins to hold content against an accepted declaration.
func (d Declaration) Prove() *Proof {
	return &Proof{declared: d, hash: sha256.New(), look: newInspector(mediaTypes()[d.MediaType])}
}

// Write takes the next bytes, and refuses them as soon as they show that the declaration
// was wrong.
func (p *Proof) Write(b []byte) (int, error) {
	if p.size += int64(len(b)); p.size > p.declared.Size {
		return 0, p.sizeDiffers()
	}
	p.hash.Write(b) // never fails
	if _, err := p.look.Write(b); err != nil {
		return 0, p.typeDiffers(err)
	}
	return len(b), nil
}

// Finish judges the whole.
func (p *Proof) Finish() error {
	switch {
	case p.size != p.declared.Size:
		return p.sizeDiffers()
	case !bytes.Equal(p.hash.Sum(nil), p.declared.SHA256):
		return fault.New(fault.Invalid, ReasonHashDiffers).
			WithField("upload.sha256", ReasonHashDiffers, "is not the SHA-256 of the content")
	}
	if err := p.look.finish(); err != nil {
		return p.typeDiffers(err)
	}
	return nil
}

func (p *Proof) sizeDiffers() error {
	return fault.New(fault.Invalid, ReasonSizeDiffers, "declared", strconv.FormatInt(p.declared.Size, 10)).
		WithField("upload.size_bytes", ReasonSizeDiffers, "is not the size of the content")
}

func (p *Proof) typeDiffers(err error) error {
	if !errors.Is(err, errType) {
		return fmt.Errorf("inspect: %w", err)
	}
	return fault.New(fault.Invalid, ReasonTypeDiffers, "declared", p.declared.MediaType).
		WithField("upload.media_type", ReasonTypeDiffers, "is not the type of the content").Wrap(err)
}

// Recollection holds stored content against what is known of it.
type Recollection struct {
	declared Declaration
	size     int64
	hash     hash.Hash
}

// Recall begins to hold stored content against what is known of it.
func (d Declaration) Recall() *Recollection {
	return &Recollection{declared: d, hash: sha256.New()}
}

// Write takes the next bytes.
func (r *Recollection) Write(b []byte) (int, error) {
	r.size += int64(len(b))
	return r.hash.Write(b) // never fails
}

// Holds tells whether it is all that was handed in.
func (r *Recollection) Holds() bool {
	return r.size == r.declared.Size && bytes.Equal(r.hash.Sum(nil), r.declared.SHA256)
}
