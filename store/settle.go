package store

import (
	"errors"
	"fmt"
	"path/filepath"
)

// settle puts on the disk what a process that was killed left in the page cache only: its last meta page, and the file's
// name. bbolt takes both for durable. It would write the next commit over pages of the state before, which is the one
// that a power cut brings back.
//
// The meta page is written once more, with the same bytes. After a sync that failed the kernel may call a page clean that
// the disk does not have, and another sync then does nothing. All other pages are safe: a meta page is written only when
// those it leads to are synced.
func (img *image) settle() error {
	page := make([]byte, pageHeaderSize+metaSize)
	at := int64(img.meta.number) * img.meta.pageSize
	err := readFull(img.r, page, at)
	if err == nil {
		_, err = img.r.WriteAt(page, at)
	}
	if err = errors.Join(err, img.r.Sync(), syncDir(filepath.Dir(img.path))); err != nil {
		return fmt.Errorf("%w: sync %s: %w; nothing was changed", ErrUnwritable, img.path, err)
	}
	return nil
}
