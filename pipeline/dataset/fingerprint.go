package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// Fingerprint is the SHA-256, in hex, over names, sizes and contents of the files as they lie there, compressed or not.
// The Hub knows the digests of its files: none is read.
func (fs *files) Fingerprint(ctx context.Context) (string, error) {
	all := sha256.New()
	for _, name := range fs.names {
		size, sum, err := fs.place.digest(ctx, name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, cause(err))
		}
		add(all, []byte(name))
		add(all, binary.BigEndian.AppendUint64(nil, uint64(size)))
		add(all, sum)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// Stat is the SHA-256, in hex, over names, sizes and times of change in nanoseconds. No file is opened.
func (fs *files) Stat(ctx context.Context) (string, error) {
	all := sha256.New()
	for _, name := range fs.names {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		size, stamp, err := fs.place.stat(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, cause(err))
		}
		add(all, []byte(name))
		add(all, binary.BigEndian.AppendUint64(nil, uint64(size)))
		add(all, stamp)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// add hashes a part behind its length, so that no two lists of parts look the same.
func add(h hash.Hash, part []byte) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
	h.Write(part)
}

// digest reads a file once and returns its size and SHA-256.
func digest(ctx context.Context, name string) (int64, []byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	h := sha256.New()
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		n, err := io.CopyN(h, f, 8<<20)
		size += n
		if errors.Is(err, io.EOF) {
			return size, h.Sum(nil), nil
		}
		if err != nil {
			return 0, nil, err
		}
	}
}
