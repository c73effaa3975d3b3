package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say how a server is started.
type Options struct {
	TCP      bool     // listens on a free loopback port and asks for the Password there
	Settings []string // of postgresql.conf, as name=value
}

// Server is a PostgreSQL. Its methods must not be called at the same time.
type Server struct {
	url      *url.URL
	dir      string // of the data and the socket; "": the server is not ours
	postgres string // the program
	settings []string
	process  *exec.Cmd
	watchdog io.Closer // a pipe: when it closes, the server is stopped and its folder removed
	ended    *exec.Cmd // the watchdog itself
}

// New makes a database cluster in a folder of its own and starts a server on it. It is stopped by Close, or when this process
// ends, killed or not.
func New(o Options) (*Server, error) {
	initdb, err := find("initdb")
	if err != nil {
		return nil, err
	}
	postgres, err := find("postgres")
	if err != nil {
		return nil, err
	}
	s := &Server{postgres: postgres}
	// Sockets have short names, and the user that a server runs as must be able to enter.
	if s.dir, err = os.MkdirTemp("/tmp", "openarena-pg-"); err != nil {
		return nil, err
	}
	if err := s.create(initdb, o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.guard(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.StartAgain(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Installed reports whether this machine has a server that tests can start.
func Installed() bool {
	_, err := find("initdb")
	return err == nil
}

// find looks for a program of a server: in PATH, then where Debian has it, the newest first.
func find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program) // the pattern is a good one
	if len(found) == 0 {
		return "", ErrNoServer
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Log is the path of the server's log.
func (s *Server) Log() string { return filepath.Join(s.dir, "log") }

func (s *Server) create(initdb string, o Options) error {
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(Password), 0o600); err != nil {
		return err
	}
	if err := s.giveAway(s.dir, password); err != nil {
		return err
	}
	s.url = &url.URL{Scheme: "postgres", User: url.User(User), Path: "/postgres", RawQuery: url.Values{"host": {s.dir}}.Encode()}
	s.settings = append([]string{"listen_addresses=", "unix_socket_directories=" + s.dir, "max_connections=300"}, o.Settings...)
	authentication := "trust"
	if o.TCP {
		port, err := freePort()
		if err != nil {
			return err
		}
		authentication = "scram-sha-256"
		s.settings = append(s.settings, "listen_addresses=127.0.0.1", fmt.Sprintf("port=%d", port))
		s.url = &url.URL{Scheme: "postgres", User: url.UserPassword(User, Password), Host: fmt.Sprintf("127.0.0.1:%d", port), Path: "/postgres"}
	}
	c := s.command(initdb, "-D", s.data(), "-U", User, "-E", "UTF8", "--locale=C", "--auth-local=trust", "--auth-host="+authentication,
		"--pwfile="+password, "--no-sync")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", initdb, err, out)
	}
	return nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// patience is how long a server may take to start: one that was killed first reads its log anew.
const patience = 2 * time.Minute

// StartAgain starts a server that was killed or stopped and returns when it answers. The first attempts may fail: processes
// of the one before hold its memory until they have noticed that it is gone.
func (s *Server) StartAgain() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := s.launch()
		if err == nil {
			err = s.answers(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		if err := s.KillNow(); err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond) // there is nothing to wait for but that it may succeed
	}
}

func (s *Server) launch() error {
	log, err := os.OpenFile(s.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", s.data()}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	s.process = s.command(s.postgres, args...)
	s.process.Stdout, s.process.Stderr = log, log // no pipe of ours: it would be kept open by what outlives us
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	return nil
}

// answers waits until the server accepts a connection; an error says that it has ended instead.
func (s *Server) answers(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.url.String())
		if err == nil {
			return conn.Close(ctx)
		}
		if gone := s.gone(); gone || ctx.Err() != nil {
			log, _ := os.ReadFile(s.Log()) // only to tell more
			return fmt.Errorf("the PostgreSQL of the test did not start: %w\n%s", err, log[max(0, len(log)-2000):])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Close stops the server and removes its folder.
func (s *Server) Close() error {
	if s.watchdog == nil {
		return nil
	}
	err := s.watchdog.Close()
	s.watchdog = nil
	if s.process != nil {
		_ = s.process.Wait() // it was told to end, and how is of no interest
	}
	return errors.Join(err, s.ended.Wait())
}
