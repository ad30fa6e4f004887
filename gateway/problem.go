package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/requestid"
)

// Reasons that only the edge answers with.
const (
	reasonRouteUnknown = "ROUTE_UNKNOWN"
	reasonBodyInvalid  = "BODY_INVALID"
	reasonTooLarge     = "TOO_LARGE"
	reasonMediaType    = "MEDIA_TYPE_UNSUPPORTED"
	reasonFileTooLarge = "DOCUMENT_TOO_LARGE"
)

// statusOf gives the HTTP status where a reason says more than its code; 0 elsewhere.
func statusOf(reason string) int {
	switch reason {
	case reasonFileTooLarge:
		return http.StatusRequestEntityTooLarge
	case "DOCUMENT_TYPE_DIFFERS", "DOCUMENT_TYPE_REFUSED":
		return http.StatusUnsupportedMediaType
	case fault.ReasonUploadStalled:
		return http.StatusRequestTimeout
	default:
		return 0
	}
}

// body is the error form of AIP-193.
type body struct {
	Error struct {
		Code    int               `json:"code"`
		Message string            `json:"message"`
		Status  string            `json:"status"`
		Details []json.RawMessage `json:"details"`
	} `json:"error"`
}

// serviceError writes what a service answered. A fault, and a status without
// ErrorInfo, were made on this side of the wire: by package obligations, the mux
// or the channel. They get our words.
func (e *edge) serviceError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if f, ok := fault.As(err); ok {
		e.refuse(w, r, statusOf(f.Reason), f)
		return
	}
	s := status.Convert(err)
	if reasonOf(s) == "" {
		f := ownFault(s)
		if f.Kind == fault.Unavailable || f.Kind == fault.Internal {
			// No service has logged it: the call did not arrive, or its answer did not.
			e.log.ErrorContext(r.Context(), "call failed",
				"request_id", requestid.From(r.Context()), "code", s.Code().String(), "error", s.Message())
		}
		e.refuse(w, r, 0, f)
		return
	}
	httpCode := cmp.Or(statusOf(reasonOf(s)), runtime.HTTPStatusFromCode(s.Code()))
	if reasonOf(s) == fault.ReasonETagMismatch && r.Header.Get("If-Match") != "" {
		httpCode = http.StatusPreconditionFailed
	}
	write(w, httpCode, s)
}

func ownFault(s *status.Status) *fault.Error {
	switch s.Code() {
	case codes.InvalidArgument: // the JSON, a path or a query parameter
		return fault.New(fault.Invalid, reasonBodyInvalid).
			WithField("request", reasonBodyInvalid, s.Message())
	case codes.DeadlineExceeded, codes.Canceled:
		return fault.New(fault.Timeout, fault.ReasonOutcomeUnknown)
	case codes.Unavailable:
		return fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable)
	default:
		// RESOURCE_EXHAUSTED too: a service that is busy says so with a reason. This
		// is a message beyond gRPC's limit, and would be again.
		return fault.New(fault.Internal, fault.ReasonInternal)
	}
}

func (e *edge) routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	e.unknownRoute(w, r)
}

// unknownRoute tells a wrong verb from a wrong path.
func (e *edge) unknownRoute(w http.ResponseWriter, r *http.Request) {
	if verbs := e.allowed(r.URL.Path); len(verbs) > 0 {
		w.Header().Set("Allow", strings.Join(verbs, ", "))
		e.refuse(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, reasonRouteUnknown))
		return
	}
	e.refuse(w, r, http.StatusNotFound, fault.New(fault.NotFound, reasonRouteUnknown))
}

// refuse answers with a fault of the edge itself; httpCode 0 means that of the
// fault's kind.
func (e *edge) refuse(w http.ResponseWriter, r *http.Request, httpCode int, f *fault.Error) {
	s, _ := e.catalogue.Status(f, r.Header.Get("Accept-Language"), requestid.From(r.Context()))
	if httpCode == 0 {
		httpCode = runtime.HTTPStatusFromCode(s.Code())
	}
	write(w, httpCode, s)
}

func write(w http.ResponseWriter, httpCode int, s *status.Status) {
	var b body
	b.Error.Code = httpCode
	b.Error.Message = s.Message()
	b.Error.Status = code.Code(s.Code()).String()
	b.Error.Details = []json.RawMessage{}
	for _, detail := range s.Proto().GetDetails() {
		text, err := protojson.Marshal(detail)
		if err != nil {
			continue // a type that this binary does not know helps no client either
		}
		var tight bytes.Buffer
		if json.Compact(&tight, text) == nil {
			b.Error.Details = append(b.Error.Details, tight.Bytes())
		}
	}
	for _, detail := range s.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			seconds := max(1, int(retry.GetRetryDelay().AsDuration().Seconds()))
			w.Header().Set("Retry-After", strconv.Itoa(seconds))
		}
	}
	if s.Code() == codes.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	text, err := json.Marshal(b)
	if err != nil {
		text = []byte(`{"error":{"code":500,"message":"internal error","status":"INTERNAL","details":[]}}`)
		httpCode = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpCode)
	_, _ = w.Write(text) // the client is gone if this fails
}

func reasonOf(s *status.Status) string {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}
