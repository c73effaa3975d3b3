package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"openarena/internal/hub"
)

// staged are files that wait for their upload.
type staged struct {
	dir    string // to be removed at the end; "": none
	change hub.Change

	// Of an export, what depends on what is there; nil of a folder.
	page  func(ctx context.Context, at *hub.Head) (hub.File, error) // README.md
	stale func(at *hub.Head) []string                               // files to be removed
}

// at is what a branch is to become.
func (s *staged) at(ctx context.Context, at *hub.Head) (hub.Change, error) {
	change := s.change
	if s.page == nil {
		return change, nil
	}
	page, err := s.page(ctx, at)
	if err != nil {
		return change, err
	}
	change.Files, change.Remove = append([]hub.File{page}, change.Files...), s.stale(at)
	return change, nil
}

func (s *staged) close() {
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// folder lists the files of a folder, in order of their paths. What is hidden stays here, and so do links: both may hold what
// nobody meant to publish.
func (u *uploading) folder(dir string) (*staged, error) {
	s, left := &staged{}, 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != ".gitattributes"
		switch {
		case hidden && d.IsDir():
			left++
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case hidden || !d.Type().IsRegular():
			left++
			return nil
		}
		inside, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		f, err := hub.Local(filepath.ToSlash(inside), name)
		s.change.Files = append(s.change.Files, f)
		return err
	})
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if left > 0 {
		u.say(u.c, "left out of %s: %s, hidden or a link", dir, count(left, "name"))
	}
	if len(s.change.Files) == 0 {
		return nil, usage("%s has no files to upload", dir)
	}
	return s, nil
}
