package main

import (
	"fmt"
	"os"
	"path/filepath"

	"openarena/configs"
	"openarena/pipeline/dataset"
)

// exportable refuses a path of an export that could not be written, or that would replace what the arena is made of. Nobody
// wants to learn that at the end.
func exportable(cfg *configs.Config, path string) error {
	if err := folderOf(path); err != nil {
		return err
	}
	if what := part(cfg, path); what != "" {
		return usage("%s is no place for an export: it is %s, which would be lost; write to another file", path, what)
	}
	return nil
}

// part says which part of the arena a file is, or would be once it is there; empty if it is none.
func part(cfg *configs.Config, path string) string {
	type file struct{ path, what string }
	all := []file{{cfg.Path, "the arena's file"}}
	if db := cfg.StorePath(); db != "" {
		db = end(db)
		all = append(all, file{db, "the database"}, file{db + ".owner", "a file of the database"},
			file{db + ".owner.new", "a file of the database"}, file{db + ".sock", "a file of the database"})
	}
	for _, own := range all {
		if same(own.path, path) {
			return own.what
		}
	}
	for _, d := range cfg.Datasets {
		if !d.OnHub() && dataset.Takes(d.Path, cfg.Dir, path) {
			return fmt.Sprintf("read by the dataset %s", d.Label())
		}
	}
	for _, x := range cfg.Prompts.Exclude {
		if dataset.Takes(x.Path, cfg.Dir, path) {
			return "read for prompts.exclude"
		}
	}
	for _, m := range cfg.Models {
		if m.Answers != nil && dataset.Takes(m.Answers.Path, cfg.Dir, path) {
			return fmt.Sprintf("read for the answers of %s", m.Name)
		}
	}
	return ""
}

// same reports whether two paths lead to one file, which need not be there.
func same(a, b string) bool {
	if x, err := os.Stat(a); err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	return end(a) == end(b)
}

// sameStore reports whether two configurations keep their records in one place.
func sameStore(a, b *configs.Config) bool {
	x, y := a.StorePath(), b.StorePath()
	if x == "" || y == "" {
		return a.Store.URL == b.Store.URL
	}
	return same(x, y)
}

// mostLinks is how many links are followed, as in the kernel: they may lead in a circle.
const mostLinks = 40

// end is where a path leads, links followed, even one to a file that is still to be made.
func end(path string) string {
	for range mostLinks {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
			break
		}
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}
