package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// entry is one file of an archive.
type entry struct {
	name string // in the archive
	from string // on this machine
	mode int64
}

// contents is what goes into the archive of a platform.
func contents(root, binary string, p platform, s stamp) ([]entry, error) {
	files := []entry{{path.Join(p.folder(s), p.binary()), binary, 0o755}}
	for _, paper := range papers {
		from := filepath.Join(root, filepath.FromSlash(paper))
		if _, err := os.Stat(from); err != nil {
			return nil, err
		}
		mode := int64(0o644)
		if path.Ext(paper) == ".sh" {
			mode = 0o755
		}
		files = append(files, entry{path.Join(p.folder(s), paper), from, mode})
	}
	return files, nil
}

// pack writes an archive, .zip or .tar.gz by its name. Owner, mode and time of a file on this machine do not matter.
func pack(name string, files []entry, at time.Time) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	if strings.HasSuffix(name, ".zip") {
		err = packZip(w, files, at)
	} else {
		err = packTar(w, files, at)
	}
	return errors.Join(err, w.Flush())
}

func packTar(w io.Writer, files []entry, at time.Time) error {
	gz, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(gz)
	for _, f := range files {
		data, err := os.ReadFile(f.from)
		if err == nil {
			err = tw.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(data)), ModTime: at, Format: tar.FormatUSTAR})
		}
		if err == nil {
			_, err = tw.Write(data)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(tw.Close(), gz.Close())
}

func packZip(w io.Writer, files []entry, at time.Time) error {
	zw := zip.NewWriter(w)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at}
		h.SetMode(os.FileMode(f.mode))
		to, err := zw.CreateHeader(h)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(f.from)
		if err == nil {
			_, err = to.Write(data)
		}
		if err != nil {
			return err
		}
	}
	return zw.Close()
}

// check reads an archive back and compares every file with the one it was made of.
func check(name string, files []entry) error {
	packed, err := unpack(name)
	if err != nil {
		return err
	}
	if len(packed) != len(files) {
		return fmt.Errorf("it holds %d files; want %d", len(packed), len(files))
	}
	for _, f := range files {
		want, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		got, ok := packed[f.name]
		if !ok || !bytes.Equal(got.data, want) || got.mode != f.mode {
			return fmt.Errorf("%s in it is not %s (mode %o)", f.name, f.from, got.mode)
		}
	}
	return nil
}

// packed is a file as an archive has it.
type packed struct {
	data []byte
	mode int64
}

func unpack(name string) (map[string]packed, error) {
	if strings.HasSuffix(name, ".zip") {
		return unpackZip(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string]packed{}
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			return nil, err
		}
		files[h.Name] = packed{data, h.Mode}
	}
}

func unpackZip(name string) (map[string]packed, error) {
	zr, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	files := map[string]packed{}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		files[f.Name] = packed{data, int64(f.Mode().Perm())}
	}
	return files, nil
}

// writeSums writes what `sha256sum -c` reads.
func writeSums(out string, names []string) error {
	var b strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(data), name)
	}
	fmt.Print(b.String())
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(b.String()), 0o644)
}
