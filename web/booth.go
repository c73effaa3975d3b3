package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"openarena/pipeline"
)

// booth is where people vote. What it remembers lasts as long as the server, and is never more than comfort: votes are in the
// database.
type booth struct {
	cipher cipher.AEAD // of slips that browsers hold, which nobody can read or make
	salt   []byte      // of sides

	mu      sync.Mutex
	sitters map[string]*sitter // by name

	pool struct {
		sync.Mutex // held while it is made: whoever else wants it waits
		of         *pipeline.Arena
		mark       string
		made       time.Time
		took       time.Duration
		value      *pipeline.VotePool
	}
}

const (
	mostSitters = 1000
	mostPast    = 200 // acts that can be undone
)

func newBooth() *booth {
	key, salt := make([]byte, 32), make([]byte, 32)
	rand.Read(key) // never fails
	rand.Read(salt)
	block, _ := aes.NewCipher(key) // of 32 bytes: no error
	gcm, _ := cipher.NewGCM(block)
	return &booth{cipher: gcm, salt: salt, sitters: map[string]*sitter{}}
}

// sitter is somebody who votes.
type sitter struct {
	undoing sync.Mutex // taken before mu: one undo at a time

	mu      sync.Mutex     // never held while a vote is saved, which waits for pages that are made, and they for mu
	pair    *pipeline.Pair // that lies before them
	skipped map[pipeline.VoteOn]bool
	past    []act // the last one at the end
	notice  notice
}

// act is what can be undone.
type act struct {
	pair pipeline.Pair
	vote *pipeline.VoteSlip // nil: it was skipped
}

// notice is what became of the last act, to be shown once.
type notice struct {
	Bad   bool
	Text  string
	Retry string // the button that was pressed and did not do it
}

// sitter returns who has that name. When there are too many somebody else is forgotten, which costs them no vote.
func (b *booth) sitter(name string) *sitter {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sitters[name]
	if s == nil {
		if len(b.sitters) >= mostSitters {
			for other := range b.sitters {
				delete(b.sitters, other)
				break
			}
		}
		s = &sitter{skipped: map[pipeline.VoteOn]bool{}}
		b.sitters[name] = s
	}
	return s
}

// turned reports whether a voter sees a pair's second answer on the left. It is as good as tossed, and the same each time.
func (b *booth) turned(voter string, p pipeline.Pair) bool {
	text, _ := json.Marshal([]any{voter, p.Prompt, p.First, p.Second}) // of strings and bytes: no error
	return b.keyed(text)[0]&1 == 1
}

// keyed is a hash that only this booth can work out.
func (b *booth) keyed(text []byte) []byte {
	h := hmac.New(sha256.New, b.salt)
	h.Write(text)
	return h.Sum(nil)
}

// ticket is what a page holds of a pair: what to save, but for the choice.
type ticket struct {
	Slip   pipeline.VoteSlip `json:"slip"`
	Turned bool              `json:"turned"`
}

// seal makes a ticket a word that says nothing to whoever sees it. The same ticket makes the same word, and no two share a nonce.
func (b *booth) seal(t ticket) string {
	text, _ := json.Marshal(t) // of strings and numbers: no error
	nonce := b.keyed(text)[:b.cipher.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(b.cipher.Seal(slices.Clone(nonce), nonce, text, []byte(t.Slip.Voter)))
}

var errTicket = errors.New("that page was from before the server started anew, or of another voter, so nothing was saved; here is a fresh pair")

// open reads what seal made for the same voter.
func (b *booth) open(word, voter string) (t ticket, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(word)
	if err != nil || len(sealed) < b.cipher.NonceSize() {
		return t, errTicket
	}
	n := b.cipher.NonceSize()
	text, err := b.cipher.Open(nil, sealed[:n], sealed[n:], []byte(voter))
	if err != nil {
		return t, errTicket
	}
	return t, json.Unmarshal(text, &t)
}

// poolKept is how long battles to vote on are kept at least, although each vote changes the database.
const poolKept = 20 * time.Second

// battles are those to vote on, as they were a little while ago.
func (b *booth) battles(v *visit) (*pipeline.VotePool, error) {
	p := &b.pool
	p.Lock()
	defer p.Unlock()
	if p.of == v.arena && p.value.Len() > 0 && (p.mark == v.look.Mark() || time.Since(p.made) < max(poolKept, shelfShare*p.took)) {
		return p.value, nil
	}
	began, mark := time.Now(), v.look.Mark()
	value, err := v.arena.VotePool(v, v.look)
	if err != nil {
		return nil, err
	}
	p.of, p.mark, p.made, p.took, p.value = v.arena, mark, time.Now(), time.Since(began), value
	return value, nil
}
