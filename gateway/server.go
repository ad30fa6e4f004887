package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const stopTimeout = 20 * time.Second

// Serve answers on lis until ctx ends, and then lets running requests finish.
// The limits are those of security.md §5.1.
func Serve(ctx context.Context, lis net.Listener, handler http.Handler, cfg Config, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS13},
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState:         (&perAddress{limit: cfg.ConnectionsPerAddress, open: map[string]int{}}).observe,
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	var err error
	if cfg.TLS.Cert != "" {
		err = server.ServeTLS(lis, cfg.TLS.Cert, cfg.TLS.Key)
	} else {
		err = server.Serve(lis)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	return err
}

// perAddress closes what exceeds the limit of connections from one address.
type perAddress struct {
	limit int
	mu    sync.Mutex
	open  map[string]int
}

func (p *perAddress) observe(c net.Conn, s http.ConnState) {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch s {
	case http.StateNew:
		if p.open[host]++; p.open[host] > p.limit {
			_ = c.Close() // the server learns of it by its next read
		}
	case http.StateClosed, http.StateHijacked:
		if p.open[host]--; p.open[host] <= 0 {
			delete(p.open, host)
		}
	}
}
