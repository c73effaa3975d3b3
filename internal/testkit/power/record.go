//go:build linux

package power

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"time"
)

// patience is what one process may take to its end; none needs a hundredth of it.
const patience = 2 * time.Minute

// story is what happens on one folder: process after process, each with its fate.
type story func(dice *rand.Rand, dir string) []life

// life is one process to be.
type life struct {
	args []string
	plan plan
}

// mixed has a bit of everything. What was killed or failed is followed by others that go on.
func mixed(dice *rand.Rand, dir string) []life {
	lives := make([]life, 8)
	repaired := false
	for n := range lives {
		l := life{args: []string{"write", dir, strconv.Itoa(8 + dice.IntN(8))}, plan: fate(dice)}
		switch part := dice.IntN(10); {
		case n == 0: // there is nothing yet to do else
		case part < 2:
			l.args = []string{"export", dir, strconv.Itoa(1 + dice.IntN(3))}
		case part < 4:
			l.args = []string{"compact", dir}
		case part < 5 && !repaired: // the damaged file is kept, and disks should stay small
			l.args, repaired = []string{"repair", dir}, true
		}
		lives[n] = l
	}
	return lives
}

// creation is a database that may be years in the making: none of those who create it may live to do so.
func creation(dice *rand.Rand, dir string) []life {
	lives := make([]life, 5)
	for n := range lives {
		lives[n].args = []string{"write", dir, "1"}
		if n < len(lives)-1 {
			lives[n].plan.killAt = 1 + dice.IntN(20)
		}
	}
	return lives
}

// repairing is a database that is repaired again and again.
func repairing(dice *rand.Rand, dir string) []life {
	lives := []life{{args: []string{"write", dir, "2"}}}
	for range 4 {
		lives = append(lives, life{args: []string{"repair", dir}, plan: plan{killAt: 5 + dice.IntN(30)}})
	}
	return append(lives, life{args: []string{"write", dir, "2"}})
}

// failing is a disk on which the sync of a commit fails in every other process that writes.
func failing(dice *rand.Rand, dir string) []life {
	lives := make([]life, 16)
	for n := range lives {
		lives[n].args = []string{"write", dir, "2"}
		if n%2 == 1 {
			lives[n].plan.failSync = 3 + dice.IntN(4)
		}
	}
	return lives
}

// tell has the processes of a story live and die on a new folder at dir, and returns what they did to it.
func tell(ctx context.Context, binary, dir string, story story, dice *rand.Rand, tally map[string]int) (log []op, err error) {
	r, server, err := mount(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Unmount()) }()
	r.noLinks = dice.IntN(4) == 0
	for _, l := range story(dice, dir) {
		end, err := r.live(ctx, binary, l)
		if err != nil {
			return nil, err
		}
		tally[l.args[0]+", "+end]++
	}
	return r.log, nil
}

// live runs one process. end says in words how it ended.
func (r *recorder) live(ctx context.Context, binary string, l life) (end string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, l.args...)
	cmd.Stderr = &said
	p := l.plan
	started := make(chan struct{})
	p.kill = func() {
		<-started
		_ = cmd.Process.Kill() // one that has ended by itself needs no killing
	}
	r.begin(l.args[0], p)
	err = cmd.Start()
	close(started)
	if err != nil {
		return "", err
	}
	err = cmd.Wait()
	r.mu.Lock()
	p = r.plan
	r.plan.dead = true
	r.mu.Unlock()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("powerload %s has not ended after %s\n%s", l.args[0], patience, &said)
	case err == nil:
		return "to its end", nil
	case !errors.As(err, &exit):
		return "", err
	case p.dead && p.killSync > 0:
		return "killed before a sync", nil
	case p.dead:
		return "killed", nil
	case p.failSync > 0 && p.syncs >= p.failSync:
		return "a sync failed", nil
	case l.args[0] != "write" && bytes.Contains(said.Bytes(), []byte("no database")):
		return "there was no database", nil
	}
	return "", fmt.Errorf("powerload %s: %w\n%s", l.args[0], err, &said)
}

// fate is what befalls a process: half of those that are killed die before a sync, where most can go wrong.
func fate(dice *rand.Rand) plan {
	var p plan
	most := []int{6, 30, 300}[dice.IntN(3)]
	switch dice.IntN(8) {
	case 0, 1, 2:
		p.killSync = 1 + dice.IntN(min(most, 50))
	case 3, 4:
		p.killAt = 1 + dice.IntN(most)
	case 5:
		p.failSync = 1 + dice.IntN(min(most, 50))
	}
	if dice.IntN(4) == 0 {
		p.short = rand.New(rand.NewPCG(dice.Uint64(), 0))
	}
	return p
}
