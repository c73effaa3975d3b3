package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stamp is what a release says about where it came from.
type stamp struct {
	version, commit string
	time            time.Time // of the commit; every file is dated so
}

// unknown is the stamp of a tree without git.
var unknown = stamp{"dev", "unknown", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}

var tagged = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// stampOf asks git about the tree at root. Without git, without a commit, or where root is only a part of somebody else's
// repository, it is unknown.
func stampOf(ctx context.Context, root string) stamp {
	top, err := git(ctx, root, "rev-parse", "--show-toplevel")
	if err != nil || !sameFolder(top, root) {
		return unknown
	}
	line, err := git(ctx, root, "log", "-1", "--format=%H %ct")
	hash, seconds, _ := strings.Cut(line, " ")
	unix, err2 := strconv.ParseInt(seconds, 10, 64)
	if err != nil || err2 != nil || len(hash) < 12 {
		return unknown
	}
	s := stamp{version: "dev", commit: hash[:12], time: time.Unix(unix, 0).UTC()}
	changed, err := git(ctx, root, "status", "--porcelain", "--untracked-files=no")
	if err != nil || changed != "" {
		s.commit += "-edited"
		return s
	}
	tags, _ := git(ctx, root, "tag", "--points-at", "HEAD", "--sort=-version:refname")
	for _, tag := range strings.Fields(tags) {
		if tagged.MatchString(tag) {
			s.version = tag
			break
		}
	}
	return s
}

// git runs one command of git that only reads. The tree may belong to another user, as one does that a container was
// handed.
func git(ctx context.Context, root string, args ...string) (string, error) {
	args = append([]string{"-c", "safe.directory=*", "--no-optional-locks", "-C", root}, args...)
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	return strings.TrimSpace(string(out)), err
}

func sameFolder(a, b string) bool {
	a, err1 := real(a)
	b, err2 := real(b)
	return err1 == nil && err2 == nil && a == b
}

func real(folder string) (string, error) {
	abs, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
