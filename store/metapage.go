package store

import (
	"errors"
	"hash/fnv"
	"io"
)

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	metaSize     = 64
	metaSumAt    = 56
	minPageSize  = 1 << 10
	maxPageSize  = 1 << 24
	noFreelist   = ^uint64(0)
	metaPageFlag = 0x04
)

// metaPage is one of the two pages that say where everything is. Every commit writes one of them, in turn.
type metaPage struct {
	number   int // 0 or 1
	pageSize int64
	root     uint64 // root page of the bucket of buckets
	freelist uint64
	pages    uint64 // high-water mark: no page in use has this id or a higher one
	txid     uint64
}

func parseMeta(data []byte) (metaPage, error) {
	if len(data) < pageHeaderSize+metaSize || native.Uint16(data[8:])&metaPageFlag == 0 {
		return metaPage{}, errors.New("not a meta page")
	}
	number := native.Uint64(data)
	m := data[pageHeaderSize:]
	if native.Uint32(m) != boltMagic || native.Uint32(m[4:]) != boltVersion {
		return metaPage{}, errors.New("not a bbolt database")
	}
	h := fnv.New64a()
	h.Write(m[:metaSumAt])
	if h.Sum64() != native.Uint64(m[metaSumAt:]) {
		return metaPage{}, errors.New("checksum of the meta page does not hold")
	}
	p := metaPage{
		number:   int(number & 1),
		pageSize: int64(native.Uint32(m[8:])),
		root:     native.Uint64(m[16:]),
		freelist: native.Uint64(m[32:]),
		pages:    native.Uint64(m[40:]),
		txid:     native.Uint64(m[48:]),
	}
	switch {
	case number > 1:
		return metaPage{}, errors.New("meta page in the wrong place")
	case p.pageSize < minPageSize || p.pageSize > maxPageSize || p.pageSize&(p.pageSize-1) != 0:
		return metaPage{}, errors.New("impossible page size")
	case p.root >= p.pages || p.pages > 1<<47/uint64(p.pageSize):
		return metaPage{}, errors.New("impossible number of pages")
	}
	return p, nil
}

// readMetas returns the valid meta pages of a file, the newest first. bbolt writes the second one page size into the file;
// where the first is broken every page size is tried.
func readMetas(r io.ReaderAt) ([]metaPage, error) {
	var found []metaPage
	first, err := metaAt(r, 0)
	if err == nil {
		found = append(found, first)
		if m, err := metaAt(r, first.pageSize); err == nil && m.number == 1 && m.pageSize == first.pageSize {
			found = append(found, m)
		}
	} else {
		for size := int64(minPageSize); size <= maxPageSize; size *= 2 {
			if m, err := metaAt(r, size); err == nil && m.number == 1 && m.pageSize == size {
				found = append(found, m)
				break
			}
		}
	}
	if len(found) == 2 && found[1].txid > found[0].txid {
		found[0], found[1] = found[1], found[0]
	}
	if len(found) == 0 {
		return nil, err
	}
	return found, nil
}

func metaAt(r io.ReaderAt, off int64) (metaPage, error) {
	data := make([]byte, pageHeaderSize+metaSize)
	if err := readFull(r, data, off); err != nil {
		return metaPage{}, err
	}
	return parseMeta(data)
}

// pageIDs returns the ids on a free list page.
func (img *image) pageIDs(id uint64) ([]uint64, error) {
	data, err := img.readPage(id)
	if err != nil {
		return nil, err
	}
	if native.Uint64(data) != id || native.Uint16(data[8:]) != freelistPage {
		return nil, errors.New("not a free list")
	}
	count, list := uint64(native.Uint16(data[10:])), data[pageHeaderSize:]
	if count == 0xffff { // more than fit into 16 bits: the first number is the count
		if len(list) < 8 {
			return nil, errors.New("free list is cut short")
		}
		count, list = native.Uint64(list), list[8:]
	}
	if count > uint64(len(list)/8) {
		return nil, errors.New("free list claims more pages than it holds")
	}
	ids := make([]uint64, count)
	for i := range ids {
		ids[i] = native.Uint64(list[i*8:])
		if ids[i] < 2 || ids[i] >= img.meta.pages {
			return nil, errors.New("free list names a page that does not exist")
		}
	}
	return ids, nil
}
