package providers

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"openarena/internal/testkit/fakeollama"
)

// prompt is a request of messages with so many characters each: the system's first, if there are two.
func prompt(chars ...int) *Request {
	r := &Request{Model: "m", Params: map[string]any{"max_tokens": int64(16)}}
	roles := []string{"user"}
	if len(chars) > 1 {
		roles = append([]string{"system"}, strings.Split(strings.Repeat("user assistant ", len(chars)), " ")...)
	}
	for i, n := range chars {
		r.Messages = append(r.Messages, Message{roles[i], proseOf(n)})
	}
	return r
}

// Behind /v1 nobody tells how large the context is. The fake's tokens are a quarter of the bytes, and 5 for a message.
func TestPromptCutBehindV1(t *testing.T) {
	for _, c := range []struct {
		name    string
		context int
		prompt  *Request
		cut     bool
		probes  int // at most
	}{
		{"short", 2048, prompt(100), false, 0},
		{"as long as fits", 2048, prompt(4 * (2048 - 6)), false, 1},
		{"one token too long", 2048, prompt(4 * (2048 - 4)), true, 1},
		{"three times too long", 512, prompt(6000), true, 1},
		{"a context that is no power of two", 1500, prompt(9000), true, 1},
		{"exactly a power of two, of a context that is larger", 4096, prompt(4 * (2048 - 5)), false, 1},
		{"system and question fit", 2048, prompt(2000, 3000), false, 2},
		{"the system message goes, the question fits", 1024, prompt(3000, 2000), true, 2},
		{"both are too long", 512, prompt(3000, 3000), true, 2},
		{"a talk whose beginning goes", 1024, prompt(100, 2000, 2000, 2000), true, 2},
		{"a talk that fits", 2048, prompt(100, 2000, 2000, 2000), false, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fakeollama.New(fakeollama.Options{Models: []string{"m"}, Context: c.context})
			if err := s.Start("127.0.0.1:0"); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			client := connect(t, Endpoint{URL: s.URL() + "/v1/chat/completions"})
			for again := range 2 {
				reply, err := client.Chat(t.Context(), c.prompt)
				e, _ := err.(*Error)
				if got := e != nil && e.Class == Rejected && e.Reason == ReasonPromptCut; got != c.cut || !c.cut && err != nil {
					t.Fatalf("Chat = %+v, %v; want a cut prompt: %v", reply, err, c.cut)
				}
				if c.cut && !strings.Contains(e.Error(), "kind: ollama") {
					t.Errorf("%q does not say what to do", e)
				}
				if n := s.Stats().Calls["m"] - 1; again == 0 && n > c.probes {
					t.Errorf("%d calls beside the first; want at most %d", n, c.probes)
				}
			}
		})
	}
}

// A few calls find out the context; the rest of a run makes none beside its own.
func TestPromptCutAsksSeldom(t *testing.T) {
	s := fakeollama.New(fakeollama.Options{Models: []string{"m"}, Context: 8192})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := connect(t, Endpoint{URL: s.URL() + "/v1/chat/completions"})
	const calls = 400
	for i := range calls {
		if _, err := client.Chat(t.Context(), prompt(200+i, 1000+20*i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Stats().Calls["m"] - calls; n > 24 {
		t.Errorf("%d calls beside %d; want at most 24", n, calls)
	}
}

func TestPromptCutNatively(t *testing.T) {
	for _, c := range []struct {
		name   string
		numCtx int // 0: auto
		prompt *Request
		class  Class // of the failure; Temporary: none
		hint   string
	}{
		{"fits", 1024, prompt(3000), Temporary, ""},
		{"too long for what was stated", 512, prompt(3000), Rejected, "num_ctx: auto"},
		{"the system message goes", 1024, prompt(3000, 2000), Rejected, "num_ctx: auto"},
		{"system and question fit closely", 1024, prompt(1000, 2800), Temporary, ""},
		{"stated above what the model has", 100_000, prompt(40_000), Rejected, "larger context"},
		{"sized by itself", 0, prompt(20_000), Temporary, ""},
		{"the model cannot have more", 0, prompt(40_000), Rejected, "larger context"},
	} {
		for name, refuses := range map[string]bool{c.name: false, c.name + ", a later server": true} {
			t.Run(name, func(t *testing.T) {
				_, client := startOllama(t, fakeollama.Options{Models: []string{"m"}, Trained: 8192, Refuses: refuses}, Endpoint{})
				r := *c.prompt
				r.NumCtx = c.numCtx
				reply, err := client.Chat(t.Context(), &r)
				if c.class == Temporary {
					if err != nil {
						t.Errorf("Chat = %+v, %v; want a reply", reply, err)
					}
					return
				}
				e, ok := err.(*Error)
				if !ok || e.Class != c.class || e.Reason != ReasonPromptCut || !strings.Contains(e.Hint, c.hint) {
					t.Errorf("Chat = %+v, %v; want %v %s with a hint at %q", reply, err, c.class, ReasonPromptCut, c.hint)
				}
			})
		}
	}
}

// A prompt whose tokens were guessed too low is no failure: the context grows, and the call is due again.
func TestContextGrowsWhereTheGuessWasLow(t *testing.T) {
	const tokens = 5000 // of a tokenizer that makes one of every letter
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Options struct {
				NumCtx int `json:"num_ctx"`
			}
		}
		json.NewDecoder(r.Body).Decode(&q)
		if r.URL.Path == "/api/show" {
			io.WriteString(w, `{"model_info":{"general.architecture":"a","a.context_length":16384}}`)
			return
		}
		fmt.Fprintf(w, `{"message":{"content":"x"},"done":true,"done_reason":"stop","prompt_eval_count":%d,"eval_count":1}`, min(tokens, q.Options.NumCtx))
	})
	client := connect(t, Endpoint{URL: url, Kind: "ollama"})
	r := prompt(tokens)
	e := failure(t, client, r)
	if e.Class != Unsupported || e.Param != ParamContext {
		t.Fatalf("%v %s %q; want unsupported %s", e.Class, e.Reason, e.Param, ParamContext)
	}
	if reply, err := client.Chat(t.Context(), r); err != nil || reply.Usage.Input != tokens {
		t.Errorf("the second call = %+v, %v; want a reply to %d tokens", reply, err, tokens)
	}
}

// A context grows for a prompt that it turned out to be too small for, as far as the model allows. Where nobody knows how far that
// is, it stays: else each prompt that is too long would double what the server sets aside for all that follow.
func TestGrow(t *testing.T) {
	for _, c := range []struct {
		why              string
		limit, now, from int
		grown            bool
		then             int
	}{
		{"it doubles", 32768, 4096, 4096, true, 8192},
		{"up to what the model was trained for", 6000, 4096, 4096, true, 6000},
		{"there it ends", 6000, 6000, 6000, false, 6000},
		{"another call has had it grow", 32768, 16384, 4096, true, 16384},
		{"no limit is known", 0, 4096, 4096, false, 4096},
	} {
		m := &room{limit: c.limit, now: c.now}
		if grown := m.grow(c.from); grown != c.grown || m.now != c.then {
			t.Errorf("%s: grow(%d) = %v, then %d tokens; want %v, %d", c.why, c.from, grown, m.now, c.grown, c.then)
		}
	}
}
