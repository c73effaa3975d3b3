package neardup

// table finds the last entry of a bucket. An entry is text·bands + band + 1, so that the signatures tell its key and the
// table need not hold it.
type table struct {
	slots []uint32 // 0: free
	used  int
}

// find returns the last entry of the bucket that a band belongs to; 0: there is none.
func (t *table) find(x *Index, key uint64, band int) uint32 {
	if len(t.slots) == 0 {
		return 0
	}
	return t.slots[t.slot(x, key, band)]
}

// put makes an entry the last of its bucket, and returns the one that was; 0: there was none. The signature of the entry
// is in the index already.
func (t *table) put(x *Index, key uint64, entry uint32) (before uint32) {
	if 4*(t.used+1) > 3*len(t.slots) {
		t.grow(x)
	}
	i := t.slot(x, key, int(entry-1)%bands)
	before, t.slots[i] = t.slots[i], entry
	if before == 0 {
		t.used++
	}
	return before
}

// slot is the place of a bucket, or the free one that it would take.
func (t *table) slot(x *Index, key uint64, band int) int {
	mask := uint64(len(t.slots) - 1)
	for i := mix(key*bands+uint64(band)) & mask; ; i = (i + 1) & mask {
		e := t.slots[i]
		if e == 0 {
			return int(i)
		}
		id, its := int(e-1)/bands, int(e-1)%bands
		if its == band && x.key(x.signature(id), its) == key {
			return int(i)
		}
	}
}

func (t *table) grow(x *Index) {
	old := t.slots
	t.slots = make([]uint32, max(1024, 2*len(old)))
	for _, e := range old {
		if e > 0 {
			id, band := int(e-1)/bands, int(e-1)%bands
			t.slots[t.slot(x, x.key(x.signature(id), band), band)] = e
		}
	}
}
