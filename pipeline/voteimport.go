package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"openarena/internal/spelling"
	"openarena/store"
)

// VotesImported counts the lines of a file of votes.
type VotesImported struct {
	New       int `json:"new"`       // votes that count from now on
	Unchanged int `json:"unchanged"` // the database had them
	Replaced  int `json:"replaced"`  // a later line of the file is the same voter's on the same answers
	Bad       int `json:"bad"`       // not imported
}

// ImportVotes takes human votes in from JSON Lines. voter is who gave those whose line does not say. Lines that cannot be used
// are told to bad, and the rest is imported. A file that was imported before changes nothing.
func (a *Arena) ImportVotes(ctx context.Context, s store.Store, in io.Reader, voter string, bad func(*VoteError)) (n VotesImported, err error) {
	i := voteImport{bulk: bulk{store: s}, arena: a, voter: voter, places: map[voteSubject]int{}}
	if i.listings, err = a.readListings(ctx, s); err != nil {
		return n, err
	}
	for line, err := range voteLines(in) {
		if err == nil {
			err = i.take(ctx, line)
		}
		var wrong *VoteError
		if errors.As(err, &wrong) {
			i.n.Bad++
			bad(wrong)
			continue
		}
		if err != nil {
			return i.n, err
		}
	}
	for _, v := range i.votes {
		if err := i.save(ctx, v); err != nil {
			return i.n, err
		}
	}
	return i.n, i.flush(ctx)
}

// readListings are the datasets of the file that the database has read.
func (a *Arena) readListings(ctx context.Context, r store.Reader) (all []listing, err error) {
	for i := range a.Config.Datasets {
		m, err := a.readManifest(ctx, r, i)
		if errors.Is(err, errNotRead) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, listing{i, m})
	}
	return all, nil
}

// voteImport collects the votes of a file first: only its last word on two answers is a new vote, so that a file in which
// somebody changes their mind can be imported twice, too.
type voteImport struct {
	bulk
	arena    *Arena
	listings []listing
	voter    string
	votes    []namedVote
	places   map[voteSubject]int // in votes
	n        VotesImported
}

type namedVote struct {
	vote
	voter string
}

// take adds a line, or returns a *VoteError if it is of no use.
func (i *voteImport) take(ctx context.Context, line numbered) error {
	v, err := i.resolve(ctx, line)
	var reason *unusable
	switch {
	case errors.As(err, &reason):
		return &VoteError{line.n, reason.error}
	case err != nil:
		return err
	}
	if place, again := i.places[v.voteSubject]; again {
		i.n.Replaced++
		i.votes[place] = v
		return nil
	}
	i.places[v.voteSubject] = len(i.votes)
	i.votes = append(i.votes, v)
	return nil
}

// unusable is an error that the line is to blame for.
type unusable struct{ error }

func unusablef(format string, args ...any) error { return &unusable{fmt.Errorf(format, args...)} }

// resolve finds what a line is about.
func (i *voteImport) resolve(ctx context.Context, line numbered) (v namedVote, err error) {
	v.voter = strings.TrimSpace(line.Voter)
	if v.voter == "" {
		v.voter = i.voter
	}
	if v.voter == "" {
		return v, unusablef(`it has no "voter"; --voter NAME is for lines without one`)
	}
	w, err := line.saying()
	if err != nil {
		return v, &unusable{err}
	}
	h, err := i.prompt(ctx, line)
	if err != nil {
		return v, err
	}
	x, err := i.answer(ctx, h, line.ModelA, line.SampleA)
	if err != nil {
		return v, err
	}
	y, err := i.answer(ctx, h, line.ModelB, line.SampleB)
	if err != nil {
		return v, err
	}
	switch {
	case x.side == y.side:
		return v, unusablef("model_a and model_b are the same answer")
	case x.Digest == y.Digest && w.Choice != tied:
		return v, unusablef("both answers are the same text, and one is said to be better")
	}
	v.vote = newVote(h, x, y, w, v.voter)
	return v, nil
}

