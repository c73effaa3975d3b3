package fakellm

import (
	"io"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/goccy/go-json"
)

// pieceBytes is how much of a text one chunk of a stream has.
const pieceBytes = 24

// stream sends a reply as server-sent events, as vLLM and llama.cpp do: a first chunk with a role and no content, pieces of the
// text, the finish reason in a chunk of its own, the usage in one without choices if it was asked for, and [DONE]. A comment
// stands between them, as OpenRouter sends while it waits. after says after how many pieces the connection ends; 0: never.
func (s *Server) stream(w http.ResponseWriter, q *request, a *reply, after int) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	out := http.NewResponseController(w)
	name, _ := json.Marshal(s.named(q.Model)) // a string: cannot fail
	head := `data: {"id":"chatcmpl-stream","object":"chat.completion.chunk","created":0,"model":` + string(name)
	var b []byte
	send := func() error {
		_, err := w.Write(b)
		b = b[:0]
		if err == nil {
			err = out.Flush()
		}
		return err
	}
	b = append(b, ": waiting for the model\n\n"+head+`,"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}`+"\n\n"...)
	for text, n := a.text, 0; len(text) > 0; n++ {
		end := min(pieceBytes, len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		piece := text[:end]
		text = text[len(piece):]
		if after > 0 && n == after {
			_ = send() // the connection ends anyhow
			panic(http.ErrAbortHandler)
		}
		b = append(b, head+`,"choices":[{"index":0,"delta":{"content":"`...)
		b = append(appendJSON(b, piece), `"},"finish_reason":null}]}`+"\n\n"...)
		if n%8 == 7 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	b = append(b, head+`,"choices":[{"index":0,"delta":{},"finish_reason":"`+a.finish+`"`...)
	if len(a.logprobs) > 0 {
		b = append(append(b, `,"logprobs":`...), a.logprobs...)
	}
	b = append(b, "}]}\n\n"...)
	if q.StreamOptions.Usage {
		b = append(b, head+`,"choices":[],"usage":{"prompt_tokens":`...)
		b = strconv.AppendInt(b, a.input, 10)
		b = append(b, `,"completion_tokens":`...)
		b = strconv.AppendInt(b, a.output, 10)
		b = append(b, `,"total_tokens":`...)
		b = append(strconv.AppendInt(b, a.input+a.output, 10), "}}\n\n"...)
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	_, err := io.WriteString(w, "data: [DONE]\n\n")
	if err == nil {
		err = out.Flush()
	}
	return err
}
