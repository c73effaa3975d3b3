package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// platform is what one archive is for.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

func (p platform) binary() string {
	if p.os == "windows" {
		return "openarena.exe"
	}
	return "openarena"
}

func (p platform) archive(s stamp) string {
	if p.os == "windows" {
		return p.folder(s) + ".zip"
	}
	return p.folder(s) + ".tar.gz"
}

// folder is what an archive unpacks to.
func (p platform) folder(s stamp) string {
	name := s.version
	if name == unknown.version {
		name += "-" + s.commit
	}
	return fmt.Sprintf("openarena-%s-%s-%s", name, p.os, p.arch)
}

func (p platform) isHost() bool { return p.os == runtime.GOOS && p.arch == runtime.GOARCH }

// build makes a binary that depends on nothing but the source, the version of Go and the stamp. What the environment says
// about builds is overruled.
func build(ctx context.Context, root, binary string, p platform, s stamp) error {
	flags := fmt.Sprintf("-s -w -buildid= -X main.release=%s -X main.commit=%s", s.version, s.commit)
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", flags,
		"-o", binary, "./cmd/openarena")
	c.Dir = root
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch,
		"GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOFIPS140=off")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	return c.Run()
}

// tryHost runs the binary that is for this machine.
func tryHost(ctx context.Context, binary string, s stamp) error {
	out, err := exec.CommandContext(ctx, binary, "--version").CombinedOutput()
	want := fmt.Sprintf("%s, commit %s,", s.version, s.commit)
	if err != nil || !strings.Contains(string(out), want) {
		return fmt.Errorf("openarena --version prints %q, %v; want %q in it", out, err, want)
	}
	return nil
}
