package store

import "fmt"

// maxReported bounds the memory of a report; what is beyond it is counted only.
const maxReported = 10_000

// Usage is what one bucket holds.
type Usage struct {
	Records int64 `json:"records"`
	Bytes   int64 `json:"bytes"` // keys, metas and bodies
}

// Report is what [Check] or [Repair] found.
type Report struct {
	Path     string
	Buckets  map[Bucket]Usage // records that are well
	Bad      []*RecordError   // records that are not, the first 10,000 of them
	BadCount int64
	Damage   []Lost // pages that cannot be read or contradict others, the first 10,000 of them
	Orphans  int64  // texts without a record: no harm but the space; Check only
	Restored int64  // records that Repair took from the state before the last commit
	Saved    string // where Repair left the old file
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return r.BadCount == 0 && len(r.Damage) == 0 }

func (r *Report) addBad(bk Bucket, key []byte, why string) {
	r.BadCount++
	if len(r.Bad) < maxReported {
		r.Bad = append(r.Bad, &RecordError{Bucket: bk, Key: append([]byte(nil), key...), What: why})
	}
}

func (r *Report) addLost(l Lost) {
	if len(r.Damage) < maxReported {
		r.Damage = append(r.Damage, l)
	}
}

func (r *Report) count(bk Bucket, bytes int) {
	u := r.Buckets[bk]
	u.Records++
	u.Bytes += int64(bytes)
	r.Buckets[bk] = u
}

// Lost is a page that cannot be read, and with it every record between two keys.
type Lost struct {
	Page     uint64
	Bucket   Bucket // 0: the page belongs to the texts, or to no bucket
	From, To []byte // as in Range
	What     string
}

func (l Lost) String() string {
	s := fmt.Sprintf("page %d: %s", l.Page, l.What)
	if l.Bucket == 0 {
		return s
	}
	return fmt.Sprintf("%s; %s from key %x to %x cannot be read", s, l.Bucket, l.From, l.To)
}

// covers reports whether a key lies in the lost range.
func (l Lost) covers(bk Bucket, key []byte) bool {
	return l.Bucket == bk && Range{From: l.From, To: l.To}.contains(key)
}
