package judge

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// llmbar is one line of testdata/llmbar_raw_judgments.jsonl.zst.
type llmbar struct {
	Judge, Protocol, Order, Raw, Finish, Check string
	Slot                                       string `json:"slot_verdict"` // what the source read: a, b; "" where it could not
}

func llmbarReplies(t testing.TB) []llmbar {
	t.Helper()
	f, err := os.Open("testdata/llmbar_raw_judgments.jsonl.zst")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var all []llmbar
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r llmbar
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("line %d: %v", len(all)+1, err)
		}
		all = append(all, r)
	}
	if lines.Err() != nil || len(all) != 3556 {
		t.Fatalf("%d recorded judgments, %v; want 3556", len(all), lines.Err())
	}
	return all
}

// truth is the single verdict phrase of the reply, "" where it has none or several.
func (r llmbar) truth() string {
	switch {
	case r.Check == "agrees":
		return r.Slot
	case r.Check == "source_misparsed" && r.Slot == "a":
		return "b"
	case r.Check == "source_misparsed":
		return "a"
	}
	return ""
}

// read is a reading in the words of the source: a, b, tie or the reason.
func (r llmbar) read(p Protocol) string {
	v := ReadProse(p, Reply{Text: r.Raw, Finish: r.Finish}, Case{})
	switch {
	case v.State == Invalid:
		return v.Reason
	case v.Level == 0:
		return "tie"
	case v.Level > 0:
		return "a"
	}
	return "b"
}

// misread are the replies that are not read as their single verdict phrase says, by line.
var misread = map[int]string{
	834: `"Therefore, neither Output (a) nor Output (b) is better." holds the phrase of b, and is a tie`,
}

// Of the replies that hold one verdict phrase, all are read but those explained above. What becomes of all the others stands in
// a golden file, with the words that decide.
func TestProseOfLLMBar(t *testing.T) {
	var others strings.Builder
	known, right := 0, 0
	for i, r := range llmbarReplies(t) {
		got := r.read(scoresVerdict{})
		want := r.truth()
		if want != "" {
			known++
			if got == want {
				right++
				continue
			}
			if misread[i+1] == "" {
				t.Errorf("line %d is read as %s; want %s:\n%s", i+1, got, want, r.Raw)
			}
		}
		fmt.Fprintf(&others, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", i+1, r.Judge, r.Protocol, r.Check, r.Slot, got, deciding(r.Raw, got))
	}
	t.Logf("%d of %d right: %.2f %%", right, known, 100*float64(right)/float64(known))
	if known != 3384 || right < known-len(misread) {
		t.Errorf("%d of %d replies with one verdict phrase are read right; want all of 3384 but %d", right, known, len(misread))
	}
	compare(t, "testdata/llmbar.golden.tsv", "line\tjudge\tprotocol\tcheck\tsource\tread\tlast words\n"+others.String())
}

// deciding is the last sentence with a claim of what was read, else the end of s.
func deciding(s, read string) string {
	level, ok := map[string]int{"a": 1, "b": -1, "tie": 0}[read]
	from, to := max(0, len(s)-100), len(s)
	for w, at := (tokens{text: s}), 0; w.sentence(); at = w.next {
		if c, found := claimOf(w.list); found && ok && c.level == level {
			from, to = at, w.next
		}
	}
	return strings.Join(strings.Fields(strings.ToValidUTF8(s[from:to], "")), " ")
}
