package providers

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	gojson "github.com/goccy/go-json"
)

// Only newHTTPClient may build a client: any other would follow redirects with the key, or open a connection per call.
func TestOneConstructorOfClients(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	forbidden := []string{"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head"}
	found := 0
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if star, ok := n.(*ast.StarExpr); ok && isHTTP(star.X, "Client") {
				return false // the type of a field or a result, not a client
			}
			for _, word := range forbidden {
				if expr, ok := n.(ast.Expr); ok && isHTTP(expr, word) {
					found++
					if name != "transport.go" {
						t.Errorf("%s uses http.%s; take a client from newHTTPClient", files.Position(n.Pos()), word)
					}
				}
			}
			return true
		})
	}
	if found != 2 {
		t.Errorf("found %d uses of net/http's client; want the one http.Client and its http.Transport", found)
	}
}

func isHTTP(e ast.Expr, name string) bool {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != name {
		return false
	}
	pkg, ok := selector.X.(*ast.Ident)
	return ok && pkg.Name == "http"
}

func TestConnectionsAreLimitedByNothingElse(t *testing.T) {
	tr := newHTTPClient(512, nil).Transport.(*http.Transport)
	if tr.MaxIdleConnsPerHost != 512 || tr.MaxIdleConns != 0 || tr.MaxConnsPerHost != 0 || tr.Proxy == nil {
		t.Errorf("transport keeps %d connections a host, %d in all, at most %d; want 512, no limit, no limit, and a proxy from the environment",
			tr.MaxIdleConnsPerHost, tr.MaxIdleConns, tr.MaxConnsPerHost)
	}
}

// BenchmarkCall compares a call with the same exchange by hand: net/http on the same transport, goccy, nothing else.
func BenchmarkCall(b *testing.B) {
	body := []byte(completionOf(proseOf(2000)))
	url := serve(b, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
	question := &Request{Model: "m", Messages: []Message{{"user", proseOf(1500)}}, Params: map[string]any{"temperature": 0.7, "max_tokens": 512}}
	b.Run("ours", func(b *testing.B) {
		c := connect(b, Endpoint{URL: url})
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.Chat(b.Context(), question); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("by hand", func(b *testing.B) {
		c := newHTTPClient(64, nil)
		payload, err := encode(question, false)
		if err != nil {
			b.Fatal(err)
		}
		payload = slices.Clip(payload)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				resp, err := c.Post(url, "application/json", bytes.NewReader(payload))
				if err != nil {
					b.Error(err)
					return
				}
				read, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				var h handStruct
				if err != nil || gojson.Unmarshal(read, &h) != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
