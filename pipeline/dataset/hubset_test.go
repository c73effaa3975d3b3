package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"openarena/configs"
	"openarena/internal/hub"
	"openarena/internal/testkit/fakehub"
)

// from is a Hub as datasets know it.
func from(t *testing.T, h *fakehub.Hub) From {
	t.Helper()
	c, err := hub.New(hub.Options{Endpoint: h.URL, Own: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return From{Hub: c}
}

// prompts of a dataset, or the error that ends the walk.
func promptsOf(t *testing.T, d configs.Dataset, f From) (texts []string, bad []*RowError, err error) {
	t.Helper()
	s, err := Open(t.Context(), d, f)
	if err != nil {
		return nil, nil, err
	}
	for row, err := range s.Rows(t.Context()) {
		var wrong *RowError
		switch {
		case errors.As(err, &wrong):
			bad = append(bad, wrong)
		case err != nil:
			return texts, bad, err
		default:
			texts = append(texts, row.Messages[0].Content)
		}
	}
	return texts, bad, nil
}

// manyRows is a Parquet file of four columns in several row groups, none of which can be compressed much.
func manyRows(t *testing.T, rows int) []byte {
	t.Helper()
	type row struct {
		ID     int64  `parquet:"id"`
		Prompt string `parquet:"prompt,zstd"`
		Answer string `parquet:"answer,zstd"`
		Notes  string `parquet:"notes,zstd"`
	}
	random := rand.NewChaCha8([32]byte{})
	text := func(n int) string {
		b := make([]byte, n)
		random.Read(b)
		return fmt.Sprintf("%x", b)
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.MaxRowsPerRowGroup(int64(rows/4)), parquet.PageBufferSize(32<<10))
	for i := range rows {
		if _, err := w.Write([]row{{int64(i), fmt.Sprint("prompt ", i, " ", text(20)), text(60), text(20)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestParquetInParts counts what the first rows of one column cost, from the name of the dataset on.
func TestParquetInParts(t *testing.T) {
	const rows = 16_000
	data := manyRows(t, rows)
	h := fakehub.New(t, fakehub.LFSAbove(1000))
	h.AddDataset("org/set", map[string][]byte{"data/train-00000-of-00001.parquet": data})
	for _, test := range []struct {
		why             string
		offset, limit   int
		sample          int
		requests, bytes int
	}{
		{"the first rows", 0, 500, 0, 4, 600_000},
		{"rows in the middle", 9000, 500, 0, 4, 600_000},
		{"some at random", 0, -1, 20, 9, len(data) * 2 / 3},
	} {
		t.Run(test.why, func(t *testing.T) {
			h.ForgetRequests()
			got, bad, err := promptsOf(t, configs.Dataset{Name: "org/set", Field: "prompt", Limit: test.limit, Offset: test.offset, Sample: test.sample}, from(t, h))
			if err != nil || len(bad) > 0 || len(got) != max(test.limit, test.sample) {
				t.Fatalf("%d prompts, %d bad, %v; want %d", len(got), len(bad), err, max(test.limit, test.sample))
			}
			if want := fmt.Sprint("prompt ", test.offset, " "); test.sample == 0 && !strings.HasPrefix(got[0], want) {
				t.Errorf("the first is %.20q; want %q", got[0], want)
			}
			all := h.Requests()
			loaded := 0
			for _, r := range all {
				loaded += int(r.Out)
			}
			t.Logf("%d requests, %d bytes of %d", len(all), loaded, len(data))
			if len(all) > test.requests || loaded > test.bytes {
				t.Errorf("%d requests, %d bytes; want at most %d and %d: %v", len(all), loaded, test.requests, test.bytes, all)
			}
		})
	}
}

func TestHubRows(t *testing.T) {
	whole := manyRows(t, 8)
	h := fakehub.New(t, fakehub.LFSAbove(1000))
	h.AddDataset("org/mixed", map[string][]byte{"train.jsonl": []byte("{\"q\": \"a\"}\n{\"q\": 5}\n{\"q\": \"c\"}\n")})
	h.AddDataset("org/short", map[string][]byte{"train.parquet": whole[:len(whole)-100]})
	h.AddDataset("org/torn", map[string][]byte{"train.parquet": append(bytes.Repeat([]byte("x"), 2000), whole[2000:]...)})
	h.AddDataset("org/script", map[string][]byte{"script.py": []byte("import x"), "data.zip": []byte("PK")})
	h.AddDataset("org/made", map[string][]byte{"made.py": []byte("import x")})
	h.AddCommit("org/made", "refs/convert/parquet", map[string][]byte{"a/train/0000.parquet": whole, "a/test/0000.parquet": whole, "b/train/0000.parquet": whole})
	for _, test := range []struct {
		why  string
		d    configs.Dataset
		rows int
		bad  string // the place and the words of the one bad row
		err  string
	}{
		{"a row of the wrong type has its number", configs.Dataset{Name: "org/mixed", Field: "q", Limit: -1}, 2, "train.jsonl:2: field q is a number", ""},
		{"a Parquet file that was cut short", configs.Dataset{Name: "org/short", Field: "prompt", Limit: -1}, 0, "", "train.parquet: not a whole parquet file"},
		{"a Parquet file with a hole", configs.Dataset{Name: "org/torn", Field: "answer", Limit: -1}, 0, "", "train.parquet: "},
		{"a script without a conversion", configs.Dataset{Name: "org/script", Limit: -1}, 0, "", "made by a script, which is not run here, and the Hub has no conversion"},
		{"a script whose conversion has one of the configurations", configs.Dataset{Name: "org/made", Config: "a", Split: "test", Limit: -1}, 8, "", ""},
		{"a script whose conversion has several", configs.Dataset{Name: "org/made", Limit: -1}, 0, "", "choose with config: a, b"},
		{"a conversion that is named", configs.Dataset{Path: "hf://datasets/org/made@refs/convert/parquet/b/*/*.parquet", Limit: -1}, 8, "", ""},
		{"a pattern that finds nothing", configs.Dataset{Path: "hf://datasets/org/mixed/*.csv", Limit: -1}, 0, "", "has no file *.csv"},
		{"a pattern for what is not read here", configs.Dataset{Path: "hf://datasets/org/script/*.zip", Limit: -1}, 0, "", "does not end in a known format"},
	} {
		t.Run(test.why, func(t *testing.T) {
			got, bad, err := promptsOf(t, test.d, from(t, h))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%d rows, %v; want %q", len(got), err, test.err)
				}
				return
			}
			if err != nil || len(got) != test.rows {
				t.Errorf("%d rows, %v; want %d", len(got), err, test.rows)
			}
			if test.bad != "" && (len(bad) != 1 || !strings.HasPrefix(bad[0].Error(), test.bad)) || test.bad == "" && len(bad) > 0 {
				t.Errorf("bad rows: %v; want %q", bad, test.bad)
			}
		})
	}
}

// TestLimitsEndALoad closes the connection once the rows are there.
func TestLimitsEndALoad(t *testing.T) {
	var b bytes.Buffer
	for i := range 400_000 {
		fmt.Fprintf(&b, "{\"prompt\": \"line %d\"}\n", i)
	}
	h := fakehub.New(t, fakehub.LFSAbove(1000))
	h.AddDataset("org/set", map[string][]byte{"train.jsonl": b.Bytes()})
	got, _, err := promptsOf(t, configs.Dataset{Name: "org/set", Limit: 10}, from(t, h))
	if err != nil || len(got) != 10 {
		t.Fatalf("%d rows, %v; want 10", len(got), err)
	}
	for _, r := range h.Requests() {
		if r.Host == "cdn" && r.Out == int64(b.Len()) {
			t.Errorf("all of the file was loaded: %v", r)
		}
	}
}

// TestPinnedSetsAreNotAskedFor: what was resolved once is read without a word to the Hub until rows are wanted.
func TestPinnedSetsAreNotAskedFor(t *testing.T) {
	h := fakehub.New(t)
	h.AddDataset("org/set", map[string][]byte{"a.txt": []byte("one\n")})
	d := configs.Dataset{Name: "org/set", Limit: -1}
	f := from(t, h)
	s, err := Open(t.Context(), d, f)
	if err != nil {
		t.Fatal(err)
	}
	if f.Pin, err = s.Pin(t.Context()); err != nil || f.Pin.Of != "org/set@main" || !hub.IsCommit(f.Pin.Commit) {
		t.Fatalf("Pin = %+v, %v", f.Pin, err)
	}
	h.AddCommit("org/set", "main", map[string][]byte{"a.txt": []byte("two\n")})
	h.ForgetRequests()
	again := from(t, h)
	again.Pin = f.Pin
	s, err = Open(t.Context(), d, again)
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := s.Stat(t.Context()); err != nil || sum != f.Pin.Digest || len(h.Requests()) > 0 {
		t.Errorf("Stat = %s, %v after %v; want the digest of the pin, and no request", sum, err, h.Requests())
	}
	if got, _, err := promptsOf(t, d, again); err != nil || len(got) != 1 || got[0] != "one" {
		t.Errorf("rows = %q, %v; want those of the commit", got, err)
	}
}

// TestUnreadIsNotDamaged: a Parquet file of which nothing arrives is no broken one, and the error stays the Hub's.
func TestUnreadIsNotDamaged(t *testing.T) {
	h := fakehub.New(t)
	h.AddDataset("org/set", map[string][]byte{"a.parquet": manyRows(t, 10)})
	h.Inject(fakehub.Fault{Path: "/resolve/.*parquet", Status: 403})
	_, _, err := promptsOf(t, configs.Dataset{Name: "org/set", Limit: -1}, from(t, h))
	var told *hub.Error
	if !errors.As(err, &told) || strings.Contains(err.Error(), "not a whole") {
		t.Errorf("error = %v; want the Hub's, and nothing of a file that nobody saw", err)
	}
}
