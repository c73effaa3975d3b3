package store

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A reader that says nothing is let go, and its snapshot with it; one that reads now and then is not.
func TestIdleReader(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "arena.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &server{file: &db.file, owner: db.server.owner, ctx: ctx, cancel: cancel}
		ours, theirs := net.Pipe()
		ended := make(chan struct{})
		go func() {
			s.serve(theirs)
			close(ended)
		}()
		r := bufio.NewReader(ours)
		ask := func(kind byte, payload []byte) error {
			if _, err := ours.Write(endFrame(append(beginFrame(nil, kind), payload...))); err != nil {
				return err
			}
			kind, reply, err := readFrame(r, nil, maxFrame)
			if err == nil && kind == kindError {
				err = parseError(reply)
			}
			return err
		}
		hello := appendPart(append(appendPart(nil, []byte(wireMagic)), wireVersion), []byte(s.owner.Token))
		if err := errors.Join(ask(kindHello, hello), ask(kindSnapshot, nil)); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			time.Sleep(readerPause - time.Second)
			if err := ask(kindInfo, nil); err != nil {
				t.Fatalf("a reader that asks every %v is let go: %v", readerPause-time.Second, err)
			}
		}
		start := time.Now()
		if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("an idle reader is told %v; want the end", err)
		}
		<-ended
		if waited := time.Since(start); waited != readerPause {
			t.Errorf("an idle reader was let go after %v; want %v", waited, readerPause)
		}
		cancel()
	})
	// bbolt closes only when no snapshot is left: Close would hang here.
}
