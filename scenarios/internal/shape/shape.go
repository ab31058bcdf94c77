// Package shape describes scenario files as Go types: their keys and the meaning of each. The JSON Schema
// of scenario files, and with it the completions and diagnostics of editors, is generated from it; package scenarios reads
// the files, and a test there keeps the keys of both the same.
//
// It knows nothing of providers: scenarios.Schema adds their operations, events and faults.
package shape

// File is one scenario file.
type File struct {
	Scenario    string         `json:"scenario" jsonschema:"required,minLength=1" jsonschema_description:"The scenario's name: what a call, a flag or the page chooses it by. default is what plays where nothing else was chosen."`
	Provider    string         `json:"provider" jsonschema:"required,minLength=1" jsonschema_description:"The provider whose operations and events the rules speak of."`
	Description string         `json:"description,omitempty" jsonschema_description:"One sentence for people, shown in the catalogue and in the page."`
	Select      Expression     `json:"select,omitempty" jsonschema_description:"A condition on a call: where it holds, the call plays this scenario with no set-up at all. Such as: body.number == \"22222222222\""`
	Vars        map[string]any `json:"vars,omitempty" jsonschema_description:"Values of the scenario's own, which expressions see as vars.NAME. Those of the provider's default are under them."`
	Rules       []Rule         `json:"rules" jsonschema:"required,minItems=1" jsonschema_description:"What happens. The first rule whose on names what came and whose when holds plays; what no rule is for, the provider's default scenario plays."`
}

// Rule is a reaction to a call or a trigger.
type Rule struct {
	On    []On           `json:"on" jsonschema:"required" jsonschema_description:"What the rule is for, one thing or a list: an operation of the provider (* and ? are wildcards), start, or a trigger such as {delivered: EVENT}."`
	When  Expression     `json:"when,omitempty" jsonschema_description:"A condition; the rule plays only where it is true. Such as: body.number startsWith \"2\""`
	Reply []Reply        `json:"reply,omitempty" jsonschema_description:"What to answer. Of a list the first call gets the first, and the last one repeats. Without it, the operation's first documented success."`
	Set   map[string]any `json:"set,omitempty" jsonschema_description:"Values that the run keeps, which expressions see as run.NAME. Set before the reply is made."`
	Then  []Step         `json:"then,omitempty" jsonschema_description:"A timeline on the account's clock: what follows, step by step."`
}

// On is one thing that a rule is for: text, or a mapping of one of these keys.
type On struct {
	Delivered string `json:"delivered,omitempty" jsonschema_description:"Plays when a webhook of this event was taken by its receiver. Expressions see delivery.id, event, attempts, status and error."`
	Exhausted string `json:"exhausted,omitempty" jsonschema_description:"Plays when a webhook of this event was not taken on its last attempt. Expressions see delivery.id, event, attempts, status and error."`
	Simulate  string `json:"simulate,omitempty" jsonschema_description:"Plays when somebody presses the button of this name, or calls POST /_idmock/v1/simulate. Expressions see the data given with it as body."`
}

// Reply is one answer to a call.
type Reply struct {
	Example string         `json:"example,omitempty" jsonschema_description:"The name of a documented answer of the operation."`
	Status  Status         `json:"status,omitempty" jsonschema_description:"The HTTP status, in place of the example's."`
	Headers map[string]any `json:"headers,omitempty" jsonschema_description:"Further headers of the answer."`
	Body    any            `json:"body,omitempty" jsonschema_description:"Laid over the example, or the whole body where no example is named. Texts may hold ${expressions}; one that is nothing else keeps its type."`
	Delay   Duration       `json:"delay,omitempty" jsonschema_description:"Account time between the call and its answer, such as 250ms or 10s."`
	Hang    bool           `json:"hang,omitempty" jsonschema_description:"Never answer."`
	Fault   []Fault        `json:"fault,omitempty" jsonschema_description:"How the answer goes wrong: a name, or a mapping with name and arguments, or a list of these."`
}

// Step is one step of a timeline.
type Step struct {
	After   Duration       `json:"after,omitempty" jsonschema_description:"Account time since the step before; of the first step, since the answer. Such as 30s, 12h or 30d."`
	When    Expression     `json:"when,omitempty" jsonschema_description:"A condition. The step is passed over unless it holds when its time has come."`
	Set     map[string]any `json:"set,omitempty" jsonschema_description:"Values that the run keeps. Set before the step sends."`
	Send    string         `json:"send,omitempty" jsonschema_description:"The event to send to every endpoint that is registered for it."`
	Data    map[string]any `json:"data,omitempty" jsonschema_description:"Laid over the event's body. What breaks the event's schema needs invalid: true."`
	Invalid bool           `json:"invalid,omitempty" jsonschema_description:"The body is meant to break the event's schema."`
	Expect  *Expect        `json:"expect,omitempty" jsonschema_description:"With send, how the receiver is to take it: status, within. Alone, a call that the application is to make: call, within; the timeline waits for it."`
	Else    []Step         `json:"else,omitempty" jsonschema_description:"What follows if what is expected does not happen. After a call that did not come, the rest of the timeline does not play."`
	Fault   []Fault        `json:"fault,omitempty" jsonschema_description:"How what is sent goes wrong: a name, or a mapping with name and arguments, or a list of these."`
}

// Expect judges the application.
type Expect struct {
	Status []Status `json:"status,omitempty" jsonschema_description:"What the receiver is to answer, such as 200 or 2xx, or a list of these."`
	Within Duration `json:"within,omitempty" jsonschema_description:"Of a webhook: how long the receiver may take, in wall time. Of a call: how long to wait for it, in account time."`
	Call   string   `json:"call,omitempty" jsonschema_description:"The operation that the application is to call about this run (* and ? are wildcards)."`
}

// Fault is one way to misbehave: its name, or a mapping of the name and arguments that depend on it.
type Fault struct {
	Name string `json:"name" jsonschema:"required" jsonschema_description:"Which fault it is. GET /_idmock/v1/faults/catalogue tells what each does and which arguments it takes."`
}

// Duration is a text such as 30s.
type Duration string

// Expression is a text such as body.number == "1", or a truth.
type Expression string

// Status is a number or a class, such as 200 or 2xx.
type Status string
