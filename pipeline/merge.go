package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"openarena/store"
)

// MergeSource is a database that is merged into another.
type MergeSource struct {
	Name   string // for people
	Reader store.Reader
}

// Merged is what a merge found and did. Records that were there when it began, from an earlier merge of the same databases
// too, count as there.
type Merged struct {
	Sources []MergedSource `json:"sources"`
	Buckets []MergedBucket `json:"buckets"`
	// Uncounted are judgments of texts that lost against others under the same key: they are kept, and no result counts them.
	Uncounted int64 `json:"judgments_not_counted"`
	// Settled are failures of what another database has done.
	Settled int64    `json:"failures_settled"`
	Notes   []string `json:"notes"`
}

// MergedSource is one source.
type MergedSource struct {
	Name    string `json:"name"`
	Shard   string `json:"shard,omitempty"`
	Records int64  `json:"records"` // that it has
	Copied  int64  `json:"copied"`
	Bytes   int64  `json:"bytes"` // read of it
}

// MergedBucket is one bucket of all sources.
type MergedBucket struct {
	Bucket    store.Bucket `json:"bucket"`
	Copied    int64        `json:"copied"`
	There     int64        `json:"there"`     // the same was there already
	Conflicts int64        `json:"conflicts"` // another one was there, which stays
}

// ErrOtherArena: databases that have no dataset in common are not merged.
var ErrOtherArena = errors.New("databases of different arenas")

