package fakellm

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// BenchmarkCalls counts whole calls over loopback, client and server on the same cores; it must stay far above what a
// pipeline under test asks for.
func BenchmarkCalls(b *testing.B) {
	s := start(b, Options{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.Cleanup(client.CloseIdleConnections)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			r, err := client.Post(s.URL()+"/chat/completions", "application/json",
				bytes.NewReader(fmt.Appendf(nil, `{"model":"m","messages":[{"role":"user","content":"Question %d, asked at some length."}]}`, i)))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
