package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Limits of the edge (security.md §5.1).
const (
	maxBody     = 1 << 20
	maxURL      = 8 << 10
	maxDuration = 30 * time.Second
)

// guard refuses what no handler should see, and bounds the rest.
func (e *edge) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")

		if code, f := e.objection(w, r); f != nil {
			e.refuse(w, r, code, f)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), maxDuration)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// objection gives the HTTP status and the fault of a request that is refused at
// the door. It replaces the body by what it has read of it.
func (e *edge) objection(w http.ResponseWriter, r *http.Request) (int, *fault.Error) {
	if len(r.RequestURI) > maxURL {
		return http.StatusRequestURITooLong, fault.New(fault.Invalid, reasonTooLarge)
	}
	if r.Header.Get("X-Http-Method-Override") != "" {
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonRouteUnknown)
	}
	if !hasBody(r) {
		return 0, nil
	}
	if r.Header.Get("Content-Encoding") != "" || !isJSON(r.Header.Get("Content-Type")) {
		return http.StatusUnsupportedMediaType, fault.New(fault.Invalid, reasonMediaType)
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, fault.New(fault.Exhausted, reasonTooLarge)
	case err != nil:
		return http.StatusRequestTimeout, fault.New(fault.Timeout, fault.ReasonOutcomeUnknown)
	case !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0:
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonBodyInvalid)
	case r.Method == http.MethodGet && len(content) > 0:
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonBodyInvalid)
	}
	r.Body = io.NopCloser(bytes.NewReader(content))
	return 0, nil
}

// hasBody reports whether a body is sent or wanted.
func hasBody(r *http.Request) bool {
	return r.ContentLength != 0 || r.Method == http.MethodPost || r.Method == http.MethodPatch
}

func isJSON(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}
