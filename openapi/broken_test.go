package openapi_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/mistake"
)

// with is acme with something replaced in one of its files. Replacing all of it by nothing takes the file away.
func with(file, old, by string) fstest.MapFS {
	folder := acme()
	src := string(folder[file].Data)
	if strings.Count(src, old) == 0 {
		panic(file + " does not hold " + old)
	}
	folder[file] = &fstest.MapFile{Data: []byte(strings.Replace(src, old, by, 1))}
	if len(folder[file].Data) == 0 {
		delete(folder, file)
	}
	return folder
}

// withData is acme with an outcome, and with an event whose data is an object.
func withData(data, outcome string) fstest.MapFS {
	folder := with("provider.yaml", "outcomes:\n", "outcomes:\n  "+outcome+"\n")
	folder["events/done.json"] = &fstest.MapFile{Data: []byte(`{"event":"done","data":` + data + `}`)}
	return folder
}

// Errors of an invalid directory have the file, the place and a hint.
func TestBrokenFolders(t *testing.T) {
	for _, c := range []struct {
		name   string
		folder fstest.MapFS
		want   []string
	}{
		{"no provider.yaml", with("provider.yaml", providerYAML, ""), []string{"acme", "provider.yaml", "not exist"}},
		{"no openapi.yaml", with("openapi.yaml", openapiYAML, ""), []string{"acme", "openapi.yaml", "not exist"}},
		{"broken YAML in provider.yaml", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example"), []string{"acme/provider.yaml", ":3:"}},
		{"an unknown key", with("provider.yaml", "hosts:", "host:"), []string{"acme/provider.yaml", ":2:1:", `unknown key "host", did you mean "hosts"?`}},
		{"an unknown key deep down", with("provider.yaml", "  reject:", "  rejects:"), []string{"acme/provider.yaml", ":5:3:", "rejects"}},
		{"a list that is none", with("provider.yaml", "hosts: [api.acme.example]", "hosts: 3"), []string{"acme/provider.yaml", ":2:8:"}},
		{"a bad pattern", with("provider.yaml", "'^bad-'", "'(bad'"), []string{"acme/provider.yaml", "missing closing )", ":5:"}},
		{"a bad duration", with("provider.yaml", "timeout: 5s", "timeout: soon"), []string{"acme/provider.yaml", `invalid duration "soon"`, ":27:"}},
		{"a bad expression", with("provider.yaml", "find: path.id", "find: path.id +"), []string{"acme/provider.yaml", "unexpected token", ":24:"}},
		{"a bad expression in an error", with("provider.yaml", "{status: 503, body: {error: '${error.message}'}}", "{status: 503, body: {error: '${eror.message}'}}"), []string{"acme/provider.yaml", ":19:", "eror"}},
		{"a bad expression in a credential", with("provider.yaml", "'${account.name}'", "'${acount.name}'"), []string{"acme/provider.yaml", "credentials api_key", "acount"}},
		{"a bad expression in a header", with("provider.yaml", "'${signature}'", "'${sgnature}'"), []string{"acme/provider.yaml", "X-Signature", "sgnature"}},
		{"no credential", with("provider.yaml", "  header: X-Key\n", ""), []string{"acme/provider.yaml", "credential", "header, query, cookie or body"}},
		{"an error kind is missing", with("provider.yaml", "  unavailable: {status: 503, body: {error: '${error.message}'}}\n", ""), []string{"acme/provider.yaml", "errors: unavailable is missing"}},
		{"an unknown error kind", with("provider.yaml", "  unavailable:", "  gone: {status: 410, body: {}}\n  unavailable:"), []string{"acme/provider.yaml", `unknown kind "gone"`, "missing-credential"}},
		{"an error without a status", with("provider.yaml", "{status: 503, body", "{body"), []string{"acme/provider.yaml", "errors unavailable", "status"}},
		{"an error without a body", with("provider.yaml", "{status: 503, body: {error: '${error.message}'}}", "{status: 503}"), []string{"acme/provider.yaml", "errors unavailable", "body"}},
		{"an unknown scheme", with("provider.yaml", "base64-key", "rot13"), []string{"acme/provider.yaml", `unknown signature scheme "rot13"`, "base64-key"}},
		{"a scheme without a secret", with("provider.yaml", ", secret: public_key", ""), []string{"acme/provider.yaml", "base64-key requires secret"}},
		{"an unknown secret", with("provider.yaml", "secret: public_key", "secret: private_key"), []string{"provider.yaml", "unknown credential private_key"}},
		{"a template is missing", with("provider.yaml", "template: events/done.json", "template: events/gone.json"), []string{"acme/provider.yaml", "events check.done", "events/gone.json"}},
		{"an unknown change of a run", with("provider.yaml", "on: verify*", "change: append\n    on: verify*"), []string{"acme/provider.yaml", `invalid change "append": use merge, replace, remove`}},
		{"a template is not JSON", with("events/done.json", `{"event"`, `{event`), []string{"acme/events/done.json:1:1: ", "invalid character"}},
		{"a template has a bad expression", with("events/done.json", "example(run", "exampel(run"), []string{"acme/events/done.json:1:27: ", "exampel"}},
		{"an unknown webhook", with("provider.yaml", "webhook: done", "webhook: gone"), []string{"provider.yaml", "events check.done", `no webhook "gone"`}},
		{"an unknown operation has runs", with("provider.yaml", "on: verify*", "on: verifi*"), []string{"provider.yaml", "runs", "verifi*"}},
		{"an unknown operation in the dashboard", with("provider.yaml", "getSettings: read", "getSetings: read"), []string{"provider.yaml", "dashboard", "getSetings"}},
		{"an unknown verb in the dashboard", with("provider.yaml", "getSettings: read", "getSettings: write"), []string{"acme/provider.yaml", `"write"`, "use read"}},
		{"an unknown event in the dashboard", with("provider.yaml", "{test: check.done}", "{test: check.gone}"), []string{"provider.yaml", "dashboard testSettings", "check.gone"}},
		{"an unknown operation in the sandbox", with("provider.yaml", "{verify*: [{", "{verifi: [{"), []string{"provider.yaml:42:", "verifi", "want one of verifyPerson"}},
		{"an unknown outcome of other values", with("provider.yaml", "others: lost", "others: lsot"), []string{"provider.yaml:46:11: ", `sandbox: unknown outcome "lsot", did you mean "lost"?`}},
		{"values without a sandbox", with("provider.yaml", "  keys: '^test_'\n", ""), []string{"provider.yaml:42:", "outcome found: sandbox values need keys or hosts under sandbox"}},
		{"values for another operation than the outcome's", with("provider.yaml", "sandbox: {verify*:", "on: verify*, sandbox: {getCheck:"), []string{"provider.yaml:42:", "outcome found: sandbox: getCheck cannot have it: it is for verify*"}},
		{"a member of the sandbox that no request has", with("provider.yaml", "{verify*: [{number: 214}]}", "{verify*: [{numbr: 214}]}"), []string{"acme/provider.yaml:42:50: ", `have no "numbr", did you mean "number"?`}},
		{"a misspelt member of a run's requests", with("provider.yaml", "find: path.id", "find: path.idd"), []string{"acme/provider.yaml:24:", `has no "idd", did you mean "id"?`}},
		{"a misspelt member of run in a header", with("provider.yaml", "'${run.nothing}'", "'${run.refernce}'"), []string{"acme/provider.yaml:", `run has no "refernce", did you mean "reference"?`}},
		{"a misspelt variable in an outcome's state", with("provider.yaml", "outcomes:\n", "variables: {level: number, was: number}\noutcomes:\n  done: {verdict: granted, state: {level: '${run.levl}'}}\n"), []string{"acme/provider.yaml:43:50: ", `run has no "levl", did you mean "level"?`}},
		{"an unknown key in an outcome, with its correction", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, abuot: x}\n"), []string{"acme/provider.yaml:42:28: ", `unknown key "abuot" in an outcome, did you mean "about"?`}},
		{"a policy for an unknown event", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  policies: {quick: {check.doen: {}}}"), []string{`policies quick: unknown event "check.doen", did you mean "check.done"?`, "the switch policy has no value"}},
		{"an unknown operation in conformance", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nconformance: {operation: verifyPersn}"), []string{"acme/provider.yaml:3:26: ", `unknown operation verifyPersn, did you mean "verifyPerson"?`}},
		{"an unknown name in an expression, with its correction", with("provider.yaml", "find: path.id", "find: pth.id"), []string{"acme/provider.yaml:24:", `unknown name pth, did you mean "path"?`}},
		{"an example that a missing run answers with", with("provider.yaml", "missing: missing", "missing: mising"), []string{"provider.yaml", "getCheck", `"mising"`}},
		{"a script is missing", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nsdk: {files: [{at: /a.js, hosts: [js.acme.example], files: [sdk/a.js]}]}"), []string{"acme/provider.yaml", "sdk/a.js", "not exist"}},
		{"a script has no path", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nsdk: {files: [{at: a.js}]}"), []string{"acme/provider.yaml", "begins with a slash", "files is missing"}},
		{"an unknown operation is for pages", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nsdk: {pages: [verifi]}"), []string{"acme/provider.yaml", "sdk: unknown operation verifi"}},

		{"an outcome without a verdict", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {about: x}\n"), []string{"provider.yaml", "outcome done", "invalid verdict", "granted, not-granted or pending"}},
		{"an outcome with an unknown variable", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, state: {status: DONE}}\n"), []string{"provider.yaml", "outcome done", "unknown variable status"}},
		{"an outcome with an invalid value", with("provider.yaml", "outcomes:\n", "variables: {status: [OPEN]}\noutcomes:\n  done: {verdict: granted, state: {status: DONE}}\n"), []string{"provider.yaml", "status cannot be", "OPEN"}},
		{"an outcome with an unknown event", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, events: {check.gone: {a: 1}}}\n"), []string{"provider.yaml", "unknown event", "check.gone"}},
		{"an outcome with an unknown example", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, reply: sucess}\n"), []string{"provider.yaml", "outcome done", "sucess"}},
		{"an outcome of an unknown operation", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, on: verifi*}\n"), []string{"provider.yaml", "verifi*"}},
		{"a misspelt member of an outcome's event", withData(`{"status":true}`, "done: {verdict: granted, events: {check.done: {stauts: false}}}"), []string{"acme/provider.yaml:42:50: ", `outcome done: check.done has no "stauts", did you mean "status"?`}},
		{"a misspelt member of an outcome's event, nested", withData(`{"face":{"match":1}}`, "done: {verdict: granted, events: {check.done: {face: {mtch: 2}}}}"), []string{"acme/provider.yaml:42:57: ", `check.done has no "face.mtch", did you mean "match"?`}},
		{"a misspelt event of an outcome", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, events: {check.doen: {event: x}}}\n"), []string{"acme/provider.yaml:42:37: ", `unknown event "check.doen", did you mean "check.done"?`}},
		{"an outcome twice", with("provider.yaml", "outcomes:\n", "outcomes:\n  found: {verdict: granted}\n"), []string{"acme/provider.yaml:43:3: ", `duplicate key "found" (first at line 42)`}},
		{"a source of nothing", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nsources: [{on: [verifyPerson, check.doen], confidence: seed, source: x}]"), []string{"acme/provider.yaml:3:31: ", `sources: no operation or event "check.doen", did you mean "check.done"?`}},
		{"a source of nothing, by a wildcard", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nsources: [{on: 'chck.*', confidence: seed, source: x}]"), []string{"acme/provider.yaml:3:17: ", `no operation or event "chck.*"`}},
		{"a misspelt example of an outcome", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, reply: sucess}\n"), []string{`has an example "sucess", did you mean "success"?`}},
		{"a misspelt variable of an outcome", with("provider.yaml", "outcomes:\n", "variables: {level: number}\noutcomes:\n  done: {verdict: granted, state: {levl: 1}}\n"), []string{"acme/provider.yaml:43:36: ", `unknown variable levl: declare it under variables, did you mean "level"?`}},
		{"an outcome in capitals", with("provider.yaml", "outcomes:\n", "outcomes:\n  DONE: {verdict: granted}\n"), []string{"provider.yaml", "invalid name", "DONE", "lower-case"}},
		{"an unknown key of an outcome", with("provider.yaml", "outcomes:\n", "outcomes:\n  done: {verdict: granted, pol: x}\n"), []string{"provider.yaml", "pol"}},
		{"an unknown type of a variable", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nvariables: {tries: integer}"), []string{"provider.yaml", "unknown type", "integer", "number"}},
		{"a reserved variable", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nvariables: {outcome: text}"), []string{"provider.yaml", "outcome is reserved"}},

		{"broken YAML in openapi.yaml", with("openapi.yaml", "openapi: 3.1.0", "openapi: [3.1.0"), []string{"acme/openapi.yaml:2:1: "}},
		{"an empty openapi.yaml", with("openapi.yaml", openapiYAML, "# nothing\n"), []string{"acme/openapi.yaml:1:1: the file is empty"}},
		{"no paths and no webhooks", with("openapi.yaml", openapiYAML, "openapi: 3.1.0\npaths: {}\nwebhooks: {}\n"), []string{"acme/openapi.yaml", "no operation under paths, and no webhooks"}},
		{"no operationId", with("openapi.yaml", "      operationId: verifyPerson\n", ""), []string{"acme/provider.yaml:21:9", "unknown operation verify*, want one of postCheck, getCheck"}},
		{"an operationId twice", with("openapi.yaml", "operationId: getSettings", "operationId: verifyPerson"), []string{"acme/openapi.yaml", "paths /settings", "duplicate operationId verifyPerson"}},
		{"ambiguous paths", with("openapi.yaml", "  /search:", "  /checks/{other}/:\n    get: {operationId: x}\n  /search:"), []string{"acme/openapi.yaml", "paths /checks/{other}/", "cannot be routed"}},
		{"a reference to nothing", with("openapi.yaml", "#/components/responses/Person", "#/components/responses/Persn"), []string{"openapi.yaml", "Persn"}},
		{"a base path without a slash", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nbase_paths: [v1]"), []string{"acme/provider.yaml", `invalid base path "v1"`}},
		{"an example against its schema", with("openapi.yaml", "{value: {name: null}}", "{value: {name: 3}}"), []string{"acme", "unnamed", "name"}},
		{"a bad live value", with("openapi.yaml", "${fake.first_name}", "${fake.frist_name}"), []string{"verifyPerson", "example success", "frist_name"}},
		{"an unsupported keyword", with("openapi.yaml", "      anyOf: [{required: [number]}", "      dependentRequired: {name: [born]}\n      anyOf: [{required: [number]}"), []string{"openapi.yaml", "#/components/schemas/Request", "dependentRequired is not supported"}},
		{"a version of which nothing is newer", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nconformance: {version: {at: /version}}"), []string{"acme/provider.yaml", "conformance version", "newer is missing"}},
		{"a version that is nowhere", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nconformance: {version: {at: version, newer: 9}}"), []string{"acme/provider.yaml", "conformance version", "begins with a slash"}},
		{"an address that is none", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  source: here"), []string{"acme/provider.yaml:29:11: ", `invalid source "here"`}},
		{"a resend without an answer where there is nothing", with("provider.yaml", "  getSettings: read", "  getSettings: {resend: query.id}"), []string{"dashboard getSettings", "missing must name an example"}},
		{"a word that is none for 410", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  gone: remove"), []string{"acme/provider.yaml:29:9: ", `gone: invalid value "remove": use disable`}},
		{"a word that is none for 429", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  retry_after: maybe"), []string{`retry_after: invalid value "maybe": use honour`}},
		{"a jitter beyond the wait", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  jitter: 1.5"), []string{"acme/provider.yaml:29:3: ", "invalid jitter 1.5"}},
		{"a word that is none for duplicates", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  registration: {duplicates: refused}"), []string{`registration duplicates: invalid value "refused": use kept`}},
		{"a place that is none for a secret", with("provider.yaml", "accept: [2xx]", "accept: [2xx]\n  registration: {secret: signing_secret}"), []string{`invalid secret "signing_secret"`}},
		{"a status that is none", with("provider.yaml", "accept: [2xx]", "accept: [ok]"), []string{"acme/provider.yaml:28:12: ", `invalid status "ok"`}},
		{"an unknown fidelity", with("openapi.yaml", "operationId: getSettings", "operationId: getSettings\n      x-idmock-fidelity: perfect"), []string{"acme/openapi.yaml:", `unknown x-idmock-fidelity "perfect"`, "modelled validated stubbed guess"}},
		{"a secret that nothing is signed with", with("provider.yaml", "scheme: base64-key", "scheme: standard-webhooks"), []string{"acme/provider.yaml:8:3: ", "public_key: secret must begin with whsec_"}},
		{"a scheme with an encoding that is not its own", with("provider.yaml", "scheme: base64-key", "scheme: t-v1, encoding: hex"), []string{"acme/provider.yaml:34:3: ", "t-v1 takes no encoding"}},
		{"an algorithm that no header names", with("provider.yaml", "scheme: base64-key", "scheme: hmac-sha256, algorithm: HMAC_SHA256_HEX"), []string{"acme/provider.yaml:34:47: ", `no header contains "HMAC_SHA256_HEX"`}},
		{"an algorithm of a scheme that is not named", with("provider.yaml", "scheme: base64-key", "scheme: t-v1, algorithm: x"), []string{"acme/provider.yaml:34:23: ", `headers of "t-v1" name none`}},
		{"an unknown handshake", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nconformance: {handshake: {kind: nod}}"), []string{"acme/provider.yaml:", `unknown kind "nod"`}},
		{"a handshake without what it is about", with("provider.yaml", "hosts: [api.acme.example]", "hosts: [api.acme.example]\nconformance: {handshake: {kind: websub}}"), []string{"acme/provider.yaml:", "websub requires topic"}},
		{"an unsupported keyword in a schema written in place", with("openapi.yaml", "schema: {type: boolean}", "schema: {const: true}"), []string{"openapi.yaml", "/check/post/parameters/0/schema", "const is not supported"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := openapi.Open("acme", c.folder)
			if err == nil {
				err = validate(p)
			}
			if err == nil {
				t.Fatal("nothing is wrong with it")
			}
			var mistakes *mistake.Errors
			if !errors.As(err, &mistakes) {
				t.Fatalf("%T instead of mistakes: %v", err, err)
			}
			for _, m := range mistakes.All {
				t.Log(m)
				if m.Line == 0 && !strings.Contains(m.Message, "not exist") {
					t.Errorf("it is not said where this is: %v", m)
				}
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

// validate returns the mistakes of a folder, or else the faults of its document.
func validate(p *openapi.Provider) error {
	if err := p.Validate(); err != nil {
		return err
	}
	faults, err := openapi.Faults(p)
	if err != nil || len(faults) == 0 {
		return err
	}
	return &mistake.Errors{Provider: p.Name, All: faults}
}

// Names that look like keywords are names.
func TestFoldersThatAreFine(t *testing.T) {
	for name, folder := range map[string]fstest.MapFS{
		"as it is":                       acme(),
		"a property that is called if":   with("openapi.yaml", "        born: {type: string}", "        born: {type: string}\n        if: {type: string}\n        const: {type: string}"),
		"an example with keywords in it": with("openapi.yaml", "{number: \"123\", age: 30}", "{number: \"123\", const: 1, if: {then: 2}}"),
		"a schema that is called then":   with("openapi.yaml", "    Person:\n      type: object", "    then: {type: string}\n    Person:\n      type: object"),
		"no signature":                   with("provider.yaml", "  signature: {scheme: base64-key, secret: public_key}\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			if err := validate(open(t, folder)); err != nil {
				t.Error(err)
			}
		})
	}
}

// An error in openapi.yaml must not keep a server from starting: it answers the calls.
func TestABrokenDocumentAnswersCalls(t *testing.T) {
	p := open(t, with("openapi.yaml", openapiYAML, "openapi: 3.1.0\npaths: {}\n"))
	_, err := p.Match(request("GET", "/acme/settings", ""))
	if refused, ok := err.(*openapi.Error); !ok || refused.Kind != openapi.Internal || !strings.Contains(refused.Message, "no operation under paths") {
		t.Errorf("error %v", err)
	}
	if _, err := p.Operations(); err == nil {
		t.Error("the operations of a broken document are listed")
	}
}
