package neardup

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		about, a, b string
		want        float64
	}{
		{"the same", "What is the capital of France?", "What is the capital of France?", 1},
		{"case and blanks", "What is the\tcapital \n of France?", "  what is the CAPITAL of france? ", 1},
		{"one character, two forms", "caf\u00e9 au lait", "cafe\u0301 au lait", 1},
		{"full-width letters and signs", "Ｈｅｌｌｏ，ｗｏｒｌｄ", "hello,world", 1},
		{"all different", "abcdefgh", "ijklmnop", 0},
		{"4 shingles of 5 letters, 2 of them shared", "abcdefgh", "bcdefgxh", 1.0 / 3}, // bcdef, cdefg of 6
		{"Chinese: 3 signs, 2 of 6 shingles shared", "今天天气很好", "今天天气不好", 2.0 / 6},
		{"shorter than a shingle", "Hi", "hi", 1},
		{"shorter than a shingle, and others", "Hi", "Ho", 0},
		{"operators are not left out", "2+2", "2-2", 0},
		{"nothing", "", " ", 1},
	} {
		got := Similarity(c.a, c.b)
		if math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: Similarity(%q, %q) = %g; want %g", c.about, c.a, c.b, got, c.want)
		}
		if back := Similarity(c.b, c.a); back != got {
			t.Errorf("%s: Similarity is %g one way and %g the other", c.about, got, back)
		}
	}
}

// admit adds texts to an index and returns for each the one that it is too like, or -1.
func admit(t *testing.T, threshold float64, texts ...string) (like []int) {
	t.Helper()
	x := New(threshold)
	var kept []string
	for i, text := range texts {
		m, found, err := x.Admit(text, func(id int) (string, error) { return kept[id], nil })
		if err != nil {
			t.Fatal(err)
		}
		if found {
			like = append(like, m.ID)
			if got := Similarity(text, kept[m.ID]); got != m.Similarity || got < threshold {
				t.Errorf("text %d is told to be %g like %d; it is %g", i, m.Similarity, m.ID, got)
			}
			continue
		}
		like = append(like, -1)
		kept = append(kept, text)
	}
	if x.Len() != len(kept) {
		t.Errorf("Len() = %d; want %d", x.Len(), len(kept))
	}
	return like
}

func TestAdmit(t *testing.T) {
	const long = "Write a short story about a lighthouse keeper who finds a letter in a bottle and decides to answer it."
	for _, c := range []struct {
		about     string
		threshold float64
		texts     []string
		want      string
	}{
		{"the first of two stays", 0.8, []string{long, long + " Please."}, "[-1 0]"},
		{"others stay", 0.8, []string{long, "Explain how a lighthouse works.", strings.ToUpper(long)}, "[-1 -1 0]"},
		{"below the threshold", 0.95, []string{long, long + " Please."}, "[-1 -1]"},
		{"only the same sets reach 1", 1, []string{long, long + "!", long}, "[-1 -1 0]"},
		{"in Chinese", 0.8, []string{"请写一篇关于灯塔看守人的短篇小说，他在瓶子里发现了一封信。", "请解释灯塔是如何工作的。", "请写一篇关于灯塔看守人的短篇小说，他在瓶子里发现了一封信！"}, "[-1 -1 0]"},
		{"what was dropped is nobody's like", 0.8, []string{long, long + " Thanks, and please keep it short.", long + " Thanks, and please keep it short. Use simple words, too."}, "[-1 -1 1]"},
	} {
		if got := fmt.Sprint(admit(t, c.threshold, c.texts...)); got != c.want {
			t.Errorf("%s: the texts are like %s; want %s", c.about, got, c.want)
		}
	}
}

// TestRecall counts pairs at the threshold and above that are found: by the formula 99 % and more.
func TestRecall(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		threshold float64
		changed   int // words of 60
		least     float64
	}{{0.5, 9, 0.95}, {0.8, 3, 0.95}, {0.8, 2, 0.98}, {0.9, 1, 0.98}} {
		near, found := 0, 0
		for range 60 {
			words := make([]string, 60)
			for i := range words {
				words[i] = fmt.Sprintf("%05d", draw.IntN(100_000))
			}
			a := strings.Join(words, " ")
			for range c.changed {
				words[draw.IntN(len(words))] = fmt.Sprintf("%05d", draw.IntN(100_000))
			}
			b := strings.Join(words, " ")
			if Similarity(a, b) < c.threshold {
				continue
			}
			near++
			if admit(t, c.threshold, a, b)[1] == 0 {
				found++
			}
		}
		if near < 20 || float64(found) < c.least*float64(near) {
			t.Errorf("at %g with %d words changed %d of %d pairs are found; want %g of at least 20", c.threshold, c.changed, found, near, c.least)
		}
	}
}

