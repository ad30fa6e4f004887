package grpcserver

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/principal"
	"github.com/xunshi/xunshi/services/kit/tlsconf"
)

// authenticate settles who calls: the person of the token, or the service of the
// certificate. Nothing in a request field or another header is identity.
func (s *Server) authenticate(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	conn, ok := connection(ctx)
	if !ok {
		return nil, nobody(errors.New("the peer has no verified certificate"))
	}
	if isHealth(info.FullMethod) {
		return handler(ctx, req)
	}
	p, err := s.caller(ctx, conn)
	if err != nil {
		return nil, err
	}
	note(ctx, p)
	return handler(principal.With(ctx, p), req)
}

// caller tells who stands behind the certificate of the connection.
func (s *Server) caller(ctx context.Context, conn tls.ConnectionState) (principal.Principal, error) {
	service, isService := tlsconf.PeerName(conn, s.cfg.Callers.Services)
	if _, isEdge := tlsconf.PeerName(conn, s.cfg.Callers.People); !isService && !isEdge {
		return principal.Principal{}, nobody(errors.New("the certificate is not on the list"))
	}
	if values := metadata.ValueFromIncomingContext(ctx, "authorization"); len(values) > 0 {
		return s.person(ctx, values)
	}
	if !isService {
		return principal.Principal{}, nobody(errors.New("no token"))
	}
	return principal.Principal{Subject: service, Party: principal.Service}, nil
}

// person verifies a token. A credential that is there but wrong is never passed
// over in favour of the certificate.
func (s *Server) person(ctx context.Context, authorization []string) (principal.Principal, error) {
	token, ok := bearer(authorization)
	if !ok {
		return principal.Principal{}, nobody(errors.New("the authorization header is malformed"))
	}
	p, err := s.deps.Verifier.Verify(ctx, token)
	if err != nil {
		return principal.Principal{}, err
	}
	if p.Subject == "" || p.Party == principal.Service || !p.Party.Known() {
		return principal.Principal{}, nobody(errors.New("the token names no person of a known party"))
	}
	return p, nil
}

func bearer(authorization []string) (string, bool) {
	if len(authorization) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(authorization[0], " ")
	return token, ok && strings.EqualFold(scheme, "bearer") && token != ""
}

// connection gives the TLS of the connection if the peer's certificate was
// verified.
func connection(ctx context.Context) (tls.ConnectionState, bool) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return tls.ConnectionState{}, false
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	return info.State, ok && len(info.State.VerifiedChains) > 0
}

// nobody refuses alike whatever is wrong with the credentials.
func nobody(cause error) error {
	return fault.New(fault.Unauthenticated, fault.ReasonCredentialsInvalid).Wrap(cause)
}
