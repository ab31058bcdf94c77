package webhook

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func benchServer(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"received":true}`)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

func benchMessage(url string) Message {
	return Message{URL: url, Body: bytes.Repeat([]byte("x"), 1500), Timeout: 10 * time.Second, Header: []Header{
		{"Content-Type", "application/json"}, {"X-Signature", "0123456789abcdef"}, {"X-Event", "verification.completed"},
	}}
}

func BenchmarkSend(b *testing.B) {
	s := NewSender(Policy{}, "idmock/bench")
	defer s.Close()
	m := benchMessage(benchServer(b))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if a := s.Send(b.Context(), 1, m); !a.Accepted {
				b.Errorf("%+v", a)
			}
		}
	})
}

// BenchmarkBareClient is the baseline for Send: the same message and timeout with a plain http.Client.
func BenchmarkBareClient(b *testing.B) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	defer client.CloseIdleConnections()
	m := benchMessage(benchServer(b))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, m.URL, bytes.NewReader(m.Body))
			if err != nil {
				b.Fatal(err)
			}
			for _, h := range m.Header {
				req.Header[h[0]] = []string{h[1]}
			}
			resp, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
}
