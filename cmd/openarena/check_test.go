package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"openarena/store"
)

// exits CODE COMMAND ARGS... runs a command that must end with that code, and never with a Go trace.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGS...]")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d; want %s", code, args[0])
	}
	if text := ts.ReadFile("stderr"); strings.Contains(text, "goroutine ") {
		ts.Fatalf("a Go trace is no message for people")
	}
}

// exited CODE demands the code of the openarena that ended last: of one in the background, after `wait`.
func exited(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: exited CODE")
	}
	if got := ts.ReadFile(ts.Getenv("EXIT_NOTE")); got != args[0] {
		ts.Fatalf("exit code %s; want %s", got, args[0])
	}
}

// field PATH VALUE demands a value of the JSON in stdout: `field judge.done 24`, `field models.0.model Alpha`. Without VALUE
// the field must be there; with `!` it must not.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: field PATH [VALUE]")
	}
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	d.UseNumber()
	var v any
	ts.Check(d.Decode(&v))
	v, ok := walk(v, strings.Split(args[0], "."))
	if ok == neg {
		ts.Fatalf("field %s: is there: %v", args[0], ok)
	}
	if len(args) == 1 || neg {
		return
	}
	got := fmt.Sprint(v)
	if v == nil {
		got = "null"
	}
	if got != args[1] {
		ts.Fatalf("%s = %s; want %s", args[0], got, args[1])
	}
}

func walk(v any, path []string) (any, bool) {
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[step]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// lines FILE N [M] counts the lines of a file, or of stdout or stderr.
func lineCount(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: lines FILE N [M]")
	}
	n := int64(strings.Count(ts.ReadFile(args[0]), "\n"))
	if low, high := bounds(ts, args[1:]); n < low || n > high {
		ts.Fatalf("%s has %d lines; want %d to %d", args[0], n, low, high)
	}
}

// cut FILE SIZE cuts a file after SIZE bytes.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE SIZE")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// forget FILE takes the judges' replies out of a database, as a repair does that cannot save them and dies at once.
func forget(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: forget FILE")
	}
	ctx := context.Background()
	db, err := store.Open(ctx, ts.MkAbs(args[0]), store.Options{})
	ts.Check(err)
	var b store.Batch
	for rec, err := range db.Scan(ctx, store.Judgments, store.Range{}, store.KeyOnly) {
		ts.Check(err)
		b.Delete(store.Judgments, bytes.Clone(rec.Key))
	}
	_, err = db.Apply(ctx, &b)
	ts.Check(errors.Join(err, db.Close()))
}

// unchanged FILE COMMAND ARGS... demands that a command leaves a file as it is, its time included, and succeeds.
func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: unchanged FILE COMMAND [ARGS...]")
	}
	look := func() (string, time.Time) {
		info, err := os.Stat(ts.MkAbs(args[0]))
		ts.Check(err)
		return ts.ReadFile(args[0]), info.ModTime()
	}
	text, changed := look()
	ts.Check(ts.Exec(args[1], args[2:]...))
	if after, at := look(); after != text || !at.Equal(changed) {
		ts.Fatalf("%s was changed by %q", args[0], args[1:])
	}
}

// kept demands that the canary key is in no file below the working folder but those given, and neither in what the last
// command printed.
func kept(ts *testscript.TestScript, neg bool, args []string) {
	secret := []byte(ts.Getenv("CANARY"))
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), string(secret)) {
			ts.Fatalf("%s shows the key", name)
		}
	}
	except := map[string]bool{}
	for _, a := range args {
		except[ts.MkAbs(a)] = true
	}
	seen := 0
	err := filepath.WalkDir(ts.MkAbs("."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || except[path] {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, secret) {
			ts.Fatalf("%s holds the key", path)
		}
		seen++
		return err
	})
	ts.Check(err)
	if seen == 0 {
		ts.Fatalf("there is no file to look at")
	}
}
