package telemetry

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Server answers GET /metrics.
type Server struct {
	URL  string
	http *http.Server
}

// Serve listens at HOST:PORT: on this machine alone where HOST is empty, at any free port where PORT is 0.
func (m *Metrics) Serve(address string) (*Server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no HOST:PORT; give 127.0.0.1:9464, :9464 for the same, or a port of 0 for any that is free", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		var of *net.OpError
		if errors.As(err, &of) {
			err = of.Err
		}
		return nil, fmt.Errorf("%s cannot be listened at: %w; give another port, or 0 for any that is free", net.JoinHostPort(host, port), err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, ErrorHandling: promhttp.ContinueOnError}))
	s := &Server{
		URL:  "http://" + l.Addr().String() + "/metrics",
		http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10},
	}
	go s.http.Serve(l)
	return s, nil
}

// Close ends it at once.
func (s *Server) Close() error { return s.http.Close() }
