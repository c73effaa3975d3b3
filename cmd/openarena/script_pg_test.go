package main

import (
	"net/url"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"openarena/internal/testkit/pgtest"
)

// TestPGScripts runs the scripts of testdata/scriptpg. Each has a schema of its own at $STORE on a server behind a socket, and one
// at $TCP on another that asks for $PASSWORD.
func TestPGScripts(t *testing.T) {
	server, tcp := pgtest.Start(t), pgtest.StartTCP(t)
	testscript.Run(t, scripts("testdata/scriptpg", func(env *testscript.Env) error {
		env.Setenv("STORE", server.URL(t))
		env.Setenv("OTHER", server.URL(t))
		env.Setenv("PASSWORD", pgtest.Password)
		address := tcp.URL(t)
		env.Setenv("TCP", address)
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		env.Setenv("TCPHOST", u.Host)
		return nil
	}))
}
