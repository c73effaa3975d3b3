package judge

import (
	"math/bits"
	"strings"
)

// echoLength is how many bytes in a row a judge must share with an answer or the prompt to have copied them. Shorter runs
// are words that two people may both use.
const echoLength = 20

// maskEchoes overwrites with ~ what the judge copied: everything between fences of the question, and every run of at least
// echoLength bytes of a text it was shown. White space stays, and so do quotation marks at the ends of a run: they are more
// often the judge's own. The time is linear in all texts together. Both reply and the texts are compared as visible.
func maskEchoes(reply string, c Case) string {
	masked := []byte(reply)
	maskFences(masked, reply, c)
	sources := make([]string, 0, len(c.Messages)+3)
	for _, m := range c.Messages {
		sources = append(sources, visible(m.Content))
	}
	sources = append(sources, visible(c.First), visible(c.Second), visible(c.Reference))
	for _, s := range sources {
		if s := strings.TrimSpace(s); len(s) < echoLength && looksLikeVerdict(s) {
			maskAll(masked, reply, s)
		}
	}
	for _, x := range copied(reply, sources) {
		overwrite(masked, x)
	}
	return string(masked)
}

// maskFences overwrites what stands between an opening fence with the nonce of this very question and its end.
func maskFences(masked []byte, reply string, c Case) {
	if !strings.Contains(reply, " id=") {
		return
	}
	nonce := c.nonce()
	for _, tag := range tags {
		open := opening(tag, nonce)
		for from := 0; ; {
			i := strings.Index(reply[from:], open)
			if i < 0 {
				break
			}
			inside := from + i + len(open)
			n := strings.Index(reply[inside:], closing(tag, nonce))
			if n < 0 {
				n = strings.Index(reply[inside:], "</"+tag) // judges forget the id when they copy
			}
			if n < 0 {
				break
			}
			overwrite(masked, span{inside, inside + n})
			from = inside + n
		}
	}
}

// looksLikeVerdict says whether s alone would be read as a verdict, or half of one. Such an answer is masked even if short.
func looksLikeVerdict(s string) bool {
	if s == "" {
		return false
	}
	for _, o := range scanObjects(s) {
		if o.ours {
			return true
		}
	}
	return len(levels.labels(s)) > 0 || len(scoreMarks(s, false)) > 0
}

func maskAll(masked []byte, reply, s string) {
	for from := 0; ; {
		i := strings.Index(reply[from:], s)
		if i < 0 {
			return
		}
		from += i + len(s)
		overwrite(masked, span{from - len(s), from})
	}
}

func overwrite(b []byte, x span) {
	for x.start < x.end && edge(b[x.start]) {
		x.start++
	}
	for x.start < x.end && edge(b[x.end-1]) {
		x.end--
	}
	for i := x.start; i < x.end; i++ {
		if !space(b[i]) {
			b[i] = '~'
		}
	}
}

func edge(c byte) bool  { return c == '"' || space(c) }
func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// copied finds the runs of reply that occur in a source, joined where they touch. The windows of reply are few and go into
// a bit set; only those windows of the sources that pass it are kept, and compared in full.
func copied(reply string, sources []string) []span {
	if len(reply) < echoLength {
		return nil
	}
	set := newWindowSet(len(reply))
	windows(reply, func(_ int, h uint64) { set.add(h) })
	shared := map[string]struct{}{}
	for _, s := range sources {
		windows(s, func(i int, h uint64) {
			if set.has(h) {
				shared[s[i:i+echoLength]] = struct{}{}
			}
		})
	}
	var spans []span
	for i := 0; len(shared) > 0 && i+echoLength <= len(reply); i++ {
		if _, ok := shared[reply[i:i+echoLength]]; !ok {
			continue
		}
		if n := len(spans) - 1; n >= 0 && spans[n].end >= i {
			spans[n].end = i + echoLength
		} else {
			spans = append(spans, span{i, i + echoLength})
		}
	}
	return spans
}

// windowSet holds hashes of windows, as two bits each. Of those it was not given it has one in a hundred: what passes has to
// be kept and compared, which costs many times what it takes to look here.
type windowSet struct {
	bits []uint64
	size int // of its places, in bits
}

func newWindowSet(n int) windowSet {
	size := bits.Len(uint(n)) + 4 // 16 to 32 places for each window
	return windowSet{make([]uint64, max(1, 1<<size/64)), size}
}

func (s windowSet) places(h uint64) (uint64, uint64) {
	return h >> (64 - s.size), h << s.size >> (64 - s.size)
}

func (s windowSet) add(h uint64) {
	i, j := s.places(h)
	s.bits[i/64] |= 1 << (i % 64)
	s.bits[j/64] |= 1 << (j % 64)
}

func (s windowSet) has(h uint64) bool {
	i, j := s.places(h)
	return s.bits[i/64]&(1<<(i%64)) != 0 && s.bits[j/64]&(1<<(j%64)) != 0
}

// windows calls f with the place and a hash of every run of echoLength bytes of s. The hash rolls: each step costs the same
// whatever the length of the run. Its upper bits are well mixed.
func windows(s string, f func(i int, hash uint64)) {
	const base, mix = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93
	var h, first uint64 = 0, 1 // first: base to the power of echoLength, the weight of the byte that leaves
	for range echoLength {
		first *= base
	}
	for i := range len(s) {
		h = h*base + uint64(s[i])
		if i >= echoLength {
			h -= first * uint64(s[i-echoLength])
		}
		if i >= echoLength-1 {
			f(i-echoLength+1, (h^h>>32)*mix)
		}
	}
}
