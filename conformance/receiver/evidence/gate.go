package evidence

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// gate handles requests about the people of the checks. All others go to next and are not counted.
func (a *API) gate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(io.LimitReader(r.Body, openapi.MaxBody+1))
	if err != nil || len(body) > openapi.MaxBody {
		r.Body = rest{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		next.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == mutate.AttackerKeysPath {
		mutate.ServeAttackerKeys(a.profile, w)
		return
	}
	who := a.find(r.URL.RequestURI() + "\n" + string(body))
	r.Body = io.NopCloser(bytes.NewReader(body))
	if who == nil {
		next.ServeHTTP(w, r)
		return
	}
	defer a.pending.Done()
	a.respond(w, r, body, who)
}

// find returns the person that a request is about and counts it. The caller calls pending.Done.
func (a *API) find(text string) *Person {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, who := range a.people {
		if strings.Contains(text, who.subject.Reference) || strings.Contains(text, who.subject.Name) {
			who.calls++
			a.pending.Add(1)
			return who
		}
	}
	return nil
}

// respond handles a request about a person of the checks.
func (a *API) respond(w http.ResponseWriter, r *http.Request, body []byte, who *Person) {
	if !a.await(r.Context(), who) {
		reply, err := a.profile.Refuse(&openapi.Error{Kind: openapi.Unavailable, Message: "the service is down"}, a.profile.Scope(a.SubjectOf(who), "", nil, time.Now()))
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		write(w, reply)
		return
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	call, err := a.profile.Match(again)
	if s := a.SubjectOf(who); err == nil && (call.Reference == s.Reference || call.Alias == s.Name) && call.Reference+call.Alias != "" {
		reply, ok, err := a.state(call, who)
		if err != nil {
			a.fail(err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if ok {
			write(w, reply)
			return
		}
	}
	a.mu.Lock()
	held := who.answer
	a.mu.Unlock()
	if err == nil && held != nil && call.Operation.ID == a.profile.Events.Start.Operation {
		a.start(w, r, who, held)
		return
	}
	a.proxy.ServeHTTP(w, r)
}

// await waits while responses about a person are held. It reports whether the service is up.
func (a *API) await(ctx context.Context, who *Person) bool {
	for {
		a.mu.Lock()
		mode, changed := who.mode, who.changed
		a.mu.Unlock()
		switch mode {
		case Up:
			return true
		case Down:
			return false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// state responds with the state of a run, by the provider's own default scenario; false if that has no response. The
// error is the provider directory's.
func (a *API) state(call *openapi.Call, who *Person) (openapi.Reply, bool, error) {
	a.mu.Lock()
	state := who.state
	a.mu.Unlock()
	scope := call.Scope()
	person := a.profile.Scope(a.SubjectOf(who), "", state, time.Now())
	scope.Run, scope.Account, scope.Now, scope.Fake, scope.Subject = person.Run, person.Account, person.Now, person.Fake, person.Subject
	_, effects, err := a.machine.Step(scenarios.State{Set: state}, scenarios.Input{On: call.Operation.ID, Scope: scope})
	if err != nil {
		return openapi.Reply{}, false, fmt.Errorf("the API cannot report the state of a run: %s: %w", call.Operation.ID, err)
	}
	for _, effect := range effects {
		response, ok := effect.(scenarios.Reply)
		if !ok || response.BodyOnly || response.Hang {
			continue
		}
		reply, err := a.profile.Reply(call.Operation, response.Example, response.Body, scope)
		if err != nil {
			return openapi.Reply{}, false, fmt.Errorf("the API cannot report the state of a run: %w", err)
		}
		if response.Status != 0 {
			reply.Status = response.Status
		}
		return reply, true, nil
	}
	return openapi.Reply{}, false, nil
}

// start lets the mock server start a verification, publishes its reference, and holds the response.
func (a *API) start(w http.ResponseWriter, r *http.Request, who *Person, held chan struct{}) {
	recorded := &recorder{header: http.Header{}, code: http.StatusOK}
	a.proxy.ServeHTTP(recorded, r)
	if v, ok := openapi.Pointer(recorded.body.Bytes(), a.profile.Events.Start.Reference); ok {
		select {
		case who.begun <- fmt.Sprint(v):
		default:
		}
	}
	select {
	case <-held:
	case <-r.Context().Done():
		return
	}
	for name, values := range recorded.header {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.code)
	_, _ = w.Write(recorded.body.Bytes()) // the client may have disconnected
}

// rest is a body after its beginning was read.
type rest struct {
	io.Reader
	io.Closer
}

// recorder keeps a response.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func write(w http.ResponseWriter, reply openapi.Reply) {
	for _, h := range reply.Header {
		w.Header().Set(h[0], h[1])
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the client may have disconnected
}
