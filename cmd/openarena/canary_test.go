package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/canary"
	"openarena/internal/testkit/fakellm"
)

// allCommands are all that look at an arena, or at least try to.
var allCommands = [][]string{
	{"validate"}, {"validate", "--json"}, {"doctor", "--no-calls"}, {"doctor", "--no-calls", "--json"}, {"plan"}, {"plan", "--json"}, {"status"}, {"status", "--json"}, {"failures"}, {"failures", "--json"},
	{"rate"}, {"rate", "--json"}, {"rate", "--csv"}, {"rate", "--progression"}, {"show"}, {"show", "--json"}, {"export"},
	{"export", "--format", "csv"}, {"export", "--type", "battles"}, {"export", "--type", "ratings", "-o", "ratings.jsonl"}, {"peek", "prompts.txt"},
	{"db", "check"}, {"db", "stats", "--json"}, {"db", "dump"}, {"failures", "--retry"}, {"redo", "--model", "Well"}, {"db", "prune"}, {"db", "compact"}, {"db", "repair"},
	{"judge", "--report"}, {"judge", "--report", "--json"}, {"votes", "export"}, {"prices"}, {"prices", "--json"}, {"ctl", "pause"},
}

// keeps runs commands and demands that neither their output nor any file below the folder but those allowed holds the
// canary. It returns how many outputs and files were searched.
func (f *folder) keepsKey(commands [][]string, allowed ...string) (searched int) {
	f.t.Helper()
	for _, args := range commands {
		_, stdout, stderr := f.try(args...)
		for name, text := range map[string]string{"stdout": stdout, "stderr": stderr} {
			searched++
			if where := canary.Find([]byte(text)); where != "" {
				f.t.Errorf("%s of openarena %s shows the key, %s", name, strings.Join(args, " "), where)
			}
		}
	}
	found, files, err := canary.FindFiles(f.dir, allowed...)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, where := range found {
		f.t.Errorf("the key is in %s", where)
	}
	return searched + files
}

// parrot is what a careless server says: all that it was sent.
func parrot(r *http.Request) string {
	said := []string{canary.Key, url.QueryEscape(canary.Key), base64.StdEncoding.EncodeToString([]byte("me:" + canary.Key)), r.URL.String()}
	for _, values := range r.Header {
		said = append(said, values...)
	}
	return "you said " + strings.Join(said, " and ")
}

