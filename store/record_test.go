package store

import (
	"bytes"
	"testing"
)

func TestRecordRoundTrip(t *testing.T) {
	for _, c := range []struct {
		why             string
		key, meta, body string
		id              uint64
	}{
		{"all parts", "key", "meta", "body", 7},
		{"no meta", "key", "", "body", 1},
		{"no body", "key", "meta", "", 0},
		{"nothing but the key", "k", "", "", 0},
		{"the largest id", "key", "meta", "body", 1<<64 - 1},
	} {
		value := appendIndex(make([]byte, 0, 64), Answers, []byte(c.key), []byte(c.meta), c.id != 0)
		if c.id != 0 {
			value = setTextID(value, c.id)
		}
		meta, id, why := parseIndex(Answers, []byte(c.key), value)
		if string(meta) != c.meta || id != c.id || why != "" {
			t.Errorf("%s: parseIndex() = %q, %d, %q", c.why, meta, id, why)
		}
		if _, _, why := parseIndex(Judgments, []byte(c.key), value); why == "" {
			t.Errorf("%s: the value passes in another bucket", c.why)
		}
		if _, _, why := parseIndex(Answers, []byte(c.key+"x"), value); why == "" {
			t.Errorf("%s: the value passes under another key", c.why)
		}
		text := appendText(nil, Answers, []byte(c.key), []byte(c.body))
		if body, why := parseText(Answers, []byte(c.key), text); string(body) != c.body || why != "" {
			t.Errorf("%s: parseText() = %q, %q", c.why, body, why)
		}
		if _, why := parseText(Answers, []byte("other"), text); why == "" {
			t.Errorf("%s: the text passes under another key", c.why)
		}
		if _, _, why := parseIndex(Answers, []byte(c.key), text); why == "" {
			t.Errorf("%s: the text passes as an index value", c.why)
		}
	}
}

// What a later version writes is refused in words, not misread.
func TestRecordOfLaterVersion(t *testing.T) {
	for _, c := range []struct {
		why           string
		format, codec byte
		want          string
	}{
		{"a later format", 2, 0, "unknown format"},
		{"a codec of meta", 1, 0x10, "unknown codec"},
		{"an unknown flag", 1, 0x02, "unknown codec"},
	} {
		value := appendIndex(nil, Answers, []byte("key"), []byte("meta"), false)
		value[0], value[1] = c.format, c.codec
		sum := checksum(byte(Answers), []byte("key"), value)
		value[2], value[3], value[4], value[5] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		if _, _, why := parseIndex(Answers, []byte("key"), value); why != c.want {
			t.Errorf("%s: parseIndex() says %q; want %q", c.why, why, c.want)
		}
	}
}

// A value that is not exactly what was written is never read as a record.
func FuzzRecord(f *testing.F) {
	good := setTextID(appendIndex(make([]byte, 0, 64), Answers, []byte("key"), []byte("meta"), true), 9)
	text := appendText(nil, Answers, []byte("key"), []byte("body"))
	f.Add(good)
	f.Add(text)
	f.Add(good[:headerSize])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		if meta, id, why := parseIndex(Answers, []byte("key"), value); why == "" {
			again := appendIndex(make([]byte, 0, len(value)), Answers, []byte("key"), meta, id != 0)
			if id != 0 {
				again = setTextID(again, id)
			}
			if !bytes.Equal(again, value) && id != 0 {
				t.Errorf("%x is read as meta %x and id %d, which is %x", value, meta, id, again)
			}
		}
		if body, why := parseText(Answers, []byte("key"), value); why == "" && value != nil {
			if again := appendText(nil, Answers, []byte("key"), body); !bytes.Equal(again, value) {
				t.Errorf("%x is read as %x, which is %x", value, body, again)
			}
		}
	})
}

// FuzzMessage feeds both ends of the wire with what is no message.
func FuzzMessage(f *testing.F) {
	c := chunk{items: []item{{Record: Record{Key: []byte("k"), Meta: []byte("m"), Body: []byte("b")}}}, more: true}
	f.Add(c.append(nil))
	f.Add(fillRequest{bucket: Answers, want: WithBody, n: 5, r: Prefix([]byte("k"))}.append(nil))
	f.Add(appendError(nil, &RecordError{Bucket: Answers, Key: []byte("k"), What: "w"}))
	f.Add(appendError(nil, &DamagedError{Path: "p", What: "w", Advice: "a"}))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var c chunk
		if err := c.parse(payload, Answers); err == nil && c.more && len(c.items) == 0 {
			t.Error("a chunk that is empty and not the last would be asked for for ever")
		}
		if q, err := parseFill(payload); err == nil {
			if again, err := parseFill(q.append(nil)); err != nil || !bytes.Equal(again.r.From, q.r.From) || !bytes.Equal(again.r.To, q.r.To) {
				t.Errorf("request %+v comes back as %+v, %v", q, again, err)
			}
		}
		if parseError(payload) == nil {
			t.Error("an error reply is no error")
		}
	})
}
