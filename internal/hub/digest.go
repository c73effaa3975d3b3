package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// sampleSize is how much of a file the Hub looks at to tell text from binary.
const sampleSize = 512

// sample is the beginning of a file.
func (f File) sample() ([]byte, error) {
	s, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	b := make([]byte, min(sampleSize, f.Size))
	_, err = io.ReadFull(io.NewSectionReader(s, 0, f.Size), b)
	return b, err
}

// sha256 is the name of a file in Large File Storage. It is made once; told hears of bytes as they are read.
func (f File) sha256(ctx context.Context, told func(int64)) (sum string, err error) {
	if f.sums.sha256 == "" {
		f.sums.sha256, err = f.digest(ctx, sha256.New(), told)
	}
	return f.sums.sha256, err
}

// blob is git's name of a file. It is made once.
func (f File) blob(ctx context.Context) (sum string, err error) {
	if f.sums.blob == "" {
		h := sha1.New()
		fmt.Fprintf(h, "blob %d\x00", f.Size)
		f.sums.blob, err = f.digest(ctx, h, func(int64) {})
	}
	return f.sums.blob, err
}

func (f File) digest(ctx context.Context, h hash.Hash, told func(int64)) (string, error) {
	s, err := f.Open()
	if err != nil {
		return "", err
	}
	defer s.Close()
	r := io.NewSectionReader(s, 0, f.Size)
	buffer := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := r.Read(buffer)
		h.Write(buffer[:n])
		told(int64(n))
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if at, _ := r.Seek(0, io.SeekCurrent); at != f.Size {
		return "", fmt.Errorf("%s is shorter than it was", f.Path)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
