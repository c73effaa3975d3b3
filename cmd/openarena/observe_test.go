package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"openarena/internal/testkit/canary"
	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/tty"
)

// TestKeysInTelemetry: what a server that repeats a key says, in each way a call can end, is in no metric, no line of the log and
// no answer of ctl, while the run is still active and after it.
func TestKeysInTelemetry(t *testing.T) {
	t.Parallel()
	var patients []patient
	for why, trouble := range parrots() {
		patients = append(patients, patient{why: why, settings: `api_key: "${CANARY}", headers: {X-Other: "${CANARY}"}`, trouble: trouble})
	}
	patients = append(patients, patient{why: "Silent", settings: `api_key: "${CANARY}"`, trouble: isSilent})
	w := admit(t, 1, patients...)
	w.env["CANARY"] = canary.Key
	cmd := exec.CommandContext(t.Context(), "openarena", "run", "--log", "run.log", "--metrics-addr", "127.0.0.1:0")
	cmd.Dir, cmd.Env = w.dir, w.environ()
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, url := bufio.NewReader(said), ""
	for url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("no address of metrics is told: %v", err)
		}
		if at, ok := strings.CutPrefix(line, "metrics: "); ok {
			url = strings.TrimSpace(at)
		}
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(lines) // as far as it goes
		rest <- string(text)
	}()
	metrics := scrapeAll(t, url, w.patients)
	w.keepsKey([][]string{
		{"ctl", "pause"}, {"ctl", "set", "--json", "bad0", "concurrency=2"}, {"ctl", "pause", canary.Key[:8]}, {"ctl", "retry"}, {"ctl", "resume", "bad1"},
		{"status"}, {"status", "--json"}, {"ctl", "stop"},
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	text := <-rest
	_ = cmd.Wait() // interrupted
	for what, text := range map[string]string{"metrics": metrics, "stderr": text} {
		if where := canary.Find([]byte(text)); where != "" {
			t.Errorf("%s show the key, %s", what, where)
		}
	}
	searched := w.keepsKey([][]string{{"status"}})
	log := w.read("run.log")
	if n := strings.Count(log, `"msg":"call"`); n < len(w.patients) {
		t.Errorf("the log has %d calls; want one of each of %d models at least", n, len(w.patients))
	}
	t.Attr("figure", fmt.Sprintf("ways for a call to end: %d, files and outputs searched beside log and metrics: %d, hits: 0", len(w.patients), searched))
}

// scrapeAll asks for metrics until each patient but the silent one had a call, and returns the last ones.
func scrapeAll(t *testing.T, url string, patients []*patient) (text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if text = string(body); err != nil {
			t.Fatal(err)
		}
		missing := ""
		for _, p := range patients {
			if p.why != "Silent" && !strings.Contains(text, fmt.Sprintf("model=%q", p.why)) {
				missing = p.why
			}
		}
		if missing == "" {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatalf("no call of %q is counted:\n%s", missing, text)
		}
	}
}

// TestWatchOnATerminal: status --watch redraws in place, sends nothing else that a terminal obeys, and ends with the run.
func TestWatchOnATerminal(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	f := newFolder(t, fakellm.Options{AnswerBytes: 120, Latency: fakellm.Latency{Mean: time.Hour}, OnArrive: func(n int64) {
		if n == 1 {
			close(arrived)
		}
	}})
	f.write("arena.yaml", fmt.Sprintf(wardArena, " {}", "\n  - {name: \"B\\e[2J\\u202e\", model_id: b}"))
	f.write("prompts.txt", "one\ntwo\n")
	run := exec.CommandContext(t.Context(), "openarena", "run", "--quiet")
	run.Dir, run.Env = f.dir, f.environ()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	f.openarena("ctl", "pause")
	watch := exec.CommandContext(t.Context(), "openarena", "status", "--watch")
	watch.Dir, watch.Env = f.dir, append(f.environ(), "TERM=xterm-256color", "NO_COLOR=", "CI=")
	end := func() {
		_ = run.Process.Kill() // only what is shown counts here
		_ = run.Wait()
	}
	killed := false
	printed, err := tty.Follow(watch, 44, 12, func(text []byte) {
		if !killed && strings.Contains(string(text), "paused by") {
			killed = true
			end()
		}
	})
	if !killed {
		end()
	}
	if err != nil {
		t.Skip(err)
	}
	if code := watch.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("exit code %d; want 0", code)
	}
	if found := tty.Foreign(printed, tty.Styles|tty.Moves); len(found) > 0 {
		t.Errorf("the terminal is sent %q", found)
	}
	text := string(printed)
	if !strings.Contains(text, "paused by `openarena ctl`") || strings.Count(text, "\x1b[?25l") != 1 || !strings.HasSuffix(text, "\x1b[?25h") {
		t.Errorf("it shows %q; want the pause, and the cursor hidden once and shown at the end", text)
	}
	if !strings.Contains(text, "no run is active") {
		t.Errorf("the end of the run is not shown: %q", text)
	}
}
