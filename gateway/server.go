package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

const stopTimeout = 20 * time.Second

// net/http reads 4 KiB more than MaxHeaderBytes before it refuses.
const (
	maxHeader   = 16 << 10
	headerSlack = 4 << 10
)

// Serve answers on lis until ctx ends, and then lets running requests finish.
func Serve(ctx context.Context, lis net.Listener, handler http.Handler, cfg Config, log *slog.Logger) error {
	server, err := newServer(handler, cfg, log)
	if err != nil {
		return errors.Join(err, lis.Close())
	}
	return serve(ctx, lis, server)
}

// newServer has the limits of security.md §5.1.
func newServer(handler http.Handler, cfg Config, log *slog.Logger) (*http.Server, error) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    maxHeader - headerSlack,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState:         (&perAddress{limit: cfg.ConnectionsPerAddress, open: map[string]int{}}).observe,
		// OPTIONS * takes the way of every other request, and leaves a trail.
		DisableGeneralOptionsHandler: true,
	}
	if cfg.TLS.Cert == "" {
		return server, nil
	}
	var err error
	server.TLSConfig, err = tlsconf.Public(cfg.TLS.Cert, cfg.TLS.Key, func(err error) {
		log.Error("certificate not readable", "error", err)
	})
	return server, err
}

func serve(ctx context.Context, lis net.Listener, server *http.Server) error {
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	var err error
	if server.TLSConfig != nil {
		err = server.ServeTLS(lis, "", "") // the configuration has the certificate
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
