package pipeline

import (
	"strings"
	"testing"

	"openarena/pipeline/judge"
	"openarena/store"
)

// judgedPair is an arena of A and B over prompts 0 to n-1, with answers and without a call.
func judgedPair(t *testing.T, n int) (*Arena, *store.DB) {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.write("prompts.jsonl", promptLines(0, n))
	a, db := w.arena(twoModels), w.open()
	mustSync(t, a, db)
	var b store.Batch
	for i := range n {
		h, _, err := promptHash(oneTurn(question(i)))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Contestants {
			text := c.Name + " answers " + question(i)
			r := reply{Digest: textDigest(text), Text: text}
			b.Put(store.Answers, AnswerKey{Prompt: h, Contestant: c.ID}.bytes(), r.meta(), r.body())
		}
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return a, db
}

// importVotes imports lines that are all well.
func importVotes(t *testing.T, a *Arena, s store.Store, lines string) VotesImported {
	t.Helper()
	n, err := a.ImportVotes(t.Context(), s, strings.NewReader(lines), "", func(bad *VoteError) { t.Errorf("%v", bad) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func exportVotes(t *testing.T, a *Arena, r store.Reader) (text string, left int64) {
	t.Helper()
	var b strings.Builder
	_, left, err := a.ExportVotes(t.Context(), r, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), left
}

func TestVoteKey(t *testing.T) {
	x := given{side: Side{ID{9}, 1}, Digest: Digest{1}}
	y := given{side: Side{ID{2}, 0}, Digest: Digest{2}}
	v, w := newVote(Hash{3}, x, y, saying{Choice: firstWins}, "ann"), newVote(Hash{3}, y, x, saying{Choice: secondWins}, "ann")
	if v != w {
		t.Errorf("one vote told both ways round is %+v and %+v; want the same", v, w)
	}
	key := voteKey{voteSubject: v.voteSubject, Sequence: 7}
	if got, err := parseVoteKey(key.bytes()); err != nil || got != key {
		t.Errorf("parseVoteKey(%+v) = %+v, %v", key, got, err)
	}
	if got, err := parseVote(v.voteSubject, v.meta()); err != nil || got != v {
		t.Errorf("parseVote(%+v) = %+v, %v", v, got, err)
	}
	marked := v
	for _, marked.saying = range []saying{{Mark: bothBad}, {Mark: withdrawn}} {
		if got, err := parseVote(v.voteSubject, marked.meta()); err != nil || got != marked {
			t.Errorf("parseVote(%+v) = %+v, %v", marked, got, err)
		}
	}
	unknown, sided := marked.meta(), marked.meta()
	unknown[2], sided[1] = byte(marks), byte(firstWins)
	for _, bad := range [][]byte{nil, v.meta()[1:], append(v.meta(), 0), {recordVersion, 3}, unknown, sided, marked.meta()[:22]} {
		if _, err := parseVote(v.voteSubject, bad); err == nil {
			t.Errorf("parseVote(%x) is no error", bad)
		}
	}
	if _, err := parseVoteKey(key.bytes()[1:]); err == nil {
		t.Error("a key that is too short is no error")
	}
}

func TestVotesByHash(t *testing.T) {
	a, db := judgedPair(t, 2)
	h, _, err := promptHash(oneTurn(question(1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		field string
		want  VotesImported
	}{
		{`"id": "` + h.String() + `"`, VotesImported{New: 1}},
		{`"id": "` + strings.ToUpper(h.String()[:8]) + `"`, VotesImported{Unchanged: 1}},
		{`"prompt": "` + h.String()[:9] + `"`, VotesImported{Unchanged: 1}},
		{`"id": "` + question(1) + `"`, VotesImported{Unchanged: 1}},
		{`"id": "` + h.String()[:7] + `"`, VotesImported{Bad: 1}}, // too short to be a hash
	} {
		line := `{` + test.field + `, "model_a": "A", "model_b": "B", "winner": "a", "voter": "ann"}`
		n, err := a.ImportVotes(t.Context(), db, strings.NewReader(line), "", func(*VoteError) {})
		if err != nil || n != test.want {
			t.Errorf("a vote on %s: %+v, %v; want %+v", test.field, n, err, test.want)
		}
	}
}

// TestVotesOfOneVoter changes a mind several times: each word is kept once, and the last one counts.
func TestVotesOfOneVoter(t *testing.T) {
	a, db := judgedPair(t, 1)
	line := func(winner string) string {
		return `{"prompt": "` + question(0) + `", "model_a": "A", "model_b": "B", "winner": "` + winner + `", "voter": "ann"}` + "\n"
	}
	for _, test := range []struct {
		file   string
		want   VotesImported
		stored int // afterwards
		counts string
	}{
		{line("a"), VotesImported{New: 1}, 1, "a"},
		{line("a"), VotesImported{Unchanged: 1}, 1, "a"},
		{line("b"), VotesImported{New: 1}, 2, "b"},
		{line("tie"), VotesImported{New: 1}, 3, "tie"},
		{line("a"), VotesImported{New: 1}, 4, "a"},
		{line("b") + line("a"), VotesImported{Unchanged: 1, Replaced: 1}, 4, "a"},
		{line("a") + line("b"), VotesImported{New: 1, Replaced: 1}, 5, "b"},
		{line("a") + line("b"), VotesImported{Unchanged: 1, Replaced: 1}, 5, "b"},
	} {
		if got := importVotes(t, a, db, test.file); got != test.want {
			t.Errorf("importing %s: %+v; want %+v", test.file, got, test.want)
		}
		stored := strings.Count(dump(t, db), `"bucket":"votes"`)
		text, left := exportVotes(t, a, db)
		if stored != test.stored || left != 0 || !strings.Contains(text, `"winner":"`+test.counts+`"`) || strings.Count(text, "\n") != 1 {
			t.Errorf("after %s: %d stored, %d left, exported %s; want %d, 0, winner %s", test.file, stored, left, text, test.stored, test.counts)
		}
	}
}

// TestVotesAreAboutTexts asks a model again: votes on its old answer are kept, and do not count for the new one.
func TestVotesAreAboutTexts(t *testing.T) {
	a, db := judgedPair(t, 1)
	line := `{"prompt": "` + question(0) + `", "model_a": "A", "model_b": "B", "winner": "a", "voter": "ann"}`
	importVotes(t, a, db, line)
	h, _, _ := promptHash(oneTurn(question(0)))
	put := func(text string) {
		var b store.Batch
		r := reply{Digest: textDigest(text), Text: text}
		b.Put(store.Answers, AnswerKey{Prompt: h, Contestant: a.Contestants[0].ID}.bytes(), r.meta(), r.body())
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	put("something else")
	if text, left := exportVotes(t, a, db); text != "" || left != 1 {
		t.Errorf("exported %q, %d left; want nothing, 1", text, left)
	}
	if n := importVotes(t, a, db, line); n.New != 1 {
		t.Errorf("a vote on the new answer: %+v; want a new one", n)
	}
	// Both answers the same: nobody is better.
	put("B answers " + question(0))
	bad := 0
	n, err := a.ImportVotes(t.Context(), db, strings.NewReader(line), "", func(*VoteError) { bad++ })
	if err != nil || n.Bad != 1 || bad != 1 {
		t.Errorf("a winner between equal texts: %+v, %v; want it refused", n, err)
	}
	if n := importVotes(t, a, db, strings.Replace(line, `"a", "voter"`, `"tie", "voter"`, 1)); n.New != 1 {
		t.Errorf("a tie between equal texts: %+v; want a new vote", n)
	}
}

// TestPruneKeepsVotes removes a judge's verdicts and keeps what people said.
func TestPruneKeepsVotes(t *testing.T) {
	a, db := judgedPair(t, 1)
	importVotes(t, a, db, `{"prompt": "`+question(0)+`", "model_a": "A", "model_b": "B", "winner": "a", "voter": "ann"}`)
	var b store.Batch
	b.Put(store.Verdicts, VerdictKey{Judge: ID{1}}.bytes(), verdict{Verdict: judge.Verdict{State: judge.Tie}}.meta(), nil)
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	n, err := a.Prune(t.Context(), db, false)
	if err != nil || n.Verdicts != 1 {
		t.Errorf("Prune = %+v, %v; want one verdict", n, err)
	}
	if text, left := exportVotes(t, a, db); left != 0 || strings.Count(text, "\n") != 1 {
		t.Errorf("after prune: %q, %d left; want the vote", text, left)
	}
}

// FuzzVoteLines reads anything: no panic, and a line that is taken says who won.
func FuzzVoteLines(f *testing.F) {
	f.Add([]byte(`{"id": "x", "model_a": "A", "model_b": "B", "winner": "Tie (BothBad)", "voter": "v"}`))
	f.Add([]byte("\uFEFF{}\r\n\n[]\nnull\n{\"prompt\": [{\"role\": 1}], \"model_a\": \"\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		last := 0
		for line, err := range voteLines(strings.NewReader(string(text))) {
			if err == nil {
				if line.n <= last {
					t.Errorf("line %d follows line %d", line.n, last)
				}
				last = line.n
				_, _ = line.saying()
				_, _, _ = line.messages()
			}
		}
	})
}
