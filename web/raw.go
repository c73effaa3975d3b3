package web

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"openarena/pipeline"
)

var rawRoutes = []route{
	rawRoute("answer", "/raw/answer/{prompt}/{a}", "a", rawAnswer),
	rawRoute("prompt", "/raw/prompt/{prompt}/{message}", "message", rawMessage),
	rawRoute("reference", "/raw/reference/{prompt}", "", rawReference),
	rawRoute("reply", "/raw/reply/{prompt}/{a}/{b}/{judge}", "judge", rawReply),
}

// rawRoute sends a text that find finds as a file, whose name tells the prompt and one more part of the address.
func rawRoute(kind, path, part string, find func(*visit) (string, error)) route {
	return route{http.MethodGet, path, func(s *Site, w http.ResponseWriter, r *http.Request) error {
		var text string
		err := s.visit(r, func(v *visit) (err error) {
			text, err = find(v)
			return err
		})
		if err != nil {
			return err
		}
		name := kind + "-" + shortHash(r.PathValue("prompt"))
		if part != "" {
			name += "-" + r.PathValue(part)
		}
		return sendText(w, name, text)
	}}
}

func rawAnswer(v *visit) (string, error) {
	side, err := pipeline.ParseSide(v.path("a"))
	if err != nil {
		return "", notFound(err.Error())
	}
	d, err := rawDossier(v, side)
	if err != nil {
		return "", err
	}
	a, err := d.Answer(side)
	if err != nil {
		return "", missing(err)
	}
	return textOf(v, a.Said)
}

func rawMessage(v *visit) (string, error) {
	d, err := rawDossier(v, noSide)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(v.path("message"))
	if err != nil || n < 0 || n >= len(d.Messages) {
		return "", notFound("The prompt has no such message.")
	}
	return d.Messages[n].Content, nil
}

func rawReference(v *visit) (string, error) {
	d, err := rawDossier(v, noSide)
	if err != nil {
		return "", err
	}
	return d.Listed[0].Reference, nil
}

// rawReply is one attempt of a judge: which verdict, which half of a derived one, and which attempt the query says.
func rawReply(v *visit) (string, error) {
	_, sides, err := battleAddress(v)
	if err != nil {
		return "", err
	}
	d, err := rawDossier(v, sides[:]...)
	if err != nil {
		return "", err
	}
	said, err := findReply(v, d)
	if err != nil {
		return "", err
	}
	return textOf(v, said)
}

func findReply(v *visit, d *pipeline.Dossier) (*pipeline.Said, error) {
	number := func(key string, n int) (int, bool) {
		i, err := strconv.Atoi(v.query.Get(key))
		return i, err == nil && i >= 0 && i < n
	}
	for _, m := range d.Battles {
		for _, o := range m.Opinions {
			i, ok := number("verdict", len(o.Verdicts))
			if o.ID.String() != v.path("judge") || !ok {
				continue
			}
			r := &o.Verdicts[i]
			if k, ok := number("half", len(r.Halves)); ok {
				r = &r.Halves[k]
			}
			if n, ok := number("attempt", len(r.Attempts)+1); ok && n > 0 {
				return &r.Attempts[n-1], nil
			}
		}
	}
	return nil, notFound("No judge gave such a reply; the page of the battle leads to those that there are.")
}

// noSide is that of no answer.
var noSide pipeline.Side

// rawDossier reads the prompt of an address with the texts of some sides.
func rawDossier(v *visit, sides ...pipeline.Side) (*pipeline.Dossier, error) {
	prompt, err := pipeline.ParsePrompt(v.path("prompt"))
	if err != nil {
		return nil, notFound(err.Error())
	}
	view, err := v.arena.View(v, v.look)
	if err != nil {
		return nil, err
	}
	d, err := view.Dossier(v, prompt, pipeline.Reading{Sides: sides, Texts: true})
	return d, missing(err)
}

// textOf is what the query asks for of a reply: its text, or its reasoning.
func textOf(v *visit, said *pipeline.Said) (string, error) {
	switch {
	case said == nil:
		return "", notFound("There is no such answer yet.")
	case v.query.Get("part") == "reasoning":
		return said.Reasoning, nil
	}
	return said.Text, nil
}

const (
	sendPiece = 256 << 10
	sendWait  = 30 * time.Second // for each piece: who does not read is not waited for
)

// sendText writes a text as a file that nothing shows or runs.
func sendText(w http.ResponseWriter, name, text string) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.txt"`, name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	limit := http.NewResponseController(w)
	for from := strings.NewReader(text); from.Len() > 0; {
		_ = limit.SetWriteDeadline(time.Now().Add(sendWait)) // where a server has none there is none
		if _, err := io.CopyN(w, from, sendPiece); err != nil {
			return nil // the reader went away, or that was the last piece
		}
	}
	return nil
}
