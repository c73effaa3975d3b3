package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

const (
	adviceRepair = "`openarena db repair` saves what can be read"

	maxDepth  = 64       // of a tree; a real one with 4 KB pages has a handful of levels
	cacheSize = 256      // nodes that find keeps
	cacheNode = 64 << 10 // the largest of them, in bytes
)

// image reads a database file page by page with plain reads: no memory map, no bbolt, and so no fault to die of. Whoever
// has one holds the file's lock, so that nothing changes underneath.
type image struct {
	path  string
	r     *os.File
	size  int64
	meta  metaPage
	cache map[uint64]node // of find
}

// openImage examines the parts of the file that bbolt trusts blindly: kind, meta pages, length, free list.
func openImage(path string, f *os.File) (*image, error) {
	metas, size, err := fileMetas(path, f)
	if err != nil {
		return nil, err
	}
	img := &image{path: path, r: f, size: size, meta: metas[0]}
	if want := int64(img.meta.pages) * img.meta.pageSize; size < want {
		return nil, img.damaged(fmt.Sprintf("the file is cut short: %d bytes of %d", size, want), adviceRepair)
	}
	if img.meta.freelist == noFreelist {
		return nil, img.damaged("it has no free list, so openarena did not write it", "choose another file in store.path")
	}
	if _, err := img.pageIDs(img.meta.freelist); err != nil {
		return nil, img.damaged(fmt.Sprintf("page %d: %v", img.meta.freelist, err), adviceRepair)
	}
	return img, nil
}

// fileMetas returns the valid meta pages of a database, the newest first, and the file's size.
func fileMetas(path string, f *os.File) ([]metaPage, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("examine database: %w", err)
	}
	damaged := func(what, advice string) error { return &DamagedError{Path: path, What: what, Advice: advice} }
	switch {
	case !info.Mode().IsRegular():
		return nil, 0, damaged("this is not a regular file", "choose another one in store.path")
	case info.Size() == 0:
		return nil, 0, damaged("the file is empty, which no database is", "remove it if nothing else needs it")
	}
	metas, err := readMetas(f)
	if err != nil {
		return nil, 0, damaged("this is no database, or its first pages are destroyed: "+err.Error(),
			"choose another file in store.path, or restore a copy")
	}
	return metas, info.Size(), nil
}

func (img *image) damaged(what, advice string) error {
	return &DamagedError{Path: img.path, What: what, Advice: advice}
}

// rootOf is where a tree begins: a page, or a page inside the value that names it.
type rootOf struct {
	page   uint64
	inline []byte
}

// buckets returns the roots of all buckets by name.
func (img *image) buckets() (map[string]rootOf, error) {
	roots := map[string]rootOf{}
	var failed error
	w := walker{img: img, seen: newBitset(img.meta.pages)}
	w.lost = func(l Lost) { failed = img.damaged(l.String(), adviceRepair) }
	w.entry = func(key, value []byte, bucket bool) error {
		if root, ok := parseRoot(value); ok && bucket {
			roots[string(key)] = root
		}
		return nil
	}
	if err := w.walk(rootOf{page: img.meta.root}); err != nil {
		return nil, err
	}
	return roots, failed
}

func parseRoot(value []byte) (rootOf, bool) {
	if len(value) < bucketRootSize {
		return rootOf{}, false
	}
	if page := native.Uint64(value); page != 0 {
		return rootOf{page: page}, true
	}
	return rootOf{inline: bytes.Clone(value[bucketRootSize:])}, true
}

// node reads and checks a page of a tree.
func (img *image) node(root rootOf) (node, error) {
	if root.page == 0 {
		return parseNode(0, root.inline)
	}
	data, err := img.readPage(root.page)
	if err != nil {
		return node{}, err
	}
	return parseNode(root.page, data)
}

// find returns the value of a key, or nil. It keeps nodes it has read, since keys looked up one after another are near
// each other.
func (img *image) find(root rootOf, key []byte) ([]byte, error) {
	for range maxDepth {
		n, err := img.cachedNode(root)
		if err != nil {
			return nil, img.damaged(fmt.Sprintf("page %d: %v", root.page, err), adviceRepair)
		}
		i, exact := n.lookup(key)
		if n.leaf {
			if !exact {
				return nil, nil
			}
			return n.value(i), nil
		}
		root = rootOf{page: n.child(i)}
	}
	return nil, img.damaged("a tree in it has no end", adviceRepair)
}

func (img *image) cachedNode(root rootOf) (node, error) {
	if n, ok := img.cache[root.page]; ok && root.page != 0 {
		return n, nil
	}
	n, err := img.node(root)
	if err != nil || len(n.data) > cacheNode || root.page == 0 {
		return n, err
	}
	if img.cache == nil || len(img.cache) >= cacheSize {
		img.cache = make(map[uint64]node, cacheSize)
	}
	img.cache[root.page] = n
	return n, nil
}

// bitset is a set of page ids: one bit each, 32 MB for a terabyte.
type bitset []uint64

func newBitset(n uint64) bitset { return make(bitset, n/64+1) }

// add reports whether id was not yet there.
func (b bitset) add(id uint64) bool {
	word, bit := id/64, uint64(1)<<(id%64)
	if word >= uint64(len(b)) || b[word]&bit != 0 {
		return false
	}
	b[word] |= bit
	return true
}

func (b bitset) has(id uint64) bool {
	return id/64 < uint64(len(b)) && b[id/64]&(1<<(id%64)) != 0
}

var errPageTwice = errors.New("page is used twice")

// walker visits all entries of a tree in order. What cannot be read it reports to lost, and goes on behind it.
type walker struct {
	img   *image
	seen  bitset // pages visited, by all walks that share it
	lost  func(Lost)
	entry func(key, value []byte, bucket bool) error // ends the walk with an error
	pages uint64                                     // visited
}

// walk visits the tree below root.
func (w *walker) walk(root rootOf) error { return w.visit(root, nil, nil, 0) }

// visit walks a subtree whose keys are said to lie between low (included) and high (excluded); nil is open.
func (w *walker) visit(root rootOf, low, high []byte, depth int) error {
	n, err := w.enter(root, low, high, depth)
	if err != nil {
		w.lost(Lost{Page: root.page, From: bytes.Clone(low), To: bytes.Clone(high), What: err.Error()})
		return nil
	}
	for i := range n.count {
		if n.leaf {
			if err := w.entry(n.key(i), n.value(i), n.isBucket(i)); err != nil {
				return err
			}
			continue
		}
		from, to := n.key(i), high
		if i+1 < n.count {
			to = n.key(i + 1)
		}
		if err := w.visit(rootOf{page: n.child(i)}, from, to, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) enter(root rootOf, low, high []byte, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, errors.New("tree has no end")
	}
	if root.page != 0 && w.seen.has(root.page) {
		return node{}, errPageTwice
	}
	n, err := w.img.node(root)
	if err != nil {
		return node{}, err
	}
	if n.count > 0 && (bytes.Compare(n.key(0), low) < 0 || (high != nil && bytes.Compare(n.key(n.count-1), high) >= 0)) {
		return node{}, errors.New("keys belong elsewhere")
	}
	if root.page == 0 {
		return n, nil
	}
	w.pages += n.pages
	for id := root.page; id < root.page+n.pages; id++ {
		if !w.seen.add(id) {
			return node{}, errPageTwice
		}
	}
	return n, nil
}
