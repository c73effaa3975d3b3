package dataset

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Takes reports whether a file is one that a pattern names, or would name once it is there. dir is the folder that a
// relative pattern begins at. Who writes a file asks this first: what a dataset takes in belongs to the user.
func Takes(pattern, dir, file string) bool {
	for _, form := range []func(string) (string, error){filepath.Abs, linksFollowed} {
		d, errDir := form(dir)
		f, errFile := form(file)
		if errDir == nil && errFile == nil && names(pattern, d, f) {
			return true
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		return false
	}
	there, err := match(pattern, dir)
	return err == nil && slices.ContainsFunc(there, func(name string) bool {
		other, err := os.Stat(under(dir, name))
		return err == nil && os.SameFile(info, other)
	})
}

// linksFollowed is the absolute path of a file whose folder is there.
func linksFollowed(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	return filepath.Join(dir, filepath.Base(abs)), err
}

// literal escapes what a pattern would take for more than a letter.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// names compares words only. dir and file are absolute.
func names(pattern, dir, file string) bool {
	if file == under(dir, pattern) {
		return true
	}
	pattern = filepath.ToSlash(pattern)
	if !path.IsAbs(pattern) {
		pattern = literal.Replace(filepath.ToSlash(dir)) + "/" + pattern
	}
	return leads(strings.Split(path.Clean(pattern), "/"), strings.Split(filepath.ToSlash(file), "/"))
}

// leads matches segments as expand follows them.
func leads(pattern, name []string) bool {
	if len(pattern) == 0 || len(name) == 0 {
		return len(pattern) == len(name)
	}
	seg, rest := pattern[0], pattern[1:]
	hidden := strings.HasPrefix(name[0], ".") && !strings.HasPrefix(seg, ".")
	if seg != "**" {
		ok, err := path.Match(seg, name[0])
		return err == nil && ok && !hidden && leads(rest, name[1:])
	}
	if len(rest) == 0 {
		rest = []string{"*"}
	}
	return leads(rest, name) || !hidden && leads(pattern, name[1:])
}
