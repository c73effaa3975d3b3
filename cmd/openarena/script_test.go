package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"openarena/internal/testkit/fakehub"
)

// scriptKey is a key that no output and no file may ever show.
const scriptKey = "sk-canary-5f1e0c7d9b3a4826"

// TestMain lets the test binary be the program itself, so that scripts start, signal and kill real processes.
func TestMain(m *testing.M) {
	if name := filepath.Base(os.Args[0]); name != "openarena" && name != "openarena.exe" { // else this is the program itself
		hearSignals()
	}
	testscript.Main(m, map[string]func(){"openarena": program})
}

// hearSignals undoes what nohup and background jobs do: a signal that was ignored when a process began is ignored by the
// processes it starts too, unless it was listened to meanwhile.
func hearSignals() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// program is main, but for a note of its exit code: testscript tells only whether it is 0.
func program() {
	if name := os.Getenv("FILE_SYSTEM"); name != "" {
		fileSystemOf = func(string) string { return name }
	}
	code := execute(context.Background(), os.Args, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	if note := os.Getenv("EXIT_NOTE"); note != "" {
		if err := os.WriteFile(note, []byte(strconv.Itoa(code)), 0o600); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

// TestScripts runs the scripts of testdata/script, each in a folder of its own with a model server at $URL. Beside the
// commands of testscript they have those of server_test.go, hubserver_test.go and check_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts("testdata/script", func(*testscript.Env) error { return nil }))
}

// scripts are those of a folder, each prepared by what all have and by prepare.
func scripts(dir string, prepare func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			servers := newServers(env)
			env.Values[serversKey{}] = servers
			env.Values[hubKey{}] = new(*fakehub.Hub)
			env.Setenv("EXIT_NOTE", env.WorkDir+"/.exit")
			env.Setenv("CANARY", scriptKey)
			if err := deployable(env.Setenv); err != nil {
				return err
			}
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each command under -race takes a second more
			if err := prepare(env); err != nil {
				return err
			}
			return servers.start("URL", nil, env.Setenv)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":     serve,
			"faults":    faults,
			"latency":   latency,
			"served":    served,
			"reset":     reset,
			"arrived":   arrived,
			"replied":   replied,
			"exits":     exits,
			"exited":    exited,
			"field":     field,
			"lines":     lineCount,
			"cut":       cut,
			"forget":    forget,
			"unchanged": unchanged,
			"kept":      kept,
			"votes":     votes, // in servevote_test.go

			"hub":        startHub, // these are in hubserver_test.go
			"hubset":     hubSet,
			"hubget":     hubGet,
			"hubfault":   hubFault,
			"hubasked":   hubAsked,
			"hubcommits": hubCommits,
		},
	}
}
