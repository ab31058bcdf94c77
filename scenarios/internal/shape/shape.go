// Package shape defines the keys of a scenario file and their descriptions as Go types, from which the JSON Schema for
// editors is generated. Package scenarios parses the files; a test there checks that both have the same keys.
//
// Names of providers do not belong here: scenarios.Schema adds operations, events and faults.
package shape

// File is one scenario file.
type File struct {
	Scenario    string         `json:"scenario" jsonschema:"required,minLength=1" jsonschema_description:"The scenario's name, by which a request, a flag or the page selects it. The scenario named default plays when no other is selected."`
	Provider    string         `json:"provider" jsonschema:"required,minLength=1" jsonschema_description:"The provider of the operations and events in the rules."`
	Description string         `json:"description,omitempty" jsonschema_description:"One sentence, shown in the catalogue and on the page."`
	Select      Expression     `json:"select,omitempty" jsonschema_description:"A condition on a request. If it is true, the request plays this scenario without any set-up. Example: body.number == \"22222222222\""`
	Variables   map[string]any `json:"variables,omitempty" jsonschema_description:"Variables of the run beside the provider's: a type (text, number, boolean, list, object, any) or the list of allowed values for each name."`
	Vars        map[string]any `json:"vars,omitempty" jsonschema_description:"Values for expressions, as vars.NAME. They override those of the provider's default scenario."`
	Rules       []Rule         `json:"rules" jsonschema:"required,minItems=1" jsonschema_description:"The first rule with a matching on and a true when plays. If no rule matches, the provider's default scenario plays."`
}

// Rule is the reaction to a request or a trigger.
type Rule struct {
	On      []On           `json:"on" jsonschema:"required" jsonschema_description:"When the rule applies, as a single value or a list: an operation of the provider (* and ? are wildcards), start, or a trigger such as {delivered: EVENT}."`
	When    Expression     `json:"when,omitempty" jsonschema_description:"A condition. The rule plays only if it is true. Example: body.number startsWith \"2\""`
	Reply   []Reply        `json:"reply,omitempty" jsonschema_description:"The response. In a list, the first request gets the first reply, and the last one repeats. Default: the operation's first documented success."`
	Set     map[string]any `json:"set,omitempty" jsonschema_description:"Values to store in the run, for expressions as run.NAME. They are set before the reply is rendered."`
	Outcome string         `json:"outcome,omitempty" jsonschema_description:"The outcome that the run has from here on, from the provider's table. State, responses, polls and events follow from it."`
	Then    []Step         `json:"then,omitempty" jsonschema_description:"The steps that follow, on the account's clock."`
}

// On is a trigger, or an operation as a string.
type On struct {
	Delivered string `json:"delivered,omitempty" jsonschema_description:"Plays when the receiver accepted a webhook of this event. Expressions see delivery.id, event, attempts, status and error."`
	Exhausted string `json:"exhausted,omitempty" jsonschema_description:"Plays when the last attempt of a webhook of this event failed. Expressions see delivery.id, event, attempts, status and error."`
	Simulate  string `json:"simulate,omitempty" jsonschema_description:"Plays on the button of this name, or on POST /_idmock/v1/simulate. Expressions see the data of the request as body."`
}

// Reply is a response to a request.
type Reply struct {
	Example string         `json:"example,omitempty" jsonschema_description:"The name of a documented response of the operation."`
	Status  Status         `json:"status,omitempty" jsonschema_description:"The HTTP status. Default: the example's."`
	Headers map[string]any `json:"headers,omitempty" jsonschema_description:"Additional response headers."`
	Body    any            `json:"body,omitempty" jsonschema_description:"Merged into the example, or the complete body without an example. Strings may contain ${expressions}; a string that is a single expression has the type of its value."`
	Delay   Duration       `json:"delay,omitempty" jsonschema_description:"Account time between request and response, such as 250ms or 10s."`
	Hang    bool           `json:"hang,omitempty" jsonschema_description:"Never respond."`
	Fault   []Fault        `json:"fault,omitempty" jsonschema_description:"Faults of the response: a name, a mapping with name and arguments, or a list of these."`
}

// Step is one step of a timeline.
type Step struct {
	After   Duration       `json:"after,omitempty" jsonschema_description:"Account time since the previous step, or since the response for the first step, such as 30s, 12h or 30d."`
	When    Expression     `json:"when,omitempty" jsonschema_description:"A condition. The step is skipped if it is false when the step is due."`
	Set     map[string]any `json:"set,omitempty" jsonschema_description:"Values to store in the run. They are set before the step sends."`
	Outcome string         `json:"outcome,omitempty" jsonschema_description:"The outcome that the run has from here on. It is set before the step sends."`
	Send    *Send          `json:"send,omitempty" jsonschema_description:"The event to send to every endpoint registered for it, or a mapping of the event, the outcome that it reports and opt_in."`
	Data    map[string]any `json:"data,omitempty" jsonschema_description:"Merged into the event's body. Data that violates the event's schema requires invalid: true."`
	Invalid bool           `json:"invalid,omitempty" jsonschema_description:"The body violates the event's schema on purpose."`
	Expect  *Expect        `json:"expect,omitempty" jsonschema_description:"With send, the expected response of the receiver: status, within. Without send, a request expected of the application: call, within; the timeline waits for it."`
	Else    []Step         `json:"else,omitempty" jsonschema_description:"The steps that play if the expectation is not met. If a call did not arrive, the rest of the timeline does not play."`
	Fault   []Fault        `json:"fault,omitempty" jsonschema_description:"Faults of the delivery: a name, a mapping with name and arguments, or a list of these."`
}

// Send is an event, by its name or with what it reports.
type Send struct {
	Event string `json:"event" jsonschema:"required" jsonschema_description:"The event to send."`
	As    string `json:"as,omitempty" jsonschema_description:"The outcome that the event reports. The run stays as it is. Default: the run's outcome."`
	OptIn bool   `json:"opt_in,omitempty" jsonschema_description:"Send only to endpoints that list the event by name. Required for events that a provider sends only on request."`
}

// Expect is an expectation of the application.
type Expect struct {
	Status []Status `json:"status,omitempty" jsonschema_description:"The expected status, such as 200 or 2xx, or a list of these."`
	Within Duration `json:"within,omitempty" jsonschema_description:"For a webhook, the receiver's time limit, in wall time. For a call, the time to wait for it, in account time."`
	Call   string   `json:"call,omitempty" jsonschema_description:"The operation that the application must request for this run (* and ? are wildcards)."`
}

// Fault is a fault, by its name or with arguments that depend on the name.
type Fault struct {
	Name string `json:"name" jsonschema:"required" jsonschema_description:"The name of the fault. GET /_idmock/v1/faults/catalogue describes the faults and their arguments."`
}

// Duration is a duration such as 30s.
type Duration string

// Expression is a condition such as body.number == "1".
type Expression string

// Status is a status or a class, such as 200 or 2xx.
type Status string