// parrots fail in every way in which a text of a server comes to be told.
func parrots() map[string]trouble {
	all := map[string]trouble{
		"well, but for what stands beside the answer": func(w http.ResponseWriter, r *http.Request, _ int) bool {
			key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			w.Header().Set("X-Request-Id", key)
			body := strings.Replace(completionOf(`{"content":"Four."}`, `"stop"`), `"id":"x"`, `"id":`+jsonString(key)+`,"model":`+jsonString(key), 1)
			return always(200, body)(w, r, 1)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request, _ int) bool {
			return always(307, "", "Location", "https://"+url.PathEscape(canary.Key)+"@elsewhere.test/"+url.PathEscape(canary.Key))(w, r, 1)
		},
		"half an answer": func(w http.ResponseWriter, r *http.Request, _ int) bool {
			return always(200, `{"choices":[{"message":{"content":`+jsonString(parrot(r)))(w, r, 1)
		},
		"no HTTP":         onTheWire(func(c net.Conn) { fmt.Fprintf(c, "%s\r\n\r\n", canary.Key) }),
		"a broken header": onTheWire(func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", canary.Key) }),
		"a broken length": onTheWire(func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", canary.Key) }),
		"a cut body":      onTheWire(func(c net.Conn) { fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n%s", canary.Key) }),
	}
	for _, status := range []int{200, 400, 401, 402, 403, 404, 408, 422, 429, 500, 503} {
		all[fmt.Sprintf("%d", status)] = func(w http.ResponseWriter, r *http.Request, n int) bool {
			status := lasting(status, n)
			said := jsonString(parrot(r))
			if r.Method == http.MethodGet { // the list of models
				return always(200, `{"data":[{"id":`+said+`}]}`)(w, r, n)
			}
			code := `"insufficient_quota"`
			if status != 429 {
				code = said
			}
			return always(status, `{"error":{"message":`+said+`,"code":`+code+`,"param":`+said+`,"type":`+said+`}}`)(w, r, n)
		}
		all[fmt.Sprintf("%d, a page", status)] = func(w http.ResponseWriter, r *http.Request, n int) bool {
			return always(lasting(status, n), parrot(r), "Content-Type", "text/html")(w, r, n)
		}
	}
	return all
}

// lasting turns a 429 into a 400 when it is asked again, or for something that is not counted: what the server says is what
// matters, not how long it is busy.
func lasting(status, n int) int {
	if status == http.StatusTooManyRequests && n != 1 {
		return http.StatusBadRequest
	}
	return status
}

// TestKeysStaySecret sends a key in every way there is to servers that repeat all they hear, in every way a call can end, and
// runs every command.
func TestKeysStaySecret(t *testing.T) {
	t.Parallel()
	carriers := []struct{ why, settings, query string }{
		{"a bearer", `api_key: "${CANARY}"`, ""},
		{"a header of its own", `api_key: "${CANARY}", auth: {header: X-Key}`, ""},
		{"a further header", `headers: {X-Other: "${CANARY}"}`, ""},
		{"an Authorization of one's own", `headers: {Authorization: "Token ${CANARY}"}`, ""},
		{"a default in the file", `api_key: "${UNSET:-` + canary.Key + `}"`, ""},
		{"the file itself", `api_key: "` + canary.Key + `"`, ""},
		{"the address, behind ?", "", "?x=" + url.QueryEscape(canary.Key)},
		{"a path", "", "/" + url.PathEscape(strings.ReplaceAll(canary.Key, "/", "-"))},
		{"a key that is not sent", `api_key: "${CANARY}", auth: none`, ""},
		{"Anthropic's header", `kind: anthropic, api_key: "${CANARY}"`, ""},
		{"Gemini's header", `kind: gemini, api_key: "${CANARY}"`, ""},
		{"Azure's header", `kind: azure, api_key: "${CANARY}"`, ""},
		{"Ollama's protocol", `kind: ollama, api_key: "${CANARY}"`, ""},
		{"a stream", `stream: true, api_key: "${CANARY}"`, ""},
	}
	var patients []patient
	seen := 0
	for name, trouble := range parrots() {
		for i := range 2 {
			c := carriers[(2*seen+i)%len(carriers)]
			patients = append(patients, patient{
				why: name + ", by " + c.why, settings: c.settings, trouble: trouble, address: func(url string) string { return url + c.query },
			})
		}
		seen++
	}
	for _, c := range carriers {
		patients = append(patients,
			patient{why: "nobody listens, by " + c.why, settings: c.settings, url: nobody(t) + c.query},
			patient{why: "no TLS, by " + c.why, settings: c.settings, url: strings.Replace(nobody(t), "http:", "https:", 1) + c.query},
			patient{why: "a refusal, by " + c.why, settings: c.settings, trouble: parrots()["401"], address: func(url string) string { return url + c.query }},
		)
	}
	w := admit(t, 1, patients...)
	w.env["CANARY"] = canary.Key
	// The file holds the key in two of its forms, as its owner wrote it.
	searched := w.keepsKey(append([][]string{{"doctor"}, {"doctor", "--json"}, {"run", "--log", "run.log"}}, allCommands...), "arena.yaml")
	if t.Failed() {
		return
	}
	t.Attr("figure", fmt.Sprintf("ways to fail and to carry a key: %d, outputs and files searched: %d, hits: 0", len(patients), searched))
}

// TestKeysInBadFiles: a mistake beside a key does not show it, whatever is wrong.
func TestKeysInBadFiles(t *testing.T) {
	t.Parallel()
	searched, key := 0, canary.Key
	files := []string{
		"default_endpoint: {url: http://h/v1, api_kye: \"" + key + "\"}",
		"default_endpoint: {url: \"http://h/v1?api_key=" + key + "\"}",
		"default_endpoint: {url: \"https://me:" + url.QueryEscape(key) + "@h/v1\"}",
		"default_endpoint: {url: \"${CANARY}\"}",
		"default_endpoint: {url: http://h/v1, api_key: \"" + key + "\"\nmodels: [",
		"default_endpoint: {url: http://h/v1, api_key: [\"" + key + "\"]}",
		"default_endpoint: {url: http://h/v1, api_key: \"${CANARY} \"}",
		"default_endpoint: {url: http://8.8.8.8/v1, api_key: \"${CANARY}\"}",
		"default_endpoint: {url: http://h/v1, headers: {\"X Y\": \"${CANARY}\"}}",
		"default_endpoint: {url: http://h/v1, headers: {X-Key: \"" + key + "\\nX-Evil: 1\"}}",
		"default_endpoint: {url: http://h/v1, auth: {header: \"${CANARY}\"}, api_key: x}",
		"default_endpoint: {url: http://h/v1, kind: \"${CANARY}\"}",
		"default_endpoint: {url: http://h/v1, timeout: \"${CANARY}\"}",
		"default_endpoint: {url: http://h/v1, concurrency: \"${CANARY}\"}",
		"default_endpoint:\n  url: http://h/v1\n  api_key: |\n    " + key + "\n   x: y",
		"default_endpoint: {url: http://h/v1, api_key: &k \"" + key + "\"}\nstore: {path: *k, x: *k}",
		"endpoints: {\"a\": {url: http://h/v1, api_key: \"" + key + "\"}, \"a\": {url: http://h/v1}}",
		"judges: [{name: J, model_id: j, endpoint: {url: http://h/v1, api_key: \"" + key + "\", stream: yes}}]",
		"models: [{name: \"${CANARY}\", model_id: a}, {name: \"${CANARY}\", model_id: b}]",
		"models: [{name: A, model_id: a, endpoint: \"${CANARY}\"}]",
		"models: [{name: A, model_id: a, params: {api_key: \"" + key + "\", x: .inf}}]",
		"datasets: [{path: \"${CANARY}\"}, {path: \"${CANARY}\"}]",
		"export: [{type: \"${CANARY}\"}]",
		"\tapi_key: \"" + key + "\"",
	}
	for i, text := range files {
		f := bareFolder(t)
		f.env["CANARY"] = key
		f.write("prompts.txt", "one\n")
		f.write("arena.yaml", text+"\n")
		searched += f.keepsKey([][]string{{"validate"}}, "arena.yaml")
		f.write("arena.yaml", text+"\nmodels: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: prompts.txt}]\n")
		if code, _, _ := f.try("validate"); code != exitUsage {
			t.Errorf("file %d is valid:\n%s", i, text)
		}
		searched += f.keepsKey([][]string{{"validate", "--json"}, {"plan"}}, "arena.yaml")
	}
	if t.Failed() {
		return
	}
	t.Attr("figure", fmt.Sprintf("bad files: %d, outputs searched: %d, hits: 0", len(files), searched))
}

// TestKeysElsewhere: a key of a proxy, in the environment that init looks through, and in what a crash prints.
func TestKeysElsewhere(t *testing.T) {
	t.Parallel()
	t.Run("a proxy with a password", func(t *testing.T) {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, parrot(r), http.StatusProxyAuthRequired)
		}))
		t.Cleanup(proxy.Close)
		f := bareFolder(t)
		for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
			f.env[name] = strings.Replace(proxy.URL, "http://", "http://me:"+url.QueryEscape(canary.Key)+"@", 1)
		}
		f.env["NO_PROXY"], f.env["no_proxy"] = "", ""
		f.write("arena.yaml", strings.Replace(fmt.Sprintf(wardArena, "\n  tls: {url: \"https://models.internal/v1\"}", "\n  - {name: B, model_id: b, endpoint: tls}"),
			"${URL}", "http://models.internal/v1", 1))
		f.write("prompts.txt", "one\n")
		f.keepsKey(append([][]string{{"doctor"}, {"run"}}, allCommands...))
	})
	t.Run("init", func(t *testing.T) {
		f := bareFolder(t)
		for _, s := range hosted {
			f.env[s.Env] = canary.Key
		}
		f.env["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com"
		f.env["OLLAMA_HOST"] = "http://me:" + canary.Key + "@localhost:1"
		f.keepsKey([][]string{{"init"}, {"validate"}, {"plan"}, {"plan", "--json"}, {"prices"}})
		f.env["AZURE_OPENAI_ENDPOINT"] = "https://me:" + url.QueryEscape(canary.Key) + "@mine.openai.azure.com/?key=" + url.QueryEscape(canary.Key)
		f.keepsKey([][]string{{"init", "--force"}, {"validate"}, {"doctor", "--no-calls", "-c", "none.yaml"}})
	})
	t.Run("while a run is active, and in what is left when it crashes", func(t *testing.T) {
		w := admit(t, 1, patient{why: "Silent", settings: `api_key: "${CANARY}"`, trouble: isSilent})
		w.env["CANARY"], w.env["GOTRACEBACK"] = canary.Key, "all"
		cmd := exec.CommandContext(t.Context(), "openarena", "run", "--log", "run.log", "--metrics-addr", "127.0.0.1:0")
		said := &watched{changed: make(chan struct{}, 1)}
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = w.dir, w.environ(), said, said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.patients[0].server.await(t, 1)
		w.keepsKey([][]string{{"status"}, {"status", "--json"}, {"db", "dump"}, {"ctl", "pause"}, {"ctl", "resume"}, {"ctl", "set", "bad0", "concurrency=1"}})
		if where := canary.Find(scrape(t, said)); where != "" {
			t.Errorf("the metrics show the key, %s", where)
		}
		if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it crashes, on purpose
		if !strings.Contains(said.String(), "goroutine ") {
			t.Errorf("the crash leaves no trace to search:\n%s", said)
		}
		if where := canary.Find([]byte(said.String())); where != "" {
			t.Errorf("the trace shows the key, %s", where)
		}
		w.keepsKey(allCommands)
	})
}

