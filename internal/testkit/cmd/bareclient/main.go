// Command bareclient asks a model server for answers and forgets them: what any Go client must spend at least.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/goccy/go-json"
)

func main() {
	url := flag.String("url", "", "of the server, ending in /v1")
	n := flag.Int64("n", 1000, "answers to ask for")
	slots := flag.Int("slots", 64, "calls in flight")
	flag.Parse()
	if err := run(*url, *n, *slots); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url string, n int64, slots int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: slots, DisableCompression: true}}
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range slots {
		wg.Go(func() {
			var body bytes.Buffer
			for i := next.Add(1); i <= n; i = next.Add(1) {
				if err := ask(client, url, i, &body); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// answer is what a client reads of a completion.
type answer struct {
	Choices []struct {
		Message      struct{ Content string }
		FinishReason string `json:"finish_reason"`
	}
	Usage struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
	}
}

func ask(client *http.Client, url string, i int64, body *bytes.Buffer) error {
	body.Reset()
	fmt.Fprintf(body, `{"model":"a","messages":[{"role":"user","content":"Bare question %d: what is %d times %d, and why?"}]}`, i, 3*i, 7*i)
	resp, err := client.Post(url+"/chat/completions", "application/json", bytes.NewReader(bytes.Clone(body.Bytes())))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body.Reset()
	if _, err := io.Copy(body, resp.Body); err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(body.Bytes(), &a); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || len(a.Choices) != 1 || a.Choices[0].Message.Content == "" {
		return fmt.Errorf("status %d: %s", resp.StatusCode, body)
	}
	return nil
}
