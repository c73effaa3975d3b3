package pipeline

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"openarena/pipeline/dataset"
	"openarena/store"
)

// A dataset lies in the Datasets bucket as a listing. Its version is a hash of the settings and of the files' contents,
// so that a changed file makes a new listing beside the old one; the manifest, written last, names the one that counts.
//
//	0 spec                 manifest
//	1 version prompt-hash  member: row, category; body: reference
//	2 version row          prompt-hash
//	3 version text-hash    prompt-hash, for answers from files that know only the user's text
const (
	kindManifest = iota
	kindMember
	kindRow
	kindText
)

// manifest says what a dataset held when it was last read.
type manifest struct {
	Label       string       `json:"label"`
	Version     ID           `json:"-"`
	Stat        string       `json:"stat"` // names, sizes and times: if they are the same the files are not read again
	Fingerprint string       `json:"fingerprint"`
	Rows        int          `json:"rows"` // usable ones
	Prompts     int          `json:"prompts"`
	Hub         *dataset.Pin `json:"hub,omitempty"` // of a set on the Hub
	Rejected
	Dropped []Dropped `json:"dropped,omitempty"`
}

func (m manifest) duplicates() int { return m.Rows - m.Prompts - m.dropped() }

// specID is the hash of all settings that decide which prompts dataset i yields.
func (a *Arena) specID(i int) (ID, error) {
	d := a.Config.Datasets[i]
	settings := map[string]any{
		"name": d.Name, "path": d.Path, "config": d.Config, "revision": d.Revision, "split": d.Split,
		"field": d.Field, "limit": d.Limit, "offset": d.Offset, "sample": d.Sample, "seed": d.Seed,
		"system_field": d.SystemField, "reference_field": d.ReferenceField, "category_field": d.CategoryField,
		"template": d.Template,
	}
	if p := a.Config.Prompts; p.Any() {
		settings["prompts"] = screening(p)
		if p.NearDuplicates > 0 && i > 0 {
			earlier, err := a.specID(i - 1)
			if err != nil {
				return ID{}, err
			}
			settings["earlier"] = earlier.String()
		}
	}
	text, err := encode(settings)
	return sum[ID](text), err
}

func listingKey(kind byte, id ID, rest []byte) []byte {
	return append(append([]byte{kind}, id[:]...), rest...)
}

func rowKey(version ID, row int) []byte {
	return listingKey(kindRow, version, binary.BigEndian.AppendUint64(nil, uint64(row)))
}

// errNotRead: the database does not hold this dataset as the file describes it.
var errNotRead = errors.New("with these settings its rows are not in the database yet; `openarena run` reads them")

