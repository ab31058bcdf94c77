package receiver

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// api is the provider's API as the application sees it during the checks: a mock server, and before it a gate that
// counts the calls about each subject, answers how its run stands, and fails or holds back answers when a check says so.
type api struct {
	*Profile
	server  *mockserver.Server
	proxy   *httputil.ReverseProxy
	url     string       // base URL under which it is reached
	keys    string       // where an attacker's keys can be had
	end     func() error // stops answering at url
	machine *scenarios.Machine

	mu     sync.Mutex
	people []*person      // nil once it is closed
	calls  sync.WaitGroup // about them. Add is called under mu, and not once people is nil
	broken error          // what the provider's folder could not say, if it could not: the first time
}

// person is a subject as the API knows it.
type person struct {
	*subject
	state   map[string]any
	mode    string        // up, down or held
	changed chan struct{} // closed when mode changes, and replaced
	calls   int
	begun   chan string   // gets the reference when the application has begun a verification
	answer  chan struct{} // closed when that call may be answered
}

func newAPI(p *Profile, t Target, seed uint64) (*api, error) {
	given := map[string]map[string]string{p.Name: {}}
	for name, value := range t.Credentials {
		if made, err := p.Credentials("\x00nobody", 1); err == nil && made[name] != "\x00nobody" {
			given[p.Name][name] = value
		}
	}
	server, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: []*openapi.Provider{p.Provider}, Credentials: given, Seed: seed, Version: t.Version})
	if err != nil {
		return nil, err
	}
	made := &api{Profile: p, server: server}
	stop := func(err error) (*api, error) {
		return nil, errors.Join(err, server.Stop(context.Background()))
	}
	all, err := mockserver.Scenarios([]*openapi.Provider{p.Provider})
	if err != nil {
		return stop(err)
	}
	library, err := scenarios.NewLibrary(all)
	if err != nil {
		return stop(err)
	}
	if made.machine, err = library.Machine(scenarios.Default); err != nil {
		return stop(err)
	}
	base, err := url.Parse(server.URL())
	if err != nil {
		return stop(err)
	}
	made.proxy = httputil.NewSingleHostReverseProxy(base)
	made.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	if err := made.listen(t.APIAddr); err != nil {
		return stop(fmt.Errorf("the API's address: %w", err))
	}
	server.Start()
	if t.Front != nil {
		api, end := t.Front(made.gate)
		own := made.end
		made.url, made.end = api, func() error { end(); return own() }
	}
	return made, nil
}

// listen serves the API at an address of its own.
func (a *api) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	a.url, a.keys = base+a.Prefix, base+offeredPath
	served := &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = served.Serve(listener) }) // it ends with ErrServerClosed
	a.end = func() error {
		err := served.Close()
		serving.Wait()
		return err
	}
	return nil
}

// close answers whoever still waits, and ends.
func (a *api) close() {
	a.mu.Lock()
	for _, who := range a.people {
		who.set("up")
		who.release()
	}
	a.people = nil
	a.mu.Unlock()
	_ = a.end()
	a.calls.Wait()
	_ = a.server.Stop(context.Background())
}

