package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// bbolt's page format, read here without bbolt: a damaged page is an error, never a fault. Numbers are in the byte order
// of the machine that wrote the file.
const (
	pageHeaderSize  = 16
	pageElementSize = 16
	bucketRootSize  = 16 // root page and sequence of a bucket; an inline page follows if the root is 0

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	leafBucket = 0x01 // flag of a leaf element whose value is a bucket
)

var native = binary.NativeEndian

// node is a checked branch or leaf page: all its elements lie inside data and its keys ascend.
type node struct {
	leaf  bool
	count int
	pages uint64 // including overflow
	data  []byte
}

// parseNode checks a page that holds keys. The id of an inline page is 0.
func parseNode(id uint64, data []byte) (node, error) {
	if len(data) < pageHeaderSize {
		return node{}, errors.New("page is cut short")
	}
	if got := native.Uint64(data); got != id {
		return node{}, fmt.Errorf("page calls itself %d", got)
	}
	flags := native.Uint16(data[8:])
	if flags != branchPage && flags != leafPage {
		return node{}, fmt.Errorf("page has type %#x", flags)
	}
	n := node{leaf: flags == leafPage, count: int(native.Uint16(data[10:])), pages: 1 + uint64(native.Uint32(data[12:])), data: data}
	if pageHeaderSize+n.count*pageElementSize > len(data) {
		return node{}, fmt.Errorf("page claims %d elements", n.count)
	}
	if n.count == 0 && !n.leaf {
		return node{}, errors.New("branch page is empty")
	}
	var last []byte
	for i := range n.count {
		if !n.fits(i) {
			return node{}, fmt.Errorf("element %d lies outside its page", i)
		}
		if key := n.key(i); len(key) == 0 || (i > 0 && bytes.Compare(last, key) >= 0) {
			return node{}, fmt.Errorf("element %d is out of order", i)
		}
		last = n.key(i)
	}
	return n, nil
}

// element returns where element i begins and its key's and value's place and length, relative to the page.
func (n node) element(i int) (at, pos, ksize, vsize int) {
	at = pageHeaderSize + i*pageElementSize
	if n.leaf {
		return at, at + int(native.Uint32(n.data[at+4:])), int(native.Uint32(n.data[at+8:])), int(native.Uint32(n.data[at+12:]))
	}
	return at, at + int(native.Uint32(n.data[at:])), int(native.Uint32(n.data[at+4:])), 0
}

func (n node) fits(i int) bool {
	_, pos, ksize, vsize := n.element(i)
	return pos+ksize+vsize <= len(n.data)
}

func (n node) key(i int) []byte {
	_, pos, ksize, _ := n.element(i)
	return n.data[pos : pos+ksize : pos+ksize]
}

// value is that of a leaf's element; never nil.
func (n node) value(i int) []byte {
	_, pos, ksize, vsize := n.element(i)
	return n.data[pos+ksize : pos+ksize+vsize : pos+ksize+vsize]
}

func (n node) isBucket(i int) bool {
	at, _, _, _ := n.element(i)
	return n.leaf && native.Uint32(n.data[at:])&leafBucket != 0
}

// child is the page below a branch's element.
func (n node) child(i int) uint64 {
	at, _, _, _ := n.element(i)
	return native.Uint64(n.data[at+8:])
}

// lookup returns the place of the last key that is not above key, or 0, and whether it is that key.
func (n node) lookup(key []byte) (int, bool) {
	lo, hi := 0, n.count
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(n.key(mid), key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0, false
	}
	return lo - 1, bytes.Equal(n.key(lo-1), key)
}

// readPage returns a page with its overflow, unchecked beyond its bounds.
func (img *image) readPage(id uint64) ([]byte, error) {
	if id < 2 || id >= img.meta.pages {
		return nil, fmt.Errorf("there is no page %d", id)
	}
	size := img.meta.pageSize
	data := make([]byte, size)
	if err := readFull(img.r, data, int64(id)*size); err != nil {
		return nil, err
	}
	overflow := uint64(native.Uint32(data[12:]))
	if overflow == 0 {
		return data, nil
	}
	if id+overflow >= img.meta.pages || int64(id+overflow+1)*size > img.size {
		return nil, fmt.Errorf("page %d reaches past the end", id)
	}
	all := make([]byte, int64(overflow+1)*size)
	copy(all, data)
	return all, readFull(img.r, all[size:], int64(id+1)*size)
}

func readFull(r io.ReaderAt, data []byte, off int64) error {
	n, err := r.ReadAt(data, off)
	if n == len(data) {
		return nil
	}
	if err == io.EOF {
		return errors.New("the file ends before it")
	}
	return err
}
