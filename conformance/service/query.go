package service

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/report"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// Runs lists the runs of an account, or of all accounts if it is empty, the latest first.
func (s *Service) Runs(_ context.Context, account string) ([]control.CheckRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []control.CheckRun{}
	for _, r := range slices.Backward(s.runs) {
		if state := r.snapshot(); account == "" || state.Account == account {
			list = append(list, state)
		}
	}
	return list, nil
}

// find returns a run by its ID.
func (s *Service) find(id string) (*run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		if r.state.ID == id {
			return r, nil
		}
	}
	return nil, fmt.Errorf("conformance run %q: %w: the server keeps the last %d runs until it stops", id, store.ErrNotFound, maxKept)
}

// Run returns a run with its results so far. It waits until the run has ended, but no longer than wait.
func (s *Service) Run(ctx context.Context, id string, wait time.Duration) (control.CheckReport, error) {
	r, err := s.find(id)
	if err != nil {
		return control.CheckReport{}, err
	}
	if wait > 0 {
		timeout := time.NewTimer(wait)
		defer timeout.Stop()
		select {
		case <-r.ended:
		case <-timeout.C:
		case <-ctx.Done():
			return control.CheckReport{}, ctx.Err()
		}
	}
	results, state := r.report().Results, r.snapshot()
	response := control.CheckReport{CheckRun: state, Results: []json.RawMessage{}}
	for _, result := range results {
		result.Exchanges = nil
		text, err := encode(result)
		if err != nil {
			return response, err
		}
		response.Results = append(response.Results, text)
	}
	return response, nil
}

// Result returns the result of a check with its exchanges.
func (s *Service) Result(_ context.Context, id, check string) (json.RawMessage, error) {
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	for _, result := range r.report().Results {
		if result.ID == check {
			return encode(result)
		}
	}
	return nil, fmt.Errorf("check %q: %w: it is pending, or was not selected", check, store.ErrNotFound)
}

// Stop stops a run and waits until it has ended.
func (s *Service) Stop(ctx context.Context, id string) (control.CheckRun, error) {
	r, err := s.find(id)
	if err != nil {
		return control.CheckRun{}, err
	}
	r.stop()
	select {
	case <-r.ended:
		return r.snapshot(), nil
	case <-ctx.Done():
		return control.CheckRun{}, ctx.Err()
	}
}

// Report returns the report of a run so far in a format: json, junit, html or text.
func (s *Service) Report(_ context.Context, id, format string) ([]byte, error) {
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	results := r.report()
	switch format {
	case "json":
		err = report.WriteJSON(&b, results)
	case "junit":
		err = report.WriteJUnit(&b, results)
	case "html":
		err = report.WriteHTML(&b, results)
	case "text":
		console := report.Console{W: &b, Total: len(results.Results), Verbose: true}
		console.Finish(results)
	default:
		err = fmt.Errorf("unknown report format %q: use json, junit, html or text", format)
	}
	return []byte(b.String()), err
}
