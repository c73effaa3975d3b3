package judge

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// stride is how far apart the places of a source are that are looked at first. Any run of echoLength bytes holds a whole block
// at one of them.
const (
	stride      = 8
	blockLength = echoLength - stride + 1
)

// copied finds the runs of reply, of at least echoLength bytes, that occur in a source, joined where they touch. The time is
// linear in all texts together. The blocks of the reply go into a bit set; the few blocks of the sources that pass it say which
// windows of the sources matter; those go into a table; and only what passes the same way back is compared with it.
func copied(reply string, sources []string) []span {
	if len(reply) < echoLength {
		return nil
	}
	text := []byte(reply)
	seen := newSieve(len(text))
	for i := 0; i+blockLength <= len(text); i++ {
		seen.add(blockHash(text[i:]))
	}
	t := table{sources: sources}
	for n, s := range sources {
		t.collect(int32(n), []byte(s), seen)
	}
	if len(t.windows) == 0 {
		return nil
	}
	return t.spans(text)
}

// window is a place in a source.
type window struct {
	hash      uint64
	source, i int32
}

// table finds windows of the sources, each text once.
type table struct {
	sources []string
	windows []window
	slots   []int32 // an index of windows and 1, 0 where it is free; at least half of them are
	blocks  sieve   // the blocks in the windows
}

// collect takes the windows around those blocks of a source that were seen.
func (t *table) collect(n int32, s []byte, seen sieve) {
	next := 0
	for i := 0; i+blockLength <= len(s); i += stride {
		h := blockHash(s[i:])
		if !seen.has(h) {
			continue
		}
		if t.blocks.bits == nil {
			t.blocks = sieve{make([]uint64, len(seen.bits)), seen.shift}
		}
		t.blocks.add(h)
		for next = max(next, i-stride+1); next <= i && next+echoLength <= len(s); next++ {
			t.add(window{windowHash(s[next:]), n, int32(next)}, s[next:next+echoLength])
		}
	}
}

func (t *table) add(w window, text []byte) {
	if 2*len(t.windows) >= len(t.slots) {
		t.grow()
	}
	if slot := t.slot(w.hash, text); t.slots[slot] == 0 {
		t.windows = append(t.windows, w)
		t.slots[slot] = int32(len(t.windows))
	}
}

func (t *table) grow() {
	t.slots = make([]int32, max(64, 4*len(t.slots)))
	for n, w := range t.windows {
		i := t.first(w.hash)
		for t.slots[i] != 0 {
			i = t.next(i)
		}
		t.slots[i] = int32(n + 1)
	}
}

func (t *table) first(h uint64) int { return int(h) & (len(t.slots) - 1) }
func (t *table) next(i int) int     { return (i + 1) & (len(t.slots) - 1) }

func (t *table) text(w window) string { return t.sources[w.source][w.i : w.i+echoLength] }

// slot is where the window with that text is, or would be.
func (t *table) slot(h uint64, text []byte) int {
	for i := t.first(h); ; i = t.next(i) {
		n := t.slots[i]
		if n == 0 || t.windows[n-1].hash == h && t.text(t.windows[n-1]) == string(text) {
			return i
		}
	}
}

// spans are the runs of text that are in the table.
func (t *table) spans(text []byte) (found []span) {
	next := 0
	for i := 0; i+blockLength <= len(text); i++ {
		if !t.blocks.has(blockHash(text[i:])) {
			continue
		}
		for next = max(next, i-stride+1); next <= i && next+echoLength <= len(text); next++ {
			end := t.match(text, next)
			if end == 0 {
				continue
			}
			if last := len(found) - 1; last >= 0 && found[last].end >= next {
				found[last].end = end
			} else {
				found = append(found, span{next, end})
			}
			next = end - echoLength // the windows up to there are copied, too
		}
	}
	return found
}

// match is where the text from i on ceases to be that of a source; 0 if no window of a source begins there.
func (t *table) match(text []byte, i int) (end int) {
	end = i + echoLength
	window := text[i:end]
	n := t.slots[t.slot(windowHash(window), window)]
	if n == 0 {
		return 0
	}
	w := t.windows[n-1]
	rest := t.sources[w.source][w.i+echoLength:]
	for k := 0; k < len(rest) && end < len(text) && text[end] == rest[k]; k++ {
		end++
	}
	return end
}

// sieve is a set of hashes that may hold more than was added, about one in ten.
type sieve struct {
	bits  []uint64
	shift int
}

// newSieve makes room for n hashes: 8 to 16 bits for each.
func newSieve(n int) sieve {
	size := max(6, bits.Len(uint(n))+3)
	return sieve{make([]uint64, 1<<(size-6)), 64 - size}
}

func (s sieve) add(h uint64) {
	h >>= s.shift
	s.bits[h/64] |= 1 << (h % 64)
}

func (s sieve) has(h uint64) bool {
	h >>= s.shift
	return s.bits[h/64]&(1<<(h%64)) != 0
}

// secret keeps anybody from choosing texts of one hash. What is found does not depend on it.
var secret = [3]uint64{rand.Uint64() | 1, rand.Uint64() | 1, rand.Uint64() | 1}

// blockHash is a hash of the first blockLength bytes of b.
func blockHash(b []byte) uint64 {
	x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[blockLength-8:])
	return (x*secret[0] ^ bits.RotateLeft64(y*secret[1], 32)) * secret[2]
}

// windowHash is one of the first echoLength bytes of b.
func windowHash(b []byte) uint64 {
	x, y, z := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint32(b[16:])
	high, low := bits.Mul64(x^secret[0], y^secret[1])
	h, l := bits.Mul64(high^low^uint64(z), secret[2])
	return h ^ l
}
