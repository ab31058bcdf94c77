package evidence

import "github.com/idmock/idmock/conformance/receiver/profile"

// The API's availability for one person.
const (
	Up   = "up"
	Down = "down" // every request fails
	Held = "held" // responses wait until the mode changes
)

// Person is a subject as the API knows it. The API's lock guards its fields.
type Person struct {
	subject *profile.Subject
	state   map[string]any // of the run
	mode    string
	changed chan struct{} // closed when mode changes, then replaced
	calls   int
	begun   chan string   // receives the reference once the application has started a verification
	answer  chan struct{} // closed when the response to that request may be sent; nil: at once
}

func (w *Person) setMode(mode string) {
	w.mode = mode
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *Person) release() {
	if w.answer != nil {
		close(w.answer)
		w.answer = nil
	}
}

// Know registers a subject with a pending run.
func (a *API) Know(s *profile.Subject) *Person {
	who := &Person{subject: s, state: a.profile.Events.Roles["pending"].Run, mode: Up, changed: make(chan struct{}), begun: make(chan string, 1)}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.people = append(a.people, who)
	return who
}

// SubjectOf returns the subject, under the reference that it has by now.
func (a *API) SubjectOf(who *Person) *profile.Subject {
	a.mu.Lock()
	defer a.mu.Unlock()
	return who.subject
}

// Turn changes the API's responses about a person: Up, Down, Held, or the state of a role.
func (a *API) Turn(who *Person, how string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if role, ok := a.profile.Events.Roles[how]; ok {
		who.state = role.Run
		return
	}
	who.setMode(how)
}

// Calls counts the requests about a person.
func (a *API) Calls(who *Person) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return who.calls
}

// ResetCalls starts the count anew.
func (a *API) ResetCalls(who *Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.calls = 0
}

// HoldStart holds the response to the person's next verification until [API.Release]. The channel receives the reference
// of the verification.
func (a *API) HoldStart(who *Person) <-chan string {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.answer = make(chan struct{})
	return who.begun
}

// Rename gives the person the reference of the verification that the application has started.
func (a *API) Rename(who *Person, reference string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.subject = who.subject.Named(reference)
}

// Release sends the response that HoldStart holds.
func (a *API) Release(who *Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.release()
}

// Restore makes the API respond normally about a person.
func (a *API) Restore(who *Person) {
	a.mu.Lock()
	defer a.mu.Unlock()
	who.setMode(Up)
	who.release()
}