// Merge brings what frozen sources have into a store, in their order: of records with the same key the first one stays, and what
// the store has is before all. It may be killed at any moment and made again, with more sources, too: nothing is there
// twice, and no counter counts twice. tell is told of the source at hand after each commit; nil: nobody is. Errors:
// ErrOtherArena, before anything is written, and those of reading and writing.
func Merge(ctx context.Context, to store.Store, sources []MergeSource, tell func(MergedSource)) (*Merged, error) {
	m := &merger{to: to, tell: tell, report: &Merged{Sources: []MergedSource{}, Notes: []string{}}}
	for bk := store.Prompts; bk <= store.Meta; bk++ {
		if bk != store.Totals {
			m.report.Buckets = append(m.report.Buckets, MergedBucket{Bucket: bk})
		}
	}
	if err := oneArena(ctx, to, sources); err != nil {
		return nil, err
	}
	if err := Identify(ctx, to); err != nil {
		return nil, err
	}
	verdicts, err := holdsAny(ctx, to, store.Verdicts)
	if err != nil {
		return nil, err
	}
	m.load, m.fresh = store.NewLoader(to, m.committed), !verdicts
	for _, s := range sources {
		if err := m.source(ctx, s); err != nil {
			m.load.Abandon()
			return m.report, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	if err := m.settle(ctx); err != nil {
		return m.report, err
	}
	return m.report, m.shards(ctx)
}

// merger merges one source after the other.
type merger struct {
	to     store.Store
	load   *store.Loader
	tell   func(MergedSource)
	report *Merged
	fresh  bool // the store had no verdicts

	// Of the source at hand.
	now    *MergedSource
	lost   map[AnswerKey]bool  // its texts that lost
	spoken map[VerdictKey]bool // judgments whose words lost: its verdicts are of other words
	raced  []store.Op          // records that were not there when looked for, and were when they came
}

// mergeOrder is that of the buckets: words before what they mean, and results before failures. Totals follow at last.
var mergeOrder = [...]store.Bucket{
	store.Prompts, store.Datasets, store.Answers, store.Judgments, store.Verdicts, store.Failures, store.Batches, store.Votes,
	store.Retired, store.Meta,
}

func (m *merger) source(ctx context.Context, s MergeSource) error {
	self, counts, err := countedIn(ctx, s.Reader)
	if err != nil {
		return err
	}
	m.report.Sources = append(m.report.Sources, MergedSource{Name: s.Name, Shard: counts[self].Shard})
	m.now = &m.report.Sources[len(m.report.Sources)-1]
	m.lost, m.spoken = map[AnswerKey]bool{}, map[VerdictKey]bool{}
	if err := m.twice(ctx, self, counts[self]); err != nil {
		return err
	}
	if err := m.readers(ctx, s.Reader); err != nil {
		return err
	}
	for _, bk := range mergeOrder {
		if err := m.bucket(ctx, s.Reader, bk); err != nil {
			return err
		}
		if err := m.load.Flush(ctx); err != nil { // the next bucket depends on what became of this one
			return err
		}
		if err := m.races(ctx); err != nil {
			return err
		}
	}
	return m.counts(ctx, counts)
}

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

func (m *merger) bucket(ctx context.Context, from store.Reader, bk store.Bucket) error {
	there := twin{reader: m.to, bucket: bk}
	defer there.close()
	for rec, err := range from.Scan(ctx, bk, store.Range{}, store.WithBody) {
		if err != nil {
			return err
		}
		m.now.Records++
		m.now.Bytes += int64(len(rec.Key) + len(rec.Meta) + len(rec.Body))
		if bk == store.Meta && ofMachine(rec.Key) {
			continue
		}
		old, err := there.at(ctx, rec.Key)
		if err == nil {
			err = m.record(ctx, bk, rec, old)
		}
		if err == nil {
			err = m.load.Spill(ctx)
		}
		if err != nil {
			return err
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

// record merges one record of the source; old is what is there under its key, nil if nothing is.
func (m *merger) record(ctx context.Context, bk store.Bucket, rec store.Record, old *store.Record) error {
	switch bk {
	case store.Failures:
		return m.failure(ctx, rec, old)
	case store.Judgments, store.Verdicts:
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		if err != nil {
			return err
		}
		if bk == store.Verdicts && m.orphaned(key) {
			m.report.Uncounted++
		}
		if m.spoken[key] { // an attempt before this one, or what the verdict is of, has lost
			m.of(bk).Conflicts++
			return nil
		}
	}
	if old == nil {
		m.load.PutOnce(bk, rec)
		return nil
	}
	return m.met(bk, rec, *old)
}

// met books a record whose key is taken.
func (m *merger) met(bk store.Bucket, rec, old store.Record) error {
	if equal, err := same(bk, rec, old); err != nil || equal {
		m.of(bk).There++
		return err
	}
	m.of(bk).Conflicts++
	switch bk {
	case store.Answers:
		key, err := parseAnswerKey(rec.Key)
		m.lost[key] = true
		return err
	case store.Judgments:
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		m.spoken[key] = true
		return err
	}
	return nil
}

// orphaned reports whether a verdict of the source is of a text that lost.
func (m *merger) orphaned(k VerdictKey) bool {
	if len(m.lost) == 0 {
		return false
	}
	return m.lost[AnswerKey{k.Prompt, k.A.Contestant, k.A.Sample}] || m.lost[AnswerKey{k.Prompt, k.B.Contestant, k.B.Sample}]
}

// same reports whether two records under one key say the same. How long a reply took is no difference.
func same(bk store.Bucket, a, b store.Record) (bool, error) {
	switch {
	case bk == store.Answers || bk == store.Judgments:
		x, _, err := parseHead(a.Meta)
		if err != nil {
			return false, err
		}
		y, _, err := parseHead(b.Meta)
		return x == y, err
	case bk == store.Datasets && len(a.Key) > 0 && a.Key[0] == kindManifest:
		return bytes.Equal(a.Meta, b.Meta), nil // files have other dates on every machine
	case bk == store.Prompts:
		return true, nil // the key is all of it
	case bk == store.Meta:
		return true, nil // what a machine has learnt: one is as good as the other
	}
	return bytes.Equal(a.Meta, b.Meta) && bytes.Equal(a.Body, b.Body), nil
}

// failure merges one: it is of no use where the work is done, and one for good stands above one that is tried again.
func (m *merger) failure(ctx context.Context, rec store.Record, old *store.Record) error {
	done, err := m.done(ctx, rec.Key)
	if err != nil {
		return err
	}
	if done {
		m.report.Settled++
		return nil
	}
	if old == nil {
		m.load.PutOnce(store.Failures, rec)
		return nil
	}
	if equal, _ := same(store.Failures, rec, *old); equal {
		m.of(store.Failures).There++
		return nil
	}
	m.of(store.Failures).Conflicts++
	mine, err := parseFailure(rec.Meta, nil)
	if err != nil {
		return err
	}
	theirs, err := parseFailure(old.Meta, nil)
	if err == nil && mine.Permanent && !theirs.Permanent {
		m.load.Put(store.Failures, rec)
	}
	return err
}

// done reports whether the store has what a failure is about.
func (m *merger) done(ctx context.Context, key []byte) (bool, error) {
	bk := store.Answers
	if len(key) == verdictSize {
		bk = store.Verdicts
	}
	_, err := m.to.Get(ctx, bk, key, store.KeyOnly)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// settle removes the failures of what a later source had done.
func (m *merger) settle(ctx context.Context) error {
	for rec, err := range m.to.Scan(ctx, store.Failures, store.Range{}, store.KeyOnly) {
		done := false
		if err == nil {
			done, err = m.done(ctx, rec.Key)
		}
		if done {
			m.report.Settled++
			m.load.Delete(store.Failures, rec.Key)
			err = m.load.Spill(ctx)
		}
		if err != nil {
			m.load.Abandon()
			return err
		}
	}
	return m.load.Flush(ctx)
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

func (m *merger) of(bk store.Bucket) *MergedBucket {
	i := slices.IndexFunc(m.report.Buckets, func(b MergedBucket) bool { return b.Bucket == bk })
	return &m.report.Buckets[i]
}

// committed books what became of records that were added.
func (m *merger) committed(b *store.Batch, r store.Result) error {
	created := r.Created
	for _, o := range b.Ops() {
		if o.Kind != store.OpPutOnce {
			continue
		}
		if created[0] {
			m.of(o.Bucket).Copied++
			m.now.Copied++
		} else {
			m.raced = append(m.raced, o)
		}
		created = created[1:]
	}
	if m.tell != nil {
		m.tell(*m.now)
	}
	return nil
}

// races looks at records that somebody else wrote at the same time: a living worker.
func (m *merger) races(ctx context.Context) error {
	for _, o := range m.raced {
		old, err := m.to.Get(ctx, o.Bucket, o.Key, store.WithBody)
		if errors.Is(err, store.ErrNotFound) { // and removed it again
			continue
		}
		if err == nil {
			err = m.met(o.Bucket, store.Record{Key: o.Key, Meta: o.Meta, Body: o.Body}, old)
		}
		if err != nil {
			return err
		}
	}
	m.raced = nil
	return nil
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

// twin walks a store beside a source: from the first key that is asked for, and no further than the last.
type twin struct {
	reader store.Reader
	bucket store.Bucket
	cursor *store.Cursor
	rec    *store.Record
}

// at is what the store has under a key; nil: nothing. Keys ascend from call to call.
func (t *twin) at(ctx context.Context, key []byte) (*store.Record, error) {
	if t.cursor == nil {
		want := store.WithBody
		if t.bucket == store.Answers || t.bucket == store.Judgments || t.bucket == store.Prompts {
			want = store.WithMeta // has the digest of the text; a prompt's key is one
		}
		t.cursor = store.Walk(ctx, t.reader, t.bucket, store.Range{From: bytes.Clone(key)}, want)
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	for t.rec != nil && bytes.Compare(t.rec.Key, key) < 0 {
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	if t.rec == nil || !bytes.Equal(t.rec.Key, key) {
		return nil, nil
	}
	return t.rec, nil
}

func (t *twin) step() (err error) {
	t.rec, err = t.cursor.Next()
	return err
}

func (t *twin) close() {
	if t.cursor != nil {
		t.cursor.Close()
	}
}

func holdsAny(ctx context.Context, r store.Reader, bk store.Bucket) (bool, error) {
	for _, err := range r.Scan(ctx, bk, store.Range{}, store.KeyOnly) {
		return err == nil, err
	}
	return false, nil
}
