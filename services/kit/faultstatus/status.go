package faultstatus

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// internalText is all that a caller is told of an internal failure in English.
const internalText = "internal error"

// Status turns err into the answer. acceptLanguage is the header as received.
// The second result is not nil if the failure is ours: it is for the log, under
// the same requestID, and is in no way part of the answer.
func (c *Catalogue) Status(err error, acceptLanguage, requestID string) (*status.Status, error) {
	if err == nil {
		return nil, nil
	}
	locale := c.locale(acceptLanguage)
	e, err := c.publishable(err)
	if err != nil {
		return c.internal(locale, requestID), err
	}
	meta := published(e)
	developer := c.text(e.Reason, localeEn, meta)
	if e.Reason == fault.ReasonFieldInvalid && len(e.Fields) > 0 {
		developer = clip(e.Fields[0].Path + ": " + e.Fields[0].Description)
	}
	b := newBuilder(CodeOf(e.Kind), developer)
	b.add(&errdetails.ErrorInfo{Reason: e.Reason, Domain: c.domain, Metadata: meta})
	b.add(c.details(e, meta, developer, locale)...)
	b.add(&errdetails.LocalizedMessage{Locale: locale, Message: c.text(e.Reason, locale, meta)})
	return b.status(), nil
}

// publishable gives the fault that the caller may see, or the error to log.
func (c *Catalogue) publishable(err error) (*fault.Error, error) {
	e, ok := fault.As(err)
	switch {
	case !ok && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown), nil
	case !ok:
		return nil, err
	case e.Kind == fault.NotFound:
		// All that is missing is missing in the same words: neither the reason
		// nor its values may tell "not there" from "not yours".
		return fault.Missing(e.Meta[fault.MetaName]), nil
	case e.Kind == fault.Internal || CodeOf(e.Kind) == codes.Internal:
		return nil, err
	case c.texts[e.Reason] == nil:
		return nil, fmt.Errorf("reason %q is not in the catalogue of %s: %w", e.Reason, c.domain, err)
	default:
		return e, nil
	}
}

func (c *Catalogue) internal(locale, requestID string) *status.Status {
	b := newBuilder(codes.Internal, internalText)
	b.add(
		&errdetails.ErrorInfo{Reason: fault.ReasonInternal, Domain: c.domain},
		&errdetails.RequestInfo{RequestId: clip(requestID)},
		&errdetails.LocalizedMessage{Locale: locale, Message: c.text(fault.ReasonInternal, locale, nil)},
	)
	return b.status()
}

// published gives the metadata that the caller may see.
func published(e *fault.Error) map[string]string {
	if e.Kind == fault.Unauthenticated || len(e.Meta) == 0 {
		return nil // who fails to sign in learns nothing about why
	}
	meta := make(map[string]string, len(e.Meta))
	for k, v := range e.Meta {
		meta[clip(k)] = clip(v)
	}
	return meta
}