// readManifest reads that of dataset i.
func (a *Arena) readManifest(ctx context.Context, r store.Reader, i int) (m manifest, err error) {
	d := a.Config.Datasets[i]
	spec, err := a.specID(i)
	if err != nil {
		return m, err
	}
	rec, err := r.Get(ctx, store.Datasets, listingKey(kindManifest, spec, nil), store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return m, fmt.Errorf("dataset %s: %w", d.Label(), errNotRead)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(rec.Body, &m); err != nil || len(rec.Meta) != idSize {
		return m, fmt.Errorf("dataset %s: %w", d.Label(), errRecord)
	}
	copy(m.Version[:], rec.Meta)
	return m, nil
}

// member is one prompt of a dataset.
type member struct {
	Row       int
	Category  string
	Reference string
	digest    Digest // of Reference; zero where there is none, or where it was not read
}

func (m member) meta() []byte {
	b := append(make([]byte, 0, 16+len(m.Category)), recordVersion)
	return appendStrings(binary.AppendUvarint(b, uint64(m.Row)), m.Category)
}

func parseMember(meta, body []byte) (m member, err error) {
	if len(meta) < 1 || meta[0] != recordVersion {
		return m, errRecord
	}
	rest := cursor{rest: meta[1:]}
	m = member{Row: int(rest.int()), Category: rest.string(), Reference: string(body)}
	if len(body) > 0 {
		m.digest = sum[Digest](body)
	}
	return m, rest.err
}

// wanted is one prompt that the present file asks for.
type wanted struct {
	Prompt  Hash
	Dataset int   // the first of the file that lists it
	also    []int // the others that do
	member
}

// listing is one dataset of the file as the database holds it.
type listing struct {
	dataset int
	manifest
}

// listings are the datasets of the file (and trial), or an error that names the first one that was not read yet.
func (a *Arena) listings(ctx context.Context, r store.Reader) ([]listing, error) {
	var all []listing
	for i, d := range a.Config.Datasets {
		if !a.reads(d) {
			continue
		}
		m, err := a.readManifest(ctx, r, i)
		if err != nil {
			return nil, err
		}
		all = append(all, listing{i, m})
	}
	return all, nil
}

// wanted yields the prompts of a span of all datasets in hash order, each once; of a shard those that are its own.
func (a *Arena) wanted(ctx context.Context, r store.Reader, all []listing, part span) iter.Seq2[wanted, error] {
	part = part.within(a.Trial.Shard.span())
	return func(yield func(wanted, error) bool) {
		want := store.WithMeta
		if a.refers() {
			want = store.WithBody
		}
		heads := make([]members, len(all))
		for i, l := range all {
			keys := part.keys(listingKey(kindMember, l.Version, nil))
			heads[i] = members{walk: store.Walk(ctx, r, store.Datasets, keys, want), limit: a.Trial.Limit}
			heads[i].now.Dataset = l.dataset
			defer heads[i].walk.Close()
			heads[i].step()
		}
		for {
			least := -1
			for i := range heads {
				h := &heads[i]
				if h.err != nil {
					yield(wanted{}, h.err)
					return
				}
				if h.ok && (least < 0 || string(h.now.Prompt[:]) < string(heads[least].now.Prompt[:])) {
					least = i
				}
			}
			if least < 0 {
				return
			}
			w := heads[least].now
			for i := range heads {
				if h := &heads[i]; i != least && h.ok && h.now.Prompt == w.Prompt {
					w.also = append(w.also, h.now.Dataset)
				}
			}
			if !yield(w, nil) {
				return
			}
			for i := range heads {
				if heads[i].ok && heads[i].now.Prompt == w.Prompt {
					heads[i].step()
				}
			}
		}
	}
}

// members walks one dataset's prompts in hash order, with their references where a judge is shown them.
type members struct {
	walk  *store.Cursor
	limit int // rows; 0: all
	now   wanted
	ok    bool // there is one
	err   error
}

func (m *members) step() {
	m.ok = false
	for {
		rec, err := m.walk.Next()
		if err != nil || rec == nil {
			m.err = err
			return
		}
		copy(m.now.Prompt[:], rec.Key[1+idSize:])
		if m.now.member, m.err = parseMember(rec.Meta, rec.Body); m.err != nil {
			return
		}
		if m.limit <= 0 || m.now.Row < m.limit {
			m.ok = true
			return
		}
	}
}

// rows yields the prompts of all datasets in the order of the file and its rows, each once.
func (a *Arena) rows(ctx context.Context, r store.Reader, all []listing) iter.Seq2[wanted, error] {
	own := a.Trial.Shard.span()
	return func(yield func(wanted, error) bool) {
		for i, l := range all {
			for rec, err := range r.Scan(ctx, store.Datasets, store.Prefix(listingKey(kindRow, l.Version, nil)), store.WithMeta) {
				w := wanted{Dataset: l.dataset}
				seen := false
				if err == nil {
					w.Row = int(binary.BigEndian.Uint64(rec.Key[1+idSize:]))
					copy(w.Prompt[:], rec.Meta)
					seen, err = listed(ctx, r, all[:i], w.Prompt)
				}
				if err == nil && (seen || a.Trial.Limit > 0 && w.Row >= a.Trial.Limit || !own.holds(w.Prompt)) {
					continue
				}
				if err == nil {
					err = w.read(ctx, r, l.Version)
				}
				if !yield(w, err) || err != nil {
					return
				}
			}
		}
	}
}

// read fills in the member record of a prompt, its reference included.
func (w *wanted) read(ctx context.Context, r store.Reader, version ID) error {
	rec, err := r.Get(ctx, store.Datasets, listingKey(kindMember, version, w.Prompt[:]), store.WithBody)
	if err != nil {
		return err
	}
	w.member, err = parseMember(rec.Meta, rec.Body)
	return err
}

// locate finds the first dataset of the file (and trial) that lists a prompt.
func (a *Arena) locate(ctx context.Context, r store.Reader, in []listing, h Hash) (w wanted, found bool, err error) {
	if !a.Trial.Shard.span().holds(h) {
		return wanted{Prompt: h}, false, nil
	}
	for _, l := range in {
		w := wanted{Prompt: h, Dataset: l.dataset}
		err := w.read(ctx, r, l.Version)
		if errors.Is(err, store.ErrNotFound) || err == nil && a.Trial.Limit > 0 && w.Row >= a.Trial.Limit {
			continue
		}
		return w, err == nil, err
	}
	return wanted{Prompt: h}, false, nil
}

// listed reports whether one of the listings holds the prompt.
func listed(ctx context.Context, r store.Reader, in []listing, h Hash) (bool, error) {
	versions := make([]ID, len(in))
	for i, l := range in {
		versions[i] = l.Version
	}
	return listedIn(ctx, r, versions, h)
}

// listedIn is listed for versions of listings.
func listedIn(ctx context.Context, r store.Reader, in []ID, h Hash) (bool, error) {
	for _, version := range in {
		_, err := r.Get(ctx, store.Datasets, listingKey(kindMember, version, h[:]), store.KeyOnly)
		if !errors.Is(err, store.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}
