// Package telemetry makes what an operator watches a service by: a JSON logger
// that redacts, an OpenTelemetry tracer provider, a Prometheus registry, and
// the admin HTTP server with /metrics, /livez and /readyz.
//
// It must not decide what is worth logging, know any service, or put names,
// ids or content of the inspected side into a metric label. It sets no global
// of slog, OpenTelemetry or Prometheus: everything is handed on explicitly.
package telemetry
