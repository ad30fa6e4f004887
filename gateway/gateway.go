package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/xunshi/xunshi/gateway/shared"
	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	rectificationv1 "github.com/xunshi/xunshi/gen/go/xunshi/rectification/v1"
	schedulingv1 "github.com/xunshi/xunshi/gen/go/xunshi/scheduling/v1"
	"github.com/xunshi/xunshi/services/kit/clock"
	"github.com/xunshi/xunshi/services/kit/faultstatus"
	"github.com/xunshi/xunshi/services/kit/receipt"
)

// Domain names the edge in the errors that it answers by itself.
const Domain = "gateway.xunshi"

// Backends are the connections to the three services.
type Backends struct {
	Scheduling, Casefile, Rectification *grpc.ClientConn
}

// Handler serves the REST API, its OpenAPI document at /openapi.json and the
// explorer at /docs/. Every request leaves a line in log and a measurement in
// registry.
func Handler(ctx context.Context, b Backends, log *slog.Logger, registry prometheus.Registerer, opts ...Option) (http.Handler, error) {
	catalogue, err := faultstatus.NewCatalogue(Domain)
	if err != nil {
		return nil, err
	}
	routes, err := publicRoutes()
	if err != nil {
		return nil, err
	}
	durations, err := newDurations(registry)
	if err != nil {
		return nil, err
	}
	e := &edge{catalogue: catalogue, routes: routes, files: filesOf(routes), log: log, durations: durations, machine: clock.System(), maxUpload: defaultUpload}
	for _, opt := range opts {
		opt(e)
	}
	mux := runtime.NewServeMux(e.options()...)
	if err := register(ctx, mux, b); err != nil {
		return nil, err
	}
	if err := e.registerFiles(ctx, mux, b.Rectification); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	root := http.NewServeMux()
	root.Handle("/v1/", mux)
	addExplorer(root)
	root.HandleFunc("/v1", e.unknownRoute) // else the mux would redirect to /v1/
	root.HandleFunc("/", e.unknownRoute)
	return e.observe(e.guard(root)), nil
}

// Option sets what has a default.
type Option func(*edge)

// WithMaxUpload bounds the size of a file, in bytes.
func WithMaxUpload(n int64) Option { return func(e *edge) { e.maxUpload = n } }

type registration func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error

// register connects every public service. EventService is between services
// only; a test holds the list against the protos.
func register(ctx context.Context, mux *runtime.ServeMux, b Backends) error {
	for _, backend := range []struct {
		conn     *grpc.ClientConn
		services []registration
	}{
		{b.Scheduling, []registration{
			schedulingv1.RegisterRegistryServiceHandler,
			schedulingv1.RegisterTermServiceHandler,
			schedulingv1.RegisterInspectionGroupServiceHandler,
			schedulingv1.RegisterDecisionServiceHandler,
			schedulingv1.RegisterBatchServiceHandler,
			schedulingv1.RegisterInspectionServiceHandler,
			schedulingv1.RegisterEntryNoticeServiceHandler,
			schedulingv1.RegisterBriefingServiceHandler,
			schedulingv1.RegisterLiaisonBodyServiceHandler,
			schedulingv1.RegisterLiaisonTaskServiceHandler,
			schedulingv1.RegisterMobilisationMeetingServiceHandler,
			schedulingv1.RegisterHolidayNoticeServiceHandler,
			schedulingv1.RegisterCalendarServiceHandler,
			schedulingv1.RegisterRuleSetServiceHandler,
		}},
		{b.Casefile, []registration{
			casefilev1.RegisterCaseFileServiceHandler,
			casefilev1.RegisterPetitionServiceHandler,
			casefilev1.RegisterWorkingPaperServiceHandler,
			casefilev1.RegisterFindingServiceHandler,
			casefilev1.RegisterInspectionReportServiceHandler,
		}},
		{b.Rectification, []registration{
			rectificationv1.RegisterFeedbackServiceHandler,
			rectificationv1.RegisterDeliveryServiceHandler,
			rectificationv1.RegisterRectificationServiceHandler,
			rectificationv1.RegisterRectificationPlanServiceHandler,
			rectificationv1.RegisterRectificationPlanVersionServiceHandler,
			rectificationv1.RegisterRectificationListsServiceHandler,
			rectificationv1.RegisterRectificationReportVersionServiceHandler,
			rectificationv1.RegisterRectificationReviewServiceHandler,
			rectificationv1.RegisterRectificationItemServiceHandler,
			rectificationv1.RegisterRectificationFlagServiceHandler,
			rectificationv1.RegisterImmediateRectificationServiceHandler,
			rectificationv1.RegisterRectificationReportServiceHandler,
			rectificationv1.RegisterCityGuidanceServiceHandler,
			rectificationv1.RegisterCityMeasureServiceHandler,
		}},
	} {
		if backend.conn == nil {
			return errors.New("gateway: a backend has no connection")
		}
		for _, r := range backend.services {
			if err := r(ctx, mux, backend.conn); err != nil {
				return fmt.Errorf("gateway: %w", err)
			}
		}
	}
	if err := shared.Register(ctx, mux, b.Scheduling, b.Casefile, b.Rectification); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

// edge holds what every request needs.
type edge struct {
	catalogue *faultstatus.Catalogue
	routes    []route
	files     []route // of them, those whose body or answer is a file
	log       *slog.Logger
	durations *prometheus.HistogramVec
	machine   clock.Clock // of the machine, never the business clock
	maxUpload int64       // of a file, in bytes
}

// passed are the request headers that reach the services, beside the bearer
// token. Identity never comes from a header; the request id and the trace go
// with the context of the call (kit/grpcclient).
var passed = []string{"Accept-Language", "Idempotency-Key", "If-Match"}

func (e *edge) options() []runtime.ServeMuxOption {
	return []runtime.ServeMuxOption{
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newCodec()),
		runtime.WithIncomingHeaderMatcher(func(key string) (string, bool) {
			return key, slices.Contains(passed, key)
		}),
		runtime.WithOutgoingHeaderMatcher(onlyReceipts),
		runtime.WithOutgoingTrailerMatcher(keepInside),
		runtime.SetQueryParameterParser(strictQuery{}),
		runtime.WithErrorHandler(e.serviceError),
		runtime.WithRoutingErrorHandler(e.routingError),
		runtime.WithForwardResponseOption(setETag),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithUnescapingMode(runtime.UnescapingModeLegacy),
	}
}

// onlyReceipts passes the receipt of a submission on to the client, and nothing else.
func onlyReceipts(key string) (string, bool) {
	if key == receipt.Header {
		return "Xunshi-Receipt", true
	}
	return keepInside(key)
}

// keepInside passes no metadata of a service on to the client: the request id is
// the one that the edge gave, and it has told it already.
func keepInside(string) (string, bool) { return "", false }
