package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"openarena/store"
	"slices"
	"strings"
)

// twice notes that a shard was worked on in two databases.
func (m *merger) twice(ctx context.Context, self origin, c tallied) error {
	if c.Shard == "" {
		return nil
	}
	known, err := mergedInto(ctx, m.to)
	if err != nil {
		return err
	}
	for other, was := range known {
		if other != self && was.Shard == c.Shard {
			m.report.Notes = append(m.report.Notes, fmt.Sprintf("%s: shard %s was worked on in another database, too, which was merged before: where they differ the first one stays.", m.now.Name, c.Shard))
		}
	}
	return nil
}

// ofMachine reports whether a record of Meta is about a database and who works on it, not about the arena.
func ofMachine(key []byte) bool {
	return bytes.HasPrefix(key, mergedKey("")) || isReadBy(key) ||
		slices.ContainsFunc([][]byte{originKey, shardKey, ledgerKey, stoppedKey}, func(k []byte) bool { return bytes.Equal(k, key) })
}

// readers keeps no note that says of all verdicts of a judge by which parser they were read, if it is not true of those that
// come now: the next run looks at them.
func (m *merger) readers(ctx context.Context, from store.Reader) error {
	verdicts, err := holdsAny(ctx, from, store.Verdicts)
	if err != nil || !verdicts {
		return err
	}
	theirs, err := readBys(ctx, from)
	if err != nil {
		return err
	}
	ours, err := readBys(ctx, m.to)
	if err != nil {
		return err
	}
	for key, version := range ours {
		if theirs[key] != version {
			m.load.Delete(store.Meta, []byte(key))
		}
	}
	for key, version := range theirs {
		if m.fresh {
			m.load.PutOnce(store.Meta, store.Record{Key: []byte(key), Meta: []byte(version)})
		}
	}
	m.fresh = false
	return m.load.Flush(ctx)
}

func isReadBy(key []byte) bool { return len(key) == 1+idSize && key[0] == readByKey(ID{})[0] }

// readBys are the notes of which parser has read a judge's verdicts, by key.
func readBys(ctx context.Context, r store.Reader) (map[string]string, error) {
	all := map[string]string{}
	for rec, err := range r.Scan(ctx, store.Meta, store.Prefix(readByKey(ID{})[:1]), store.WithMeta) {
		if err != nil {
			return nil, err
		}
		if isReadBy(rec.Key) {
			all[string(rec.Key)] = string(rec.Meta)
		}
	}
	return all, nil
}

// counts adds what was paid for at each origin beyond what is known of it, and notes it in the same commit.
func (m *merger) counts(ctx context.Context, counts map[origin]tallied) error {
	known, err := mergedInto(ctx, m.to)
	if err != nil {
		return err
	}
	self, err := originOf(ctx, m.to)
	if err != nil {
		return err
	}
	for _, from := range slices.Sorted(maps.Keys(counts)) {
		if from == self { // it has those itself
			continue
		}
		was, seen := known[from]
		all := counts[from].most(was)
		more := all.beyond(was)
		if len(more) == 0 && seen && all.Shard == was.Shard {
			continue
		}
		for key, n := range more {
			counter, err := hex.DecodeString(key)
			if err != nil {
				return err
			}
			m.load.Add(counter, n)
		}
		if err := m.note(from, all); err != nil {
			return err
		}
	}
	shard, err := ShardOf(ctx, m.to)
	if err == nil && !shard.Whole() { // it is more than that now
		err = m.note(self, tallied{Shard: shard.String()})
		m.load.Delete(store.Meta, shardKey)
	}
	if err != nil {
		return err
	}
	return m.load.Flush(ctx)
}

func (m *merger) note(from origin, c tallied) error {
	body, err := json.Marshal(c)
	m.load.Put(store.Meta, store.Record{Key: mergedKey(from), Body: body})
	return err
}

// shards notes which shards are still missing.
func (m *merger) shards(ctx context.Context) error {
	all, err := mergedInto(ctx, m.to)
	if err != nil {
		return err
	}
	there := map[int]map[int]bool{}
	for _, c := range all {
		s, err := ParseShard(c.Shard)
		if err != nil {
			continue // no shard's
		}
		if there[s.N] == nil {
			there[s.N] = map[int]bool{}
		}
		there[s.N][s.I] = true
	}
	for _, n := range slices.Sorted(maps.Keys(there)) {
		var missing []string
		for i := 1; i <= n; i++ {
			if !there[n][i] {
				missing = append(missing, Shard{i, n}.String())
			}
		}
		if len(missing) > 0 && len(there) == 1 {
			m.report.Notes = append(m.report.Notes, fmt.Sprintf("Not merged yet: %s.", shardList(missing)))
		}
	}
	return nil
}

func shardList(all []string) string {
	const most = 10
	if len(all) <= most {
		return "shards " + strings.Join(all, ", ")
	}
	return fmt.Sprintf("shards %s and %d others", strings.Join(all[:most], ", "), len(all)-most)
}
