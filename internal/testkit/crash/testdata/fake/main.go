// Command fake has openarena's commands, as small as can be: its database is a file of JSON lines, one reply each, synced
// one by one. The crash harness is tried on it, with one planted bug after the other, named by OPENARENA_CRASH_FAKE.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	database       = "arena.db"
	concurrency    = 8
	exitNoDatabase = 10
)

type fake struct {
	bug     string
	url     string
	prompts []string
	file    *os.File
	mu      sync.Mutex
	records map[string]record
	order   []string // keys as they came in
}

type record struct {
	Key, Text     string
	Input, Output int64
}

func main() {
	f := &fake{bug: os.Getenv("OPENARENA_CRASH_FAKE"), records: map[string]record{}}
	err := f.run(os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if os.IsNotExist(err) {
		os.Exit(exitNoDatabase)
	}
	os.Exit(1)
}

func (f *fake) run(args []string) error {
	writes := slices.Contains([]string{"run", "generate", "judge"}, args[0])
	if err := f.open(writes); err != nil {
		return err
	}
	defer f.file.Close()
	switch args[0] {
	case "run", "generate", "judge":
		mark := fmt.Sprintf("%s.life-%d", database, os.Getpid()) // stays behind if this life does not end well
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return err
		}
		defer os.Remove(mark)
		if err := f.work(args[0]); err != nil || args[0] != "run" {
			return err
		}
		if err := f.export("ranked", "ranked.jsonl"); err != nil {
			return err
		}
		return f.export("battles", "battles.csv")
	case "rate":
		if f.bug == "forget" {
			return f.file.Truncate(0)
		}
	case "export":
		return f.export(args[2], args[6])
	case "db":
		for _, key := range f.keys() {
			line, _ := json.Marshal(f.records[key])
			fmt.Println(string(line))
		}
	case "status":
		return f.status()
	}
	return nil
}

// open reads arena.yaml, the prompts and the records. A last line that is cut was never acknowledged.
func (f *fake) open(create bool) (err error) {
	config, err := os.ReadFile("arena.yaml")
	if err != nil {
		return err
	}
	f.url = regexp.MustCompile(`url: (\S+)`).FindStringSubmatch(string(config))[1]
	prompts, err := os.ReadFile("prompts.jsonl")
	if err != nil {
		return err
	}
	f.prompts = strings.Split(strings.TrimSpace(string(prompts)), "\n")[:10] // a sync per reply is slow; ten will do
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	if f.file, err = os.OpenFile(database, flags, 0o600); err != nil {
		return err
	}
	end := int64(0)
	for lines := bufio.NewReader(f.file); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		f.put(r)
		end += int64(len(line))
	}
	if create {
		if err := f.file.Truncate(end); err != nil {
			return err
		}
	}
	_, err = f.file.Seek(end, io.SeekStart)
	return err
}

func (f *fake) put(r record) {
	if _, ok := f.records[r.Key]; !ok {
		f.order = append(f.order, r.Key)
	}
	f.records[r.Key] = r
}

func (f *fake) keys() []string {
	if f.bug == "arrival order" {
		return f.order
	}
	return slices.Sorted(slices.Values(f.order))
}

// work asks for what is missing: the answers, then both orders of one battle a prompt.
func (f *fake) work(stage string) error {
	if stage != "judge" {
		var asks []ask
		for i, p := range f.prompts {
			for _, m := range []string{"alpha", "beta", "gamma", "delta"} {
				asks = append(asks, ask{fmt.Sprintf("%02d %s", i, m), m, p})
			}
		}
		if err := f.all(asks); err != nil {
			return err
		}
	}
	if stage == "generate" {
		return nil
	}
	var asks []ask
	for i := range f.prompts {
		a, b := f.records[fmt.Sprintf("%02d alpha", i)].Text, f.records[fmt.Sprintf("%02d beta", i)].Text
		asks = append(asks, ask{fmt.Sprintf("%02d judge 1", i), "judge", a + b}, ask{fmt.Sprintf("%02d judge 2", i), "judge", b + a})
	}
	return f.all(asks)
}

