//go:build linux

package pipeline

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"openarena/internal/testkit/process"
	"openarena/store"
)

// viewer is a process that shows an arena.
type viewer struct {
	b    *testing.B
	url  string
	cmd  *exec.Cmd
	most int64 // bytes of RssAnon that were seen
}

// serve starts the built program until the benchmark ends.
func (w *world) serve(b *testing.B) *viewer {
	b.Helper()
	cmd := exec.Command(w.binary(), "serve", "--address", "127.0.0.1:0")
	cmd.Dir = w.dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return &viewer{b: b, url: strings.TrimSpace(url), cmd: cmd}
}

// page fetches a page and says how long that took.
func (s *viewer) page(path string) (text string, took time.Duration) {
	s.b.Helper()
	start := time.Now()
	reply, err := http.Get(s.url + path)
	if err != nil {
		s.b.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if took = time.Since(start); err != nil || reply.StatusCode != http.StatusOK {
		s.b.Fatalf("%s is %d, %v\n%s", path, reply.StatusCode, err, body)
	}
	s.look()
	return string(body), took
}

func (s *viewer) look() {
	if held, err := process.Look(s.cmd.Process.Pid); err == nil {
		s.most = max(s.most, held.Anonymous)
	}
}

// search streams until there is a hit, or to the end where there is none; it returns when that was.
func (s *viewer) search(ctx context.Context, query string, line string) time.Duration {
	s.b.Helper()
	start := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/battles/search?"+query, nil)
	if err != nil {
		s.b.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		s.b.Fatal(err)
	}
	defer reply.Body.Close()
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), line) {
			return time.Since(start)
		}
	}
	s.b.Fatalf("search?%s ended without %s", query, line)
	return 0
}

// cpu is the CPU time of the process so far.
func (s *viewer) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields, ticks := strings.Fields(rest), 0
	for _, f := range fields[11:13] {
		n, _ := strconv.Atoi(f)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// idle is how long it takes until the process does nothing.
func (s *viewer) idle() time.Duration {
	start := time.Now()
	for before := s.cpu(); ; {
		at := time.Since(start)
		time.Sleep(100 * time.Millisecond)
		now := s.cpu()
		if now == before {
			return at
		}
		before = now
	}
}

// lists are filters of which no two that follow each other within a few are the same, so that nothing is kept of them.
var lists = []string{
	"", "?model=B", "?model=B&vs=C&outcome=won", "?order=margin", "?verdict=worse&model=D", "?outcome=lost&order=disagreement", "?model=A&verdict=better&order=margin", "?vs=B&flip=1",
}

var lastPage = regexp.MustCompile(`href="([^"]*)">Last<`)

// BenchmarkServe shows a million judgments, as built, to one reader: what pages take that were shown before ("first-ms"), lists
// of battles with several filters, and deep in them ("list-ms"), how soon a search has its first hit ("hit-ms", the only one among
// prompts "needle-ms"), and how soon it is over when nobody reads ("cancel-ms"); the most memory that is no mapped file
// ("anon-MB"), and that of the columns ("B/judgment").
func BenchmarkServe(b *testing.B) {
	prompts, err := strconv.Atoi(cmp.Or(os.Getenv("OPENARENA_BENCH_SERVE"), "83334"))
	if err != nil {
		b.Fatal(err)
	}
	w := finished(b, spanArena, prompts, someProse)
	columns := w.columnBytes(b)
	s := w.serve(b)
	s.page("/battles")
	s.page("/")
	var first, list, hit, needle, over durations
	for b.Loop() {
		for range 5 {
			_, took := s.page("/")
			first = append(first, took)
		}
		for _, l := range lists {
			text, took := s.page("/battles" + l)
			list = append(list, took)
			if deep := lastPage.FindStringSubmatch(text); deep != nil {
				_, took := s.page(html.UnescapeString(deep[1]))
				list = append(list, took)
			}
		}
		hit = append(hit, s.search(b.Context(), "q=example", `{"hit"`))
		needle = append(needle, s.search(b.Context(), fmt.Sprintf("q=Question+%d:&in=prompts", prompts-7), `{"hit"`))
		ctx, cancel := context.WithCancel(b.Context())
		s.search(ctx, "q=nowhere-to-be-found&in=answers", `{"state"`)
		cancel()
		over = append(over, s.idle())
		s.look()
	}
	for unit, of := range map[string]durations{"first-ms": first, "list-ms": list, "hit-ms": hit, "needle-ms": needle, "cancel-ms": over} {
		b.ReportMetric(of.median().Seconds()*1000, unit)
	}
	b.ReportMetric(float64(s.most)/1e6, "anon-MB")
	b.ReportMetric(columns, "B/judgment")
}

// columnBytes is what a judgment takes in columns.
func (w *world) columnBytes(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "arena.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.OpenReader(b.Context(), filepath.Join(w.dir, "arena.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c := tabulate(b, w.arena(string(text)), db)
	return float64(c.Bytes()) / float64(c.Judgments())
}
