package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// serving starts `openarena serve` in a folder as a process of its own and returns its address.
func serving(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, url string, told *strings.Builder) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is this test under another name, which is a link, and is ended by a signal")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "openarena")
	if err := os.Symlink(self, program); err != nil {
		t.Skipf("no links here: %v", err)
	}
	cmd = exec.CommandContext(t.Context(), program, append([]string{"serve", "--address", ":0"}, args...)...)
	told = &strings.Builder{}
	cmd.Dir, cmd.Stderr = dir, told
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cmd.Wait()
		t.Fatalf("serve said no address: %v\n%s", err, told)
	}
	return cmd, strings.TrimSpace(url), told
}

// TestServe: the real program serves before the first run, says what to type, keeps its token to itself, and Ctrl-C ends it at
// once although somebody listens to events.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	const token = "canary of a token 5f1e0c7d"
	yaml := "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudges: [{name: J, model_id: j}]\ndatasets: [{path: p.txt}]\n"
	for name, text := range map[string]string{"arena.yaml": yaml, "p.txt": "Why?\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd, url, told := serving(t, dir, "--token", token)
	fetch := func(path string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	first := fetch("/")
	text, err := io.ReadAll(first.Body)
	first.Body.Close()
	if err != nil || first.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(text), "openarena run") {
		t.Errorf("before the first run / is %d, %v\n%s", first.StatusCode, err, text)
	}
	stream := fetch("/events")
	defer stream.Body.Close()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stream.Body); err != nil {
		t.Errorf("the stream ended with %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C serve ends with %v; want exit 0\n%s", err, told)
	}
	if strings.Contains(told.String()+url, token) {
		t.Errorf("the token is told: %s", told)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestListen: where an address cannot be, or should not, the error says what to do.
func TestListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		address string
		token   bool
		want    string // of the error; "": none
	}{
		{":0", false, ""},
		{"localhost:0", false, ""},
		{"0.0.0.0:0", true, ""},
		{"0.0.0.0:0", false, "can be reached from other machines"},
		{"[::]:8765", false, "Give a --token"},
		{"8765", false, "is no HOST:PORT; give 127.0.0.1:8765"},
		{"127.0.0.1:none", false, "127.0.0.1:none"},
		{taken.Addr().String(), false, "--address :0 any that is free"},
	} {
		l, err := listen(c.address, c.token)
		if err == nil {
			if url := siteURL(l.Addr()); strings.Contains(url, "//[::]") || strings.Contains(url, "//0.0.0.0") {
				t.Errorf("%s is told as %s, which no browser opens everywhere", c.address, url)
			}
			if host, _, _ := net.SplitHostPort(l.Addr().String()); !c.token && !net.ParseIP(host).IsLoopback() {
				t.Errorf("%s listens at %s", c.address, l.Addr())
			}
			l.Close()
		}
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("listen(%q, %v) = %v; want %q", c.address, c.token, err, c.want)
		}
	}
}