type ask struct{ key, model, text string }

func (f *fake) all(asks []ask) error {
	var wg sync.WaitGroup
	slots := make(chan struct{}, concurrency)
	errs := make(chan error, 2*len(asks))
	var late []record
	missing := slices.DeleteFunc(asks, func(a ask) bool {
		_, ok := f.records[a.key]
		return ok && f.bug != "repeat"
	})
	for _, a := range missing {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r, err := f.call(a)
			if err != nil {
				errs <- err
				return
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.bug == "late commit" {
				late = append(late, r)
			} else if err := f.commit(r); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	for _, r := range late {
		if err := f.commit(r); err != nil {
			return err
		}
	}
	close(errs)
	return <-errs
}

func (f *fake) commit(r record) error {
	line, _ := json.Marshal(r)
	if _, err := f.file.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	f.put(r)
	return nil
}

// call asks until there is a whole reply.
func (f *fake) call(a ask) (record, error) {
	body, _ := json.Marshal(map[string]any{"model": a.model, "messages": []any{map[string]string{"role": "user", "content": a.text}}})
	for {
		reply, err := http.Post(f.url+"/chat/completions", "application/json", bytes.NewReader(body))
		if err != nil {
			return record{}, err
		}
		b, err := io.ReadAll(reply.Body)
		reply.Body.Close()
		var c struct {
			Choices []struct{ Message struct{ Content string } }
			Usage   struct {
				Prompt     int64 `json:"prompt_tokens"`
				Completion int64 `json:"completion_tokens"`
			}
		}
		if err == nil && reply.StatusCode == http.StatusOK && json.Unmarshal(b, &c) == nil {
			text := c.Choices[0].Message.Content
			if f.bug == "tidy" {
				text = strings.TrimSuffix(text, ".")
			}
			return record{a.key, text, c.Usage.Prompt, c.Usage.Completion}, nil
		}
	}
}

func (f *fake) status() error {
	var s struct {
		Judge  struct{ Wanted, Done int }
		Tokens struct{ Input, Output int64 }
		Billed int `json:"possibly_billed_calls"`
	}
	s.Judge.Wanted = 2 * len(f.prompts)
	for i, key := range f.order {
		if strings.Contains(key, "judge") {
			s.Judge.Done++
		}
		if f.bug == "miscount" && i == 3 {
			continue
		}
		s.Tokens.Input += f.records[key].Input
		s.Tokens.Output += f.records[key].Output
	}
	marks, err := filepath.Glob(database + ".life-*")
	if err != nil {
		return err
	}
	if f.bug != "no word" {
		s.Billed = 3 * concurrency * len(marks)
	}
	if f.bug == "reader writes" {
		if _, err := f.file.WriteString("asked for the status"); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

func (f *fake) export(kind, path string) error {
	var rows bytes.Buffer
	for _, key := range f.keys() {
		if strings.Contains(key, "judge") == (kind == "battles") {
			fmt.Fprintf(&rows, "{%q: %q}\n", key, f.records[key].Text)
			if f.bug == "twice" && strings.HasPrefix(key, "03 judge") {
				fmt.Fprintf(&rows, "{%q: %q}\n", key, f.records[key].Text)
			}
		}
	}
	if f.bug == "half file" {
		return writeSlowly(path, rows.Bytes())
	}
	if err := os.WriteFile(path+".tmp", rows.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// writeSlowly writes in place, with enough time for a kill in the middle.
func writeSlowly(path string, rows []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	half := len(rows) / 2
	if _, err := file.Write(rows[:half]); err != nil {
		return err
	}
	<-time.After(20 * time.Millisecond)
	_, err = file.Write(rows[half:])
	return err
}