// TestConstants fails if the same texts get other signatures than they always had: listings in databases depend on them.
func TestConstants(t *testing.T) {
	h := fnv.New64a()
	for _, threshold := range []float64{0.5, 0.8, 0.9, 1} {
		x := New(threshold)
		for _, text := range []string{"", "Hi", "What is the capital of France?", "今天天气很好", "Straße, ΑΒΓ, ﬁ", strings.Repeat("a long text ", 50)} {
			x.Add(text)
		}
		h.Write(x.signatures)
		fmt.Fprint(h, x.rows, x.least)
	}
	if got, want := fmt.Sprintf("%x", h.Sum64()), "ae82be5405f5c744"; got != want {
		t.Errorf("the signatures hash to %s; want %s for ever", got, want)
	}
}

// TestOneTemplate adds texts that are all somewhat alike: whoever comes looks at a bounded number of others.
func TestOneTemplate(t *testing.T) {
	x := New(0.8)
	var kept []string
	looked, most := 0, 0
	for i := range 150 {
		text := fmt.Sprintf("Answer the following question with one of the letters A to D, and nothing else: %d %d %d?", i*7919, i*104729, i*1299709)
		looked = 0
		_, found, err := x.Admit(text, func(id int) (string, error) { looked++; return kept[id], nil })
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			kept = append(kept, text)
		}
		most = max(most, looked)
	}
	if most > mostVerify || most == 0 {
		t.Errorf("at most %d texts are compared with one; want some, and no more than %d", most, mostVerify)
	}
}

func TestKeptThatCannotBeRead(t *testing.T) {
	x := New(0.8)
	x.Add("the same text")
	gone := errors.New("gone")
	if _, _, err := x.Admit("the same text", func(int) (string, error) { return "", gone }); !errors.Is(err, gone) {
		t.Errorf("Admit() = %v; want %v", err, gone)
	}
}

func TestMemory(t *testing.T) {
	x := New(0.8)
	const n = 4_000
	for i := range n {
		x.Add(fmt.Sprintf("%d text that is not like the others %d", i*7919, i*i))
	}
	if got := (cap(x.signatures) + 4*cap(x.next) + 4*len(x.heads.slots)) / n; got > 400 {
		t.Errorf("a text takes %d bytes; want 400 at most, room to grow included", got)
	}
}

// BenchmarkAdmit tells how many prompts a second go through, and how much longer that takes than to hash them (SHA-256,
// which finding exact duplicates needs).
func BenchmarkAdmit(b *testing.B) {
	draw := rand.New(rand.NewPCG(3, 4))
	vocabulary := make([]string, 5000)
	for i := range vocabulary {
		vocabulary[i] = strings.Repeat(string(rune('a'+draw.IntN(26))), 1+draw.IntN(3)) + fmt.Sprint(draw.IntN(1000))
	}
	texts := make([]string, 20_000)
	for i := range texts {
		var s strings.Builder
		for s.Len() < 500 {
			s.WriteString(vocabulary[draw.IntN(len(vocabulary))] + " ")
		}
		texts[i] = s.String()
	}
	var hashing, admitting time.Duration
	prompts := 0
	for b.Loop() {
		start := time.Now()
		for _, text := range texts {
			sha256.Sum256([]byte(text))
		}
		hashing += time.Since(start)
		start = time.Now()
		x := New(0.8)
		for _, text := range texts {
			if _, _, err := x.Admit(text, func(id int) (string, error) { return texts[id], nil }); err != nil {
				b.Fatal(err)
			}
		}
		admitting += time.Since(start)
		prompts += len(texts)
	}
	b.ReportMetric(float64(prompts)/admitting.Seconds(), "prompts/s")
	b.ReportMetric(float64(admitting)/float64(hashing), "x-sha256")
}
