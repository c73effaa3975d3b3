package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"

	"openarena/providers"
	"openarena/store"
)

// library reads what is shown to models. All models of a run work on the same few prompts, so what one has read or written
// is there for the next.
type library struct {
	store   store.Reader
	reading sync.Mutex // of prompts
	prompts shelf[Hash, []providers.Message]
	answers shelf[AnswerKey, string]
	asked   singleflight.Group // for answers: the judgments of a prompt begin together, and ask for the same
}

// Prompts are read together, since they are asked for in hash order: so many, and not many more bytes, so that the first is
// still on the shelf when the last is there.
const (
	atOnce      = 16
	bytesAtOnce = shelfBytes / 2
)

// prompt returns the messages of a prompt, which nobody may change.
func (l *library) prompt(ctx context.Context, h Hash) ([]providers.Message, error) {
	if messages, ok := l.prompts.get(h); ok {
		return messages, nil
	}
	l.reading.Lock() // who waits here most often finds its prompt read
	defer l.reading.Unlock()
	if messages, ok := l.prompts.get(h); ok {
		return messages, nil
	}
	messages, err := l.fetch(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("prompt %s: %w", h, err)
	}
	return messages, nil
}

// fetch reads prompt h, and keeps those behind it too.
func (l *library) fetch(ctx context.Context, h Hash) (wanted []providers.Message, err error) {
	n, size := 0, 0
	for rec, err := range l.store.Scan(ctx, store.Prompts, store.Range{From: h[:]}, store.WithBody) {
		var messages []providers.Message
		if err == nil {
			err = json.Unmarshal(rec.Body, &messages)
		}
		if n++; n == 1 {
			if err != nil {
				return nil, err
			}
			if string(rec.Key) != string(h[:]) {
				return nil, store.ErrNotFound
			}
			wanted = messages
		}
		if err != nil || len(rec.Key) != hashSize {
			break // whoever asks for it is told
		}
		l.prompts.put(Hash(rec.Key), messages, len(rec.Body))
		if size += len(rec.Body); n == atOnce || size > bytesAtOnce {
			break
		}
	}
	if n == 0 {
		return nil, store.ErrNotFound
	}
	return wanted, nil
}

// answer returns the text of an answer.
func (l *library) answer(ctx context.Context, k AnswerKey) (string, error) {
	if text, ok := l.answers.get(k); ok {
		return text, nil
	}
	text, err, _ := l.asked.Do(string(k.bytes()), func() (any, error) { return l.fetchAnswer(ctx, k) })
	return text.(string), err
}

func (l *library) fetchAnswer(ctx context.Context, k AnswerKey) (string, error) {
	rec, err := l.store.Get(ctx, store.Answers, k.bytes(), store.WithBody)
	if err != nil {
		return "", fmt.Errorf("answer of %s to prompt %s: %w", k.Contestant, k.Prompt, err)
	}
	answer, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return "", err
	}
	l.note(k, answer.Text)
	return answer.Text, nil
}

// note keeps the text of an answer that the database has.
func (l *library) note(k AnswerKey, text string) { l.answers.put(k, text, len(text)) }
