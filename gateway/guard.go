package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// Limits of the edge (security.md §5.1).
const (
	maxBody     = 1 << 20
	maxURL      = 8 << 10
	maxPassed   = 8 << 10 // headers for a service, which takes 16 KiB with its own
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
			if r.ProtoMajor == 1 && r.ContentLength != 0 {
				h.Set("Connection", "close") // the rest of the body is not waited for
			}
			e.refuse(w, r, code, f)
			return
		}
		longest := maxDuration
		if _, isFile := e.file(r); isFile {
			longest = maxFileDuration
		}
		ctx, cancel := context.WithTimeout(r.Context(), longest)
		defer cancel()
		r = r.WithContext(ctx)
		hideOrigin(r)
		next.ServeHTTP(w, r)
	})
}

// hideOrigin keeps the client's address from the services, to which the mux would
// tell it: who writes in is protected (art. 10), and no rule asks from where.
func hideOrigin(r *http.Request) {
	r.Header.Del("X-Forwarded-For")
	r.Header.Del("X-Forwarded-Host")
	r.RemoteAddr, r.Host = "", ""
}

// objection gives the HTTP status and the fault of a request that is refused at
// the door. It replaces the body by what it has read of it.
func (e *edge) objection(w http.ResponseWriter, r *http.Request) (int, *fault.Error) {
	if len(r.RequestURI) > maxURL {
		return http.StatusRequestURITooLong, fault.New(fault.Invalid, reasonTooLarge)
	}
	if r.Header.Get("X-Http-Method-Override") != "" || !isClean(r.URL.EscapedPath()) {
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonRouteUnknown)
	}
	if passedSize(r.Header) > maxPassed {
		return http.StatusRequestHeaderFieldsTooLarge, fault.New(fault.Invalid, reasonTooLarge)
	}
	if to, isFile := e.file(r); isFile && to.verb == http.MethodPost {
		return e.uploadObjection(r)
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
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout, fault.New(fault.Invalid, reasonBodyInvalid)
	case err != nil: // broken off, or not chunked as it should be
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonBodyInvalid)
	case !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0:
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonBodyInvalid)
	case r.Method == http.MethodGet && len(content) > 0:
		return http.StatusBadRequest, fault.New(fault.Invalid, reasonBodyInvalid)
	}
	r.Body = io.NopCloser(bytes.NewReader(content))
	return 0, nil
}

// cleanPath is what the names of this API are made of. A percent sign is not among
// it: there is nothing to escape.
var cleanPath = regexp.MustCompile(`^/[A-Za-z0-9_.:/-]*$`)

// isClean refuses every path that the mux would change and redirect to, or that
// this process and a proxy in front of it might read differently.
func isClean(escaped string) bool {
	return cleanPath.MatchString(escaped) && !strings.Contains(escaped, "//") &&
		!strings.Contains(escaped+"/", "/./") && !strings.Contains(escaped+"/", "/../")
}

// passedSize counts what a service would get of the headers.
func passedSize(h http.Header) int {
	size := 0
	for _, key := range append([]string{"Authorization"}, passed...) {
		for _, value := range h.Values(key) {
			size += len(value)
		}
	}
	return size
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
