package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/_idmock/v1/health" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
	}))
	// The address on all interfaces, as in the image, is reached over loopback.
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	addr := "0.0.0.0:" + port
	if err := check(addr); err != nil {
		t.Errorf("healthy: %v", err)
	}
	status = http.StatusServiceUnavailable
	if err := check(addr); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("503: %v", err)
	}
	server.Close()
	if err := check(addr); err == nil {
		t.Error("healthy without a server")
	}
}
