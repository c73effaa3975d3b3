package providers

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// refusal is one file of testdata/refusals: what a server sends and what must be made of it.
type refusal struct {
	status int
	header http.Header
	body   string
	want   Error // Class, Reason, Param and After
}

// readRefusal reads a file: "name: value" lines, a blank line, the body. An unknown name is an error.
func readRefusal(t *testing.T, path string) refusal {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		t.Fatalf("%s: no blank line between head and body", path)
	}
	r := refusal{header: http.Header{}, body: strings.TrimSuffix(body, "\n")}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "server":
		case "status":
			r.status, err = strconv.Atoi(value)
		case "class":
			r.want.Class = classNamed(t, value)
		case "reason":
			r.want.Reason = value
		case "param":
			r.want.Param = value
		case "after":
			r.want.After, err = time.ParseDuration(value)
		case "header":
			field, content, _ := strings.Cut(value, ": ")
			r.header.Set(field, content)
		default:
			t.Fatalf("%s: unknown name %q", path, name)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return r
}

func classNamed(t *testing.T, name string) Class {
	t.Helper()
	for c := Temporary; c <= Unsupported; c++ {
		if c.String() == name {
			return c
		}
	}
	t.Fatalf("no class is called %q", name)
	return 0
}

func TestRefusals(t *testing.T) {
	files, err := filepath.Glob("testdata/refusals/*.txt")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d recorded refusals, %v; want at least 50", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			c := readRefusal(t, path)
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					http.NotFound(w, r)
					return
				}
				for name := range c.header {
					w.Header().Set(name, c.header.Get(name))
				}
				w.WriteHeader(c.status)
				w.Write([]byte(c.body))
			})
			r := ask()
			r.Params = map[string]any{"temperature": 0, "max_tokens": 10, "seed": 1, "stop": "x"}
			r.Format = &Format{Kind: "json_object"}
			e := failure(t, connect(t, Endpoint{URL: url, Name: "gpu", Key: key("sk-CANARY-0123456789")}), r)
			got := Error{Class: e.Class, Reason: e.Reason, Param: e.Param, After: e.After}
			if d := cmp.Diff(c.want, got, cmp.Comparer(func(a, b error) bool { return a == b })); d != "" {
				t.Errorf("%q is sorted wrongly (-want +got):\n%s", e, d)
			}
			if e.Status != c.status || e.Endpoint != "gpu" || !strings.HasPrefix(e.Error(), "gpu: HTTP "+strconv.Itoa(c.status)+": ") {
				t.Errorf("error %q (status %d); want one that begins with endpoint and status %d", e, e.Status, c.status)
			}
		})
	}
}

// A field that the request does not have cannot be left out: the complaint is about something else.
func TestOnlySentFieldsAreUnsupported(t *testing.T) {
	body := `{"error":{"message":"Unsupported parameter: 'temperature' and response_format"}}`
	c := connect(t, Endpoint{URL: serve(t, says(400, body))})
	if e := failure(t, c, ask()); e.Class != Rejected || e.Reason != ReasonInvalid {
		t.Errorf("%v %s; want rejected %s", e.Class, e.Reason, ReasonInvalid)
	}
}