// prompt finds the prompt of a line by its hash, the beginning of it, or its text. An id that is somebody else's leaves it to the
// prompt beside it.
func (i *voteImport) prompt(ctx context.Context, line numbered) (Hash, error) {
	messages, text, err := line.messages()
	if err != nil {
		return Hash{}, &unusable{err}
	}
	if line.ID == "" && messages == nil {
		return Hash{}, unusablef(`it has neither "prompt" nor "id"`)
	}
	if line.ID != "" {
		if h, found, err := i.byHash(ctx, line.ID); found || err != nil {
			return h, err
		}
	}
	if messages == nil {
		text, messages = line.ID, oneTurn(line.ID)
	}
	match := fileLoader{bulk: bulk{store: i.store}, listings: i.listings}
	h, found, err := match.match(ctx, messages)
	if found || err != nil {
		return h, err
	}
	if _, err := i.store.Get(ctx, store.Prompts, h[:], store.KeyOnly); !errors.Is(err, store.ErrNotFound) {
		return h, err
	}
	if h, found, err := i.byHash(ctx, text); found || err != nil {
		return h, err
	}
	switch {
	case text == "":
		return h, unusablef("no prompt has these messages")
	case text == line.ID && len(text) < shortestHash:
		return h, unusablef("id %q is too short: write a prompt's hash, or the first %d digits or more of it", text, shortestHash)
	}
	return h, unusablef("no prompt has the text or hash %q", shortened(text))
}

// shortestHash is how many hex digits are taken for the beginning of a hash.
const shortestHash = 8

// byHash finds the prompt whose hash begins so. What is no hash is not found; an ambiguous one is the line's fault.
func (i *voteImport) byHash(ctx context.Context, text string) (h Hash, found bool, err error) {
	if len(text) < shortestHash {
		return h, false, nil
	}
	prefix, err := ParseHash(text)
	if err != nil {
		return h, false, nil
	}
	for rec, err := range i.store.Scan(ctx, store.Prompts, store.Prefix(prefix.bytes()), store.KeyOnly) {
		if err != nil {
			return h, false, err
		}
		if !strings.HasPrefix(hex.EncodeToString(rec.Key), string(prefix)) {
			continue
		}
		if found {
			return h, false, unusablef("more than one prompt has a hash that begins with %s; give more digits", prefix)
		}
		h, found = Hash(bytes.Clone(rec.Key)), true
	}
	return h, found, nil
}

// shortened is the beginning of a text, for a message.
func shortened(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// answer finds a model's answer as it is now.
func (i *voteImport) answer(ctx context.Context, h Hash, model string, sample int) (g given, err error) {
	c, err := i.arena.named(model)
	if err != nil {
		return g, &unusable{err}
	}
	if sample < 0 || sample >= c.Samples {
		return g, unusablef("sample %d of %s: it has samples 0 to %d", sample, c.Name, c.Samples-1)
	}
	g.side = Side{c.ID, uint16(sample)}
	rec, err := i.store.Get(ctx, store.Answers, AnswerKey{h, c.ID, uint16(sample)}.bytes(), store.WithMeta)
	if errors.Is(err, store.ErrNotFound) {
		return g, unusablef("%s has no answer to prompt %s", c.Name, h)
	}
	if err == nil {
		g.Digest, g.Finish, err = parseHead(rec.Meta)
	}
	return g, err
}

// named is the contestant that a vote means: by its name, else by its model_id where only one has it.
func (a *Arena) named(model string) (*Contestant, error) {
	var found *Contestant
	var names []string
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if c.Name == model {
			return c, nil
		}
		names = append(names, c.Name)
		if c.ModelID != model {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%q is the model_id of %q and %q; give the name", model, found.Name, c.Name)
		}
		found = c
	}
	if found == nil {
		return nil, fmt.Errorf("no model is called %q; the file has %q%s", model, names, spelling.Hint(model, names))
	}
	return found, nil
}

// save adds a vote unless it is the voter's last word already.
func (i *voteImport) save(ctx context.Context, v namedVote) error {
	key := voteKey{voteSubject: v.voteSubject}
	for rec, err := range i.store.Scan(ctx, store.Votes, store.Prefix(v.voteSubject.bytes()), store.WithMeta) {
		if err != nil {
			return err
		}
		was, last, err := readVote(&rec)
		if err != nil {
			return err
		}
		key.Sequence = was.Sequence
		if last.saying != v.saying {
			key.Sequence++
		}
	}
	_, err := i.store.Get(ctx, store.Votes, key.bytes(), store.KeyOnly)
	if err == nil {
		i.n.Unchanged++
		return nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	i.n.New++
	i.putOnce(store.Votes, key.bytes(), v.meta(), []byte(v.voter))
	return i.spill(ctx)
}
