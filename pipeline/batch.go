package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"openarena/store"
)

// fixture is a battle that was chosen: over which prompt, and between which answers.
type fixture struct {
	Prompt Hash
	A, B   Side
}

func (f fixture) compare(g fixture) int {
	return cmp.Or(bytes.Compare(f.Prompt[:], g.Prompt[:]), f.A.compare(g.A), f.B.compare(g.B))
}

// A batch of adaptive pairing is one record: under its number, from 1, lies what was chosen together.
//
//	version 1 B | contestants n | n × id 8 B | then prompt by prompt, in hash order:
//	hash 16 B | battles k | k × (contestant, sample, contestant, sample)
//
// Contestants are places in the list; all but hashes, ids and the version are varints.
const batchVersion = 1

func batchKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

// batchBody is the body of a batch, whose battles it sorts.
func batchBody(all []fixture) []byte {
	slices.SortFunc(all, fixture.compare)
	place := map[ID]uint64{}
	for _, f := range all {
		place[f.A.Contestant], place[f.B.Contestant] = 0, 0
	}
	b := binary.AppendUvarint([]byte{batchVersion}, uint64(len(place)))
	ids := slices.SortedFunc(maps.Keys(place), func(x, y ID) int { return bytes.Compare(x[:], y[:]) })
	for i, id := range ids {
		place[id] = uint64(i)
		b = append(b, id[:]...)
	}
	for len(all) > 0 {
		var over []fixture
		over, all = onePrompt(all)
		b = binary.AppendUvarint(append(b, over[0].Prompt[:]...), uint64(len(over)))
		for _, f := range over {
			for _, s := range [...]Side{f.A, f.B} {
				b = binary.AppendUvarint(binary.AppendUvarint(b, place[s.Contestant]), uint64(s.Sample))
			}
		}
	}
	return b
}

// onePrompt splits battles that are sorted behind those over the first prompt.
func onePrompt(all []fixture) (first, rest []fixture) {
	n := 1
	for n < len(all) && all[n].Prompt == all[0].Prompt {
		n++
	}
	return all[:n], all[n:]
}

func parseBatch(body []byte) (all []fixture, err error) {
	if len(body) == 0 || body[0] != batchVersion {
		return nil, errRecord
	}
	rest := cursor{rest: body[1:]}
	var ids []ID
	for range rest.count() {
		var id ID
		copy(id[:], rest.bytes(idSize))
		ids = append(ids, id)
	}
	side := func() Side {
		place, sample := rest.int(), rest.int()
		if place >= int64(len(ids)) || sample > 1<<16-1 {
			rest.rest, rest.err = nil, errRecord
			return Side{}
		}
		return Side{ids[place], uint16(sample)}
	}
	for rest.err == nil && len(rest.rest) > 0 {
		var f fixture
		copy(f.Prompt[:], rest.bytes(hashSize))
		for range rest.count() {
			if f.A, f.B = side(), side(); rest.err != nil {
				break
			}
			all = append(all, f)
		}
	}
	return all, rest.err
}

// count is the length of a list of which each item takes at least one byte.
func (c *cursor) count() int64 {
	n := c.int()
	if n > int64(len(c.rest)) {
		c.rest, c.err = nil, errRecord
		return 0
	}
	return n
}

// batches calls see with the battles of each batch, in the order they were chosen, and returns the number of the last.
func batches(ctx context.Context, r store.Reader, see func(number uint32, all []fixture)) (last uint32, err error) {
	for rec, err := range r.Scan(ctx, store.Batches, store.Range{}, store.WithBody) {
		if err != nil {
			return last, err
		}
		number, all, err := readBatch(rec)
		if err != nil {
			return last, err
		}
		last = number
		see(number, all)
	}
	return last, nil
}

func readBatch(rec store.Record) (number uint32, all []fixture, err error) {
	if len(rec.Key) != 4 {
		return 0, nil, errKey
	}
	number = binary.BigEndian.Uint32(rec.Key)
	if all, err = parseBatch(rec.Body); err != nil {
		err = fmt.Errorf("batch %d: %w", number, err)
	}
	return number, all, err
}

// dumpBatch shows a batch battle by battle.
func dumpBatch(rec store.Record) (any, error) {
	number, all, err := readBatch(rec)
	type line struct {
		Prompt  string `json:"prompt"`
		A       string `json:"a"`
		SampleA uint16 `json:"sample_a"`
		B       string `json:"b"`
		SampleB uint16 `json:"sample_b"`
	}
	lines := make([]line, len(all))
	for i, f := range all {
		lines[i] = line{f.Prompt.String(), f.A.Contestant.String(), f.A.Sample, f.B.Contestant.String(), f.B.Sample}
	}
	return struct {
		Bucket  string `json:"bucket"`
		Number  uint32 `json:"number"`
		Battles []line `json:"battles"`
	}{"batches", number, lines}, err
}
