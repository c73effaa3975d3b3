package power

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// checker has a process of its own look at images: a broken tree could be walked for ever, or take the process down.
type checker struct {
	binary string
	dir    string

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
}

// check returns what is wrong with an image; "" if nothing is. The error is for what could not be found out.
func (c *checker) check(ctx context.Context, k cut) (wrong string, err error) {
	// A folder of its own: a database that failed to open may keep its map and its lock.
	dir, err := os.MkdirTemp(c.dir, "image-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, data := range k.image {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return "", err
		}
	}
	if c.cmd == nil {
		if err := c.start(ctx); err != nil {
			return "", err
		}
	}
	question, err := json.Marshal(map[string]any{"Dir": dir, "Notes": k.notes})
	if err != nil {
		return "", err
	}
	if _, err := c.in.Write(append(question, '\n')); err != nil {
		return "", fmt.Errorf("ask powerload check: %w", err)
	}
	process := c.cmd.Process
	late := time.AfterFunc(patience, func() { _ = process.Kill() })
	answer, err := c.out.ReadBytes('\n')
	if !late.Stop() {
		c.stop()
		return fmt.Sprintf("the check has not ended after %s", patience), nil
	}
	if err != nil {
		c.stop()
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "the check died: " + c.stderr.String(), nil
	}
	return wrong, json.Unmarshal(answer, &wrong)
}

func (c *checker) start(ctx context.Context) (err error) {
	c.stderr.Reset()
	cmd := exec.CommandContext(ctx, c.binary, "check")
	cmd.Stderr = &c.stderr
	if c.in, err = cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.out, c.cmd = bufio.NewReader(out), cmd
	return cmd.Start()
}

// stop ends the process; the next check starts another.
func (c *checker) stop() {
	if c.cmd == nil {
		return
	}
	c.in.Close()
	_ = c.cmd.Wait() // how it ended is seen from its answers
	c.cmd = nil
}
