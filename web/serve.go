package web

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// Serve answers on a listener until soft ends: then requests at work are finished and streams end at once. When hard ends it
// leaves at once. It closes the listener.
func (s *Site) Serve(soft, hard context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerWait, ReadTimeout: bodyWait, WriteTimeout: writeWait, IdleTimeout: idleWait,
		BaseContext: func(net.Listener) context.Context { return hard },
		ErrorLog:    s.log,
	}
	server.RegisterOnShutdown(s.end)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-soft.Done():
		case <-hard.Done():
		}
		ctx, cancel := context.WithTimeout(hard, shutdownWait)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	}()
	err := server.Serve(l)
	if !errors.Is(err, http.ErrServerClosed) {
		s.end()
		return err
	}
	<-ended
	return nil
}

// end has all streams end.
func (s *Site) end() { s.once.Do(func() { close(s.ending) }) }