// know makes the API know a subject, whose run nothing is decided about.
func (a *api) know(s *subject) *person {
	who := &person{subject: s, state: a.conf.Roles["pending"].Run, mode: "up", changed: make(chan struct{}), begun: make(chan string, 1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.people = append(a.people, who)
	return who
}

func (w *person) set(mode string) {
	w.mode = mode
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *person) release() {
	if w.answer != nil {
		close(w.answer)
		w.answer = nil
	}
}

// turn makes the API answer in another way about a subject: up, down, held, or as a role has it.
func (a *api) turn(who *person, how string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if role, ok := a.conf.Roles[how]; ok {
		who.state = role.Run
		return
	}
	who.set(how)
}

func (a *api) uncount(who *person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.calls = 0
}

func (a *api) callsAbout(who *person) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return who.calls
}

// ServeHTTP answers the application.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.gate(w, r, a.proxy) }

// gate answers calls about people of the checks. Of others it counts nothing, and next answers them.
func (a *api) gate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(io.LimitReader(r.Body, openapi.MaxBody+1))
	if err != nil || len(body) > openapi.MaxBody { // as next would have read it
		r.Body = rest{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
		next.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == offeredPath {
		a.offer(w)
		return
	}
	text := r.URL.RequestURI() + "\n" + string(body)
	a.mu.Lock()
	var who *person
	for _, one := range a.people {
		if strings.Contains(text, one.reference) || strings.Contains(text, one.name) {
			who = one
			who.calls++
			a.calls.Add(1)
			break
		}
	}
	a.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if who == nil {
		next.ServeHTTP(w, r)
		return
	}
	defer a.calls.Done()
	if !a.wait(r.Context(), who) {
		reply, err := a.Refuse(&openapi.Error{Kind: openapi.Unavailable, Message: "the service is down"}, a.scope(who.subject, "", nil, time.Now()))
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		send(w, reply)
		return
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	call, err := a.Match(again)
	if err == nil && (call.Reference == who.reference || call.Alias == who.name) && call.Reference+call.Alias != "" {
		reply, ok, err := a.tell(call, who)
		if err != nil {
			a.mu.Lock()
			a.broken = cmp.Or(a.broken, err)
			a.mu.Unlock()
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if ok {
			send(w, reply)
			return
		}
	}
	a.mu.Lock()
	hold := who.answer
	a.mu.Unlock()
	if err == nil && hold != nil && call.Operation.ID == a.conf.Start.Operation {
		a.begin(w, r, who, hold)
		return
	}
	a.proxy.ServeHTTP(w, r)
}

// wait waits while answers about somebody are held back. It reports whether the service is up.
func (a *api) wait(ctx context.Context, who *person) bool {
	for {
		a.mu.Lock()
		mode, changed := who.mode, who.changed
		a.mu.Unlock()
		switch mode {
		case "up":
			return true
		case "down":
			return false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// tell answers how a run stands, by the provider's own default scenario, if that says anything of it. The error is the folder's.
func (a *api) tell(call *openapi.Call, who *person) (openapi.Reply, bool, error) {
	a.mu.Lock()
	state := who.state
	a.mu.Unlock()
	scope := call.Scope()
	about := a.scope(who.subject, "", state, time.Now())
	scope.Run, scope.Account, scope.Now, scope.Fake, scope.Subject = about.Run, about.Account, about.Now, about.Fake, about.Subject
	_, effects, err := a.machine.Step(scenarios.State{Set: state}, scenarios.Input{On: call.Operation.ID, Scope: scope})
	if err != nil {
		return openapi.Reply{}, false, fmt.Errorf("the API could not say how a run stands: %s: %w", call.Operation.ID, err)
	}
	for _, effect := range effects {
		said, ok := effect.(scenarios.Reply)
		if !ok || said.Whole || said.Hang {
			continue
		}
		reply, err := a.Reply(call.Operation, said.Example, said.Body, scope)
		if err != nil {
			return openapi.Reply{}, false, fmt.Errorf("the API could not say how a run stands: %w", err)
		}
		if said.Status != 0 {
			reply.Status = said.Status
		}
		return reply, true, nil
	}
	return openapi.Reply{}, false, nil
}

// begin lets the mock begin a verification, tells its name to the check, and answers the application when the check says.
func (a *api) begin(w http.ResponseWriter, r *http.Request, who *person, hold chan struct{}) {
	recorded := &recorder{header: http.Header{}, code: http.StatusOK}
	a.proxy.ServeHTTP(recorded, r)
	if v, ok := openapi.Pointer(recorded.body.Bytes(), a.conf.Start.Reference); ok {
		select {
		case who.begun <- fmt.Sprint(v):
		default:
		}
	}
	select {
	case <-hold:
	case <-r.Context().Done():
		return
	}
	for name, values := range recorded.header {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.code)
	_, _ = w.Write(recorded.body.Bytes()) // whoever has gone needs no answer
}

// rest is a body of which the beginning was read already.
type rest struct {
	io.Reader
	io.Closer
}

// recorder keeps an answer until it may be given.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(code int)        { r.code = code }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func send(w http.ResponseWriter, reply openapi.Reply) {
	for _, h := range reply.Header {
		w.Header().Set(h[0], h[1])
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // whoever has gone needs no answer
}
