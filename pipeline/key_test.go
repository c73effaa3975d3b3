package pipeline

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

func randomVerdictKey(r *rand.Rand) (k VerdictKey) {
	for _, part := range [][]byte{k.Prompt[:], k.A.Contestant[:], k.B.Contestant[:], k.Texts[:], k.Judge[:]} {
		for i := range part {
			part[i] = byte(r.Uint32())
		}
	}
	k.A.Sample, k.B.Sample = uint16(r.Uint32()), uint16(r.Uint32())
	k.Order, k.Repeat = uint8(r.Uint32()), uint8(r.Uint32())
	return k
}

func TestKeysComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		k := randomVerdictKey(r)
		if got, err := parseVerdictKey(k.bytes()); got != k || err != nil {
			t.Fatalf("parseVerdictKey(%x) = %+v, %v; want %+v", k.bytes(), got, err, k)
		}
		a := AnswerKey{k.Prompt, k.A.Contestant, k.A.Sample}
		if got, err := parseAnswerKey(a.bytes()); got != a || err != nil {
			t.Fatalf("parseAnswerKey(%x) = %+v, %v; want %+v", a.bytes(), got, err, a)
		}
		if attempt := k.attempt(3); !bytes.HasPrefix(attempt, k.bytes()) || len(attempt) != verdictSize+1 {
			t.Fatalf("attempt(3) = %x; want the key and one byte", attempt)
		}
	}
}

func TestKeysSortAsTheirParts(t *testing.T) {
	for _, test := range []struct {
		name   string
		lesser VerdictKey
		larger VerdictKey
	}{
		{"the prompt comes first", VerdictKey{Prompt: Hash{1}, Order: 1}, VerdictKey{Prompt: Hash{2}}},
		{"then A", VerdictKey{A: Side{ID{1}, 9}}, VerdictKey{A: Side{ID{2}, 0}}},
		{"a sample is a number, not text", VerdictKey{A: Side{ID{1}, 9}}, VerdictKey{A: Side{ID{1}, 256}}},
		{"then B", VerdictKey{B: Side{ID{1}, 9}}, VerdictKey{B: Side{ID{2}, 0}}},
		{"the order comes before the repeat", VerdictKey{Repeat: 9}, VerdictKey{Order: 1}},
	} {
		if bytes.Compare(test.lesser.bytes(), test.larger.bytes()) >= 0 {
			t.Errorf("%s: %x does not sort before %x", test.name, test.lesser.bytes(), test.larger.bytes())
		}
	}
}

func TestKeysOfTheWrongLength(t *testing.T) {
	for n := range verdictSize + 10 {
		if _, err := parseVerdictKey(make([]byte, n)); (err == nil) != (n == verdictSize) {
			t.Errorf("parseVerdictKey of %d bytes = %v; only %d are a key", n, err, verdictSize)
		}
		if _, err := parseAnswerKey(make([]byte, n)); err != nil && !errors.Is(err, errKey) || (err == nil) != (n == answerSize) {
			t.Errorf("parseAnswerKey of %d bytes = %v; only %d are a key", n, err, answerSize)
		}
	}
}

func TestSpanKeys(t *testing.T) {
	middle := span{Hash{2}, Hash{4}}
	for _, test := range []struct {
		name string
		in   span
		hash Hash
		want bool
	}{
		{"before the first", middle, Hash{1, 0xff}, false},
		{"the first itself", middle, Hash{2}, true},
		{"between", middle, Hash{3}, true},
		{"the last itself", middle, Hash{4}, true},
		{"behind the last", middle, Hash{4, 1}, false},
		{"the least of all", everything, Hash{}, true},
		{"the greatest of all", everything, everything.to, true},
	} {
		for _, prefix := range [][]byte{nil, {1, 7}, {0xff}} {
			r := test.in.keys(prefix)
			key := append(append(bytes.Clone(prefix), test.hash[:]...), "sample"...)
			got := bytes.Compare(key, r.From) >= 0 && (r.To == nil || bytes.Compare(key, r.To) < 0)
			if got != test.want {
				t.Errorf("%s, behind %x: found is %t; want %t", test.name, prefix, got, test.want)
			}
		}
	}
}
