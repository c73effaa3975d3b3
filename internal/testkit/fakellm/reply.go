package fakellm

import (
	"bytes"
	"hash/crc32"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-json"
)

// request is what of a chat request decides its reply.
type request struct {
	Model         string `json:"model"`
	MaxTokens     int    `json:"max_tokens"`
	MaxNew        int    `json:"max_completion_tokens"` // the newer name
	Stream        bool   `json:"stream"`
	StreamOptions struct {
		Usage bool `json:"include_usage"`
	} `json:"stream_options"`
	Logprobs bool `json:"logprobs"`
	Format   struct {
		Type string `json:"type"`
	} `json:"response_format"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
}

func (r *request) chars() (n int) {
	for _, m := range r.Messages {
		n += utf8.RuneCountInString(m.Content)
	}
	return n
}

func (r *request) judging() bool {
	return r.Format.Type == "json_schema" || strings.HasPrefix(r.Model, "judge")
}

// ranking reports whether a reward model is asked, which knows answers by their roles.
func (r *request) ranking() bool {
	n := len(r.Messages)
	return n >= 2 && r.Messages[n-2].Role == "response_1" && r.Messages[n-1].Role == "response_2"
}

// reply is an answer in the making. Its buffers are used again.
type reply struct {
	text          []byte // what the model says
	logprobs      []byte // what it might have said, as JSON; empty: nobody asked
	body          []byte // the HTTP body around it
	input, output int64
	finish        string
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is that of [Call]: CRC-32C.
func Checksum(text string) uint32 { return crc32.Checksum([]byte(text), castagnoli) }

// compose fills a with the reply to q, a pure function of q, key and the options.
func (s *Server) compose(a *reply, q *request, key Key) {
	t := tagOf(key, quality(q.Model, key))
	a.text = a.text[:0]
	a.logprobs = a.logprobs[:0]
	switch {
	case q.judging() && q.Logprobs:
		v := judge(q.question(), key)
		a.text = append(a.text, v.letters()[0].letter)
		if !s.options.NoLogprobs {
			a.logprobs = v.appendLogprobs(a.logprobs)
		}
	case q.judging():
		a.text = appendVerdict(a.text, judge(q.question(), key), t, s.form(q, key))
	default:
		a.text = appendAnswer(a.text, key, t, s.options.AnswerBytes)
	}
	a.finish = "stop"
	if limit := 4 * max(q.MaxTokens, q.MaxNew); limit > 0 && len(a.text) > limit {
		a.text, a.finish = a.text[:limit], "length"
	}
	a.input, a.output = int64(q.chars()+3)/4, int64(len(a.text)+3)/4

	b := append(a.body[:0], `{"id":"chatcmpl-`...)
	b = append(b, t.id()...)
	b = append(b, `","object":"chat.completion","created":0,"model":`...)
	name, _ := json.Marshal(s.named(q.Model)) // a string: cannot fail
	b = append(b, name...)
	b = append(b, `,"choices":[{"index":0,"message":{"role":"assistant","content":"`...)
	b = appendJSON(b, a.text)
	b = append(b, `"},"finish_reason":"`...)
	b = append(b, a.finish...)
	b = append(b, '"')
	if len(a.logprobs) > 0 {
		b = append(append(b, `,"logprobs":`...), a.logprobs...)
	}
	b = append(b, `}],"usage":{"prompt_tokens":`...)
	b = strconv.AppendInt(b, a.input, 10)
	b = append(b, `,"completion_tokens":`...)
	b = strconv.AppendInt(b, a.output, 10)
	b = append(b, `,"total_tokens":`...)
	b = strconv.AppendInt(b, a.input+a.output, 10)
	a.body = append(b, "}}\n"...)
}

// form is how a judge writes its reply.
func (s *Server) form(q *request, key Key) judgeForm {
	switch {
	case dice(^s.options.Seed, key, 0).Float64() < s.faults.Load().BadVerdict:
		return unreadable
	case q.ranking():
		return asRanking
	case q.Format.Type == "":
		return asText
	}
	return asJSON
}

// question is all that a judge is shown.
func (q *request) question() []byte {
	var b bytes.Buffer
	for _, m := range q.Messages {
		b.WriteString(m.Content)
		b.WriteByte('\n')
	}
	return b.Bytes()
}
