package browser

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// strays is a proxy that lets nothing through and notes what was asked for: it sees what a page cannot tell of, such as a
// look ahead at an address.
type strays struct {
	listener net.Listener
	server   *http.Server
	mu       sync.Mutex
	asked    []string
}

func newStrays() (*strays, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &strays{listener: l}
	s.server = &http.Server{Handler: http.HandlerFunc(s.refuse)}
	go s.server.Serve(l) //nolint:errcheck // it ends with close
	return s, nil
}

func (s *strays) address() string { return "http://" + s.listener.Addr().String() }

func (s *strays) close() { s.server.Close() }

func (s *strays) refuse(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Host)
	s.mu.Unlock()
	http.Error(w, "nothing but this machine is to be asked", http.StatusForbidden)
}

// makers are hosts that the browser itself asks, whatever the page: of updates and accounts.
var makers = []string{".google.com", ".googleapis.com", ".gvt1.com"}

func (s *strays) hosts() (found []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, host := range s.asked {
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = host
		}
		if !slices.ContainsFunc(makers, func(m string) bool { return strings.HasSuffix(name, m) }) {
			found = append(found, host)
		}
	}
	return found
}