// watched is what a process has printed so far.
type watched struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // a token where there is more
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.changed <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

var metricsAt = regexp.MustCompile(`metrics: (http://\S+)\n`)

// scrape reads the metrics of a run, once it has said where they are.
func scrape(t *testing.T, said *watched) []byte {
	t.Helper()
	deadline := time.After(patience)
	for {
		if at := metricsAt.FindStringSubmatch(said.String()); at != nil {
			resp, err := http.Get(at[1])
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil || !bytes.Contains(text, []byte("openarena_")) {
				t.Fatalf("no metrics at %s: %v\n%s", at[1], err, text)
			}
			return text
		}
		select {
		case <-said.changed:
		case <-deadline:
			t.Fatalf("the run says nowhere where its metrics are:\n%s", said)
		}
	}
}

// TestKeysAreFound is the control: a key that is a prompt is found wherever prompts are.
func TestKeysAreFound(t *testing.T) {
	t.Parallel()
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.write("arena.yaml", fmt.Sprintf(wardArena, " {}", "\n  - {name: B, model_id: b}"))
	f.write("prompts.txt", "Is this my key: "+canary.Key+"\n")
	f.openarena("run")
	for _, args := range [][]string{{"show"}, {"show", "--json"}, {"export"}, {"db", "dump"}, {"peek", "prompts.txt"}} {
		if canary.Find([]byte(f.openarena(args...))) == "" {
			t.Errorf("the prompt is not found in what openarena %s prints", strings.Join(args, " "))
		}
	}
	found, _, err := canary.FindFiles(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prompts.txt", "arena.db", "ranked.jsonl"} {
		if !strings.Contains(strings.Join(found, "\n"), filepath.Join(f.dir, name)) {
			t.Errorf("the prompt is not found in %s; found %q", name, found)
		}
	}
	t.Attr("figure", "a key that was planted is found in 5 outputs and 3 files")
}
