package control_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// exchange is a request and the status that it is to get.
type exchange struct {
	want    int
	request string // method and path
	body    string
	kind    string // of the body; JSON if empty
	fails   bool   // the backend has a fault
	stops   bool   // the store is closed
	says    string // what the answer must hold
}

// TestOperations asks for everything that the document describes, and judges every answer by it.
func TestOperations(t *testing.T) {
	long := strings.Repeat(" ", 1<<20+1)
	exchanges := []exchange{
		{want: 200, request: "GET /health", fails: true, says: `"version":"v1.2.3"`},
		{want: 400, request: "GET /health?acount=x", says: `unknown query parameter \"acount\": it takes none`},
		{want: 200, request: "GET /ready"},
		{want: 503, request: "GET /ready", fails: true, says: "the disk is full"},
		{want: 400, request: "GET /ready?x"},
		{want: 204, request: "POST /login", body: `{"token":"x"}`},
		{want: 401, request: "POST /login", body: `{"token":"y"}`, says: "not the server's control token"},
		{want: 400, request: "POST /login", body: `{"tokens":"x"}`},
		{want: 413, request: "POST /login", body: long},
		{want: 204, request: "POST /logout"},
		{want: 400, request: "POST /logout", body: `{"a":1}`},
		{want: 413, request: "POST /logout", body: long},
		{want: 200, request: "GET /openapi.yaml", says: "openapi: 3.1.0"},
		{want: 400, request: "GET /openapi.yaml?x"},
		{want: 200, request: "GET /openapi.json", says: `"openapi"`},
		{want: 400, request: "GET /openapi.json?x"},
		{want: 200, request: "GET /metrics", says: "idmock_attempts_total{provider=\"acme\",event=\"verification.completed\",class=\"status\"} 1\n"},
		{want: 400, request: "GET /metrics?account=a"},
		{want: 500, request: "GET /metrics", fails: true},
		{want: 200, request: "GET /providers", says: `"hosts":[]`},
		{want: 400, request: "GET /providers?x"},
		{want: 500, request: "GET /providers", fails: true, says: "a fault of idmock, not of the request: the disk is full"},
		{want: 200, request: "GET /providers/acme/fidelity", says: `"fidelity":"modelled"`},
		{want: 400, request: "GET /providers/acme/fidelity?x"},
		{want: 404, request: "GET /providers/nobody/fidelity", says: `no provider is called \"nobody\"`},
		{want: 500, request: "GET /providers/acme/fidelity", fails: true},
		{want: 200, request: "GET /providers/acme/operations/verify", says: `"fields":[{"name":"number","in":"body"`},
		{want: 400, request: "GET /providers/acme/operations/verify?x"},
		{want: 404, request: "GET /providers/acme/operations/other", says: `no operation \"other\"`},
		{want: 500, request: "GET /providers/acme/operations/verify", fails: true},
		{want: 200, request: "GET /providers/acme/env?account=k", says: `"variables":[{"name":"ACME_API_KEY","value":"k"}]`},
		{want: 400, request: "GET /providers/acme/env?x"},
		{want: 404, request: "GET /providers/nobody/env"},
		{want: 500, request: "GET /providers/acme/env", fails: true},
		{want: 200, request: "GET /scenarios", says: `"magic":["2"]`},
		{want: 400, request: "GET /scenarios?x"},
		{want: 500, request: "GET /scenarios", fails: true},
		{want: 200, request: "GET /scenarios/acme/pending?account=a", says: "scenario: pending\nprovider: acme"},
		{want: 400, request: "GET /scenarios/acme/pending?x"},
		{want: 404, request: "GET /scenarios/acme/other", says: `no scenario \"other\"`},
		{want: 500, request: "GET /scenarios/acme/pending", fails: true},
		{want: 200, request: "POST /scenarios?account=test_sk_1", body: `{"source":"ci","files":[{"name":"pending.yaml","text":"scenario: pending"}]}`, says: `{"source":"ci","scenarios":[{"provider":"acme","name":"pending"`},
		{want: 200, request: "POST /scenarios?source=mine", body: `{}`, says: `{"source":"mine","scenarios":[]}`},
		{want: 200, request: "POST /scenarios", kind: "application/yaml", body: "scenario: pending\n", says: `{"source":"control"`},
		{want: 400, request: "POST /scenarios", body: `{"files":[{"name":"x","txt":"y"}]}`, says: `unknown field \"files.0.txt\"`},
		{want: 413, request: "POST /scenarios", body: long},
		{want: 422, request: "POST /scenarios", body: `{"files":[{"text":"x"}]}`, says: "files[0].name is missing"},
		{want: 422, request: "POST /scenarios?source=late", kind: "application/yaml", body: "scenario: wrong", says: `"mistakes":[{"file":"late.yaml","line":1,"column":11,"message":"there is none of that name","source":"scenario: wrong"}]`},
		{want: 500, request: "POST /scenarios", body: `{}`, fails: true},
		{want: 200, request: "GET /schema", says: `"idmock scenario"`},
		{want: 400, request: "GET /schema?provider=acme"},
		{want: 500, request: "GET /schema", fails: true},
		{want: 200, request: "GET /accounts", says: `"seed":18446744073709551615`},
		{want: 400, request: "GET /accounts?x"},
		{want: 500, request: "GET /accounts", fails: true},

		{want: 200, request: "GET /accounts/test_sk_1", says: `"name":"test_sk_1"`},
		{want: 400, request: "GET /accounts/test_sk_1?account=x"},
		{want: 404, request: "GET /accounts/nobody", says: `account \"nobody\"`},
		{want: 500, request: "GET /accounts/test_sk_1", fails: true},
		{want: 200, request: "POST /accounts/fresh%2Fone", body: `{"seed":18446744073709551615}`, says: `"seed":18446744073709551615`},
		{want: 400, request: "POST /accounts/test_sk_1", body: `{"seed":"7"}`, says: "seed must be a whole number"},
		{want: 413, request: "POST /accounts/test_sk_1", body: long},
		{want: 422, request: "POST /accounts/test_sk_1", says: "nothing to set"},
		{want: 422, request: "POST /accounts/used", body: `{"seed":7}`},
		{want: 500, request: "POST /accounts/test_sk_1", body: `{"seed":7}`, fails: true},
		{want: 204, request: "DELETE /accounts/test_sk_1"},
		{want: 400, request: "DELETE /accounts/test_sk_1?account=x"},
		{want: 404, request: "DELETE /accounts/nobody"},
		{want: 500, request: "DELETE /accounts/test_sk_1", fails: true},
		{want: 204, request: "POST /reset?account=test_sk_1"},
		{want: 400, request: "POST /reset", body: `{"account":"test_sk_1"}`, says: "given in the query, as ?account=NAME"},
		{want: 413, request: "POST /reset", body: long},
		{want: 500, request: "POST /reset", fails: true},
		{want: 200, request: "GET /journal?account=test_sk_1&after=1&limit=5&kind=event,attempt", says: `"cursor":3`},
		{want: 200, request: "GET /journal?format=ndjson", says: "\n{\"seq\":2,"},
		{want: 200, request: "GET /journal?format=har&account=test_sk_1&redact=true", says: `"creator":{"name":"idmock","version":"v1.2.3"},"entries":[{"startedDateTime":`},
		{want: 200, request: "GET /journal?format=har&account=nobody&kind=call", says: `"entries":[]}}`},
		{want: 400, request: "GET /journal?format=har&kind=run", says: "an archive holds no entries of kind"},
		{want: 400, request: "GET /journal?redact=true", says: "redact goes with format=har"},
		{want: 400, request: "GET /journal?format=har&redact=yes"},
		{want: 400, request: "GET /journal?format=xml", says: "there are json, ndjson and har"},
		{want: 400, request: "GET /journal?follow=true", says: "follow goes with format=ndjson"},
		{want: 400, request: "GET /journal?format=ndjson&follow=yes", says: "give true or false"},
		{want: 200, request: "GET /journal?account=nobody", says: `"entries":[]`},
		{want: 400, request: "GET /journal?limit=0", says: "limit is \\\"0\\\": give a whole number from 1 to 10000"},
		{want: 500, request: "GET /journal", fails: true},
		{want: 101, request: "GET /events?after=3"},
		{want: 400, request: "GET /events?after=x"},
		{want: 503, request: "GET /events?account=late"},
		{want: 200, request: "GET /deliveries?limit=5", says: `"status":"retrying"`},
		{want: 200, request: "GET /deliveries?account=nobody", says: `"deliveries":[]`},
		{want: 400, request: "GET /deliveries?limit=1001"},
		{want: 500, request: "GET /deliveries", fails: true},
		{want: 200, request: "GET /deliveries/d-1?account=test_sk_1"},
		{want: 400, request: "GET /deliveries/d-1?account=a&account=b", says: "given 2 times"},
		{want: 404, request: "GET /deliveries/d-9"},
		{want: 404, request: "GET /deliveries/d-1?account=other", says: `account \"other\" has no delivery \"d-1\"`},
		{want: 500, request: "GET /deliveries/d-1", fails: true},
		{want: 202, request: "POST /deliveries/d-1/resend", says: `{"delivery":"d-2"}`},
		{want: 202, request: "POST /deliveries/d-1/resend", body: `{"body":"{}","headers":{"X-A":"1","X-B":null},"sign":false}`},
		{want: 202, request: "POST /deliveries/d-1/resend", body: `{"base64":"AAE="}`},
		{want: 422, request: "POST /deliveries/d-1/resend", body: `{"body":"{}","base64":"AAE="}`, says: "two bodies"},
		{want: 400, request: "POST /deliveries/d-1/resend", body: "[]", says: "must be a JSON object"},
		{want: 404, request: "POST /deliveries/d-1/resend?account=other"},
		{want: 413, request: "POST /deliveries/d-1/resend", body: long},
		{want: 422, request: "POST /deliveries/d-1/resend?account=removed"},
		{want: 500, request: "POST /deliveries/d-1/resend", fails: true},

		{want: 200, request: "GET /endpoints", says: `[]`},
		{want: 200, request: "POST /endpoints?account=test_sk_1", body: `{"provider":"acme","url":"http://127.0.0.1:4000/hooks","events":["ENROLL"]}`, says: `"source":"control"`},
		{want: 200, request: "GET /endpoints", says: `"events":["ENROLL"]`},
		{want: 400, request: "GET /endpoints?provider=acme"},
		{want: 500, request: "GET /endpoints", fails: true},
		{want: 400, request: "POST /endpoints", body: `{"provider":"acme","uri":"http://x"}`, says: `unknown field \"uri\": there are provider, url, events`},
		{want: 413, request: "POST /endpoints", body: long},
		{want: 422, request: "POST /endpoints", body: `{"provider":"acme","url":"nowhere"}`, says: "give an absolute one"},
		{want: 500, request: "POST /endpoints", body: `{"provider":"acme","url":"http://x"}`, fails: true},
		{want: 204, request: "DELETE /endpoints/e-1"},
		{want: 400, request: "DELETE /endpoints/e-1?x"},
		{want: 404, request: "DELETE /endpoints/e-2"},
		{want: 500, request: "DELETE /endpoints/e-1", fails: true},

		{want: 200, request: "POST /play?account=a", body: `{"provider":"acme","scenario":"pending","subject":"2","body":{"number":"2"},"headers":{"x-a":"1"}}`, says: `"body":{"status":true}`},
		{want: 200, request: "POST /play", body: `{"provider":"acme","scenario":"html"}`, says: `"body":"<h1>Bad Gateway</h1>"`},
		{want: 200, request: "POST /play", body: `{"provider":"acme","scenario":"nothing"}`, says: "{}"},
		{want: 400, request: "POST /play", body: `{"provider":"acme","scenario":`, says: "not JSON"},
		{want: 413, request: "POST /play", body: long},
		{want: 422, request: "POST /play", body: `{"provider":"acme","scenario":"pendin"}`, says: "there are html, nothing, pending"},
		{want: 422, request: "POST /play", says: "provider is missing"},
		{want: 500, request: "POST /play", body: `{"provider":"acme","scenario":"pending"}`, fails: true},
		{want: 200, request: "POST /call?account=a", body: `{"provider":"acme","operation":"verify","scenario":"pending","parameters":{"id":"7"},"body":{"number":"2"},"headers":{"x-a":"1"}}`, says: `"status":404`},
		{want: 400, request: "POST /call", body: `{"provider":"acme","op":"verify"}`, says: `unknown field \"op\"`},
		{want: 413, request: "POST /call", body: long},
		{want: 422, request: "POST /call", body: `{"provider":"acme"}`, says: "operation is missing"},
		{want: 422, request: "POST /call", body: `{"provider":"acme","operation":"other"}`},
		{want: 500, request: "POST /call", body: `{"provider":"acme","operation":"verify"}`, fails: true},
		{want: 200, request: "GET /runs/r-1/scenario?account=a&provider=acme&name=seen", says: "scenario: seen\nprovider: acme"},
		{want: 400, request: "GET /runs/r-1/scenario?x"},
		{want: 404, request: "GET /runs/r-2/scenario?provider=acme"},
		{want: 422, request: "GET /runs/r-1/scenario", says: "provider is missing"},
		{want: 500, request: "GET /runs/r-1/scenario?provider=acme", fails: true},
		{want: 204, request: "POST /arm", body: `{"provider":"acme","scenario":"pending","calls":2,"subject":"2"}`},
		{want: 400, request: "POST /arm", body: `{"provider":"acme","scenario":"pending","calls":"2"}`, says: "calls must be a whole number"},
		{want: 413, request: "POST /arm", body: long},
		{want: 422, request: "POST /arm", body: `{"provider":"acme","scenario":"pending","calls":-1}`},
		{want: 500, request: "POST /arm", body: `{"provider":"acme","scenario":"pending"}`, fails: true},

		{want: 200, request: "GET /faults?account=a", says: `"args":{"by":"1s"}`},
		{want: 400, request: "GET /faults?provider=acme"},
		{want: 500, request: "GET /faults", fails: true},
		{want: 200, request: "GET /faults/catalogue", says: `"type":"duration"`},
		{want: 400, request: "GET /faults/catalogue?account=a"},
		{want: 200, request: "POST /faults?account=a", body: `{"fault":"duplicate","args":{"copies":3,"after":"1s"},"probability":0.25,"times":2}`, says: `"probability":"0.25"`},
		{want: 200, request: "POST /faults", body: `{"fault":"drop","provider":"acme","event":"ENROLL","endpoint":"e1"}`, says: `"account":""`},
		{want: 400, request: "POST /faults", body: `{"fault":7}`},
		{want: 404, request: "POST /faults", body: `{"fault":"drop","delivery":"nobody"}`},
		{want: 413, request: "POST /faults", body: long},
		{want: 422, request: "POST /faults", body: `{}`, says: "fault is missing"},
		{want: 422, request: "POST /faults", body: `{"fault":"nothing"}`},
		{want: 422, request: "POST /faults", body: `{"fault":"drop","times":-1}`},
		{want: 422, request: "POST /faults", body: `{"fault":"drop","args":{"times":1}}`},
		{want: 422, request: "POST /faults", body: `{"fault":"drop","args":{"a":[1]}}`},
		{want: 500, request: "POST /faults", body: `{"fault":"drop"}`, fails: true},
		{want: 204, request: "DELETE /faults"},
		{want: 400, request: "DELETE /faults?x"},
		{want: 500, request: "DELETE /faults", fails: true},
		{want: 204, request: "DELETE /faults/x1?account=a"},
		{want: 400, request: "DELETE /faults/x1?x"},
		{want: 404, request: "DELETE /faults/nobody"},
		{want: 500, request: "DELETE /faults/x1", fails: true},
		{want: 200, request: "GET /default?account=a", says: `{"acme":"pending"}`},
		{want: 400, request: "GET /default?provider=acme"},
		{want: 500, request: "GET /default", fails: true},
		{want: 204, request: "POST /default?account=a", body: `{"provider":"acme","scenario":"pending"}`},
		{want: 204, request: "POST /default", body: `{"provider":"acme"}`},
		{want: 400, request: "POST /default", body: `{"provider":"acme","scenario":7}`},
		{want: 413, request: "POST /default", body: long},
		{want: 422, request: "POST /default", body: `{"provider":"nobody","scenario":"x"}`},
		{want: 422, request: "POST /default", body: `{"scenario":"x"}`, says: "provider is missing"},
		{want: 500, request: "POST /default", body: `{"provider":"acme"}`, fails: true},
		{want: 200, request: "POST /simulate?account=test_sk_1", body: `{"name":"aml-hit","provider":"acme","run":"r-1","subject":"2","data":{"score":97}}`, says: `"rule":"pending:4"}],"played":1`},
		{want: 400, request: "POST /simulate", body: `{"nmae":"aml-hit"}`, says: `unknown field \"nmae\"`},
		{want: 404, request: "POST /simulate", body: `{"name":"aml-hit","run":"gone"}`},
		{want: 413, request: "POST /simulate", body: long},
		{want: 422, request: "POST /simulate", body: `{"name":"aml-hti"}`, says: "want one of [aml-hit]"},
		{want: 422, request: "POST /simulate", body: `{}`, says: "name is missing"},
		{want: 500, request: "POST /simulate", body: `{"name":"aml-hit"}`, fails: true},
		{want: 202, request: "POST /send?account=test_sk_1", body: `{"provider":"acme","event":"check.done","data":{"score":97},"subject":"2"}`, says: `{"account":"test_sk_1","run":"r-9","deliveries":["d-9"]}`},
		{want: 400, request: "POST /send", body: `{"provder":"acme"}`, says: `unknown field \"provder\"`},
		{want: 404, request: "POST /send", body: `{"provider":"acme","event":"check.done","run":"gone"}`},
		{want: 413, request: "POST /send", body: long},
		{want: 422, request: "POST /send", body: `{"provider":"acme"}`, says: "event is missing"},
		{want: 422, request: "POST /send", body: `{"provider":"acme","event":"check.doen"}`, says: "has no event"},
		{want: 500, request: "POST /send", body: `{"provider":"acme","event":"check.done"}`, fails: true},

		{want: 200, request: "GET /public-url", says: `{"url":"http://idmock.test"}`},
		{want: 400, request: "GET /public-url?account=a"},
		{want: 500, request: "GET /public-url", fails: true},
		{want: 200, request: "PUT /public-url", body: `{"url":"http://idmock.test"}`, says: `{"url":"http://idmock.test"}`},
		{want: 400, request: "PUT /public-url", body: `{"base":"x"}`},
		{want: 413, request: "PUT /public-url", body: long},
		{want: 422, request: "PUT /public-url", body: `{"url":"nowhere"}`},
		{want: 500, request: "PUT /public-url", body: `{"url":""}`, fails: true},

		{want: 200, request: "GET /clock?account=test_sk_1", says: `"frozen":false`},
		{want: 400, request: "GET /clock?x"},
		{want: 500, request: "GET /clock", fails: true},
		{want: 200, request: "POST /clock", body: `{"rate":60,"frozen":true}`, says: `"rate":60,"frozen":true`},
		{want: 400, request: "POST /clock", body: `{"rate":"60"}`, says: "rate must be a number"},
		{want: 413, request: "POST /clock", body: long},
		{want: 422, request: "POST /clock", body: `{}`, says: "nothing to change"},
		{want: 422, request: "POST /clock", body: `{"rate":0}`, says: "above 0"},
		{want: 500, request: "POST /clock", body: `{"rate":1}`, fails: true},
		{want: 200, request: "POST /clock/advance", body: `{"by":"30d"}`, says: `{"now":"2026-04-01T09:30:`},
		{want: 200, request: "POST /clock/advance?account=test_sk_1", body: `{"to":"end"}`, says: `"settled":9`},
		{want: 422, request: "POST /clock/advance", body: `{"to":"end"}`, says: "name an account"},
		{want: 422, request: "POST /clock/advance", body: `{"by":"1h","to":"end"}`, says: "give either by, or to"},
		{want: 400, request: "POST /clock/advance", body: `{"by":720}`, says: "by must be a string"},
		{want: 413, request: "POST /clock/advance", body: long},
		{want: 422, request: "POST /clock/advance", body: `{"by":"720"}`, says: "write it as"},
		{want: 422, request: "POST /clock/advance", body: `{"by":"-1h"}`},
		{want: 500, request: "POST /clock/advance", body: `{"by":"1s"}`, fails: true},

		{want: 200, request: "POST /wait?account=test_sk_1", body: `{"event":"verification.completed","provider":"acme","run":"r-1","delivery":"d-1","outcome":"attempted","count":1,"after":0,"timeout":"5s"}`, says: `"cursor":3`},
		{want: 400, request: "POST /wait", body: `{"evnt":"x"}`, says: "unknown field \\\"evnt\\\""},
		{want: 408, request: "POST /wait", body: `{"timeout":"0s"}`, says: `"closest":[{"seq":3`},
		{want: 413, request: "POST /wait", body: long},
		{want: 422, request: "POST /wait", body: `{"outcome":"sent"}`, says: "there are attempted, delivered, exhausted, unroutable and dropped"},
		{want: 422, request: "POST /wait", body: `{"count":0}`},
		{want: 422, request: "POST /wait", body: `{"timeout":"11m"}`, says: "at most 10m0s"},
		{want: 500, request: "POST /wait", body: `{}`, fails: true},
		{want: 200, request: "POST /wait/idle", says: `{"idle":true}`},
		{want: 200, request: "POST /wait/idle", body: `{"end":true}`},
		{want: 400, request: "POST /wait/idle", body: `{"timout":"5s"}`},
		{want: 408, request: "POST /wait/idle", body: `{"timeout":"1ms"}`, says: "GET /_idmock/v1/deliveries shows what"},
		{want: 413, request: "POST /wait/idle", body: long},
		{want: 422, request: "POST /wait/idle", body: `{"timeout":"soon"}`},
		{want: 500, request: "POST /wait/idle", fails: true},
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		exchanges = append(exchanges,
			exchange{want: 200, request: method + " /receiver/first?token=mine"},
			exchange{want: 204, request: method + " /receiver/first?status=204"},
			exchange{want: 304, request: method + " /receiver/first?status=304"},
			exchange{want: 503, request: method + " /receiver/first?status=503"},
			exchange{want: 400, request: method + " /receiver/first?status=400"},
			exchange{want: 400, request: method + " /receiver/first?status=99"},
			exchange{want: 413, request: method + " /receiver/first", body: strings.Repeat(" ", 16<<20+1)},
		)
	}
	exchanges = append(exchanges, exchange{want: 503, request: "GET /journal", stops: true, says: "the server is stopping"})
	j := newJudge(t)
	for _, x := range exchanges {
		j.judge(t, x)
	}
	j.complete(t)
}

// judge drives a server and compares what it says with the document.
type judge struct {
	backend *backend
	server  *httptest.Server
	router  routers.Router
	open    map[string]bool // operation and status that were not seen yet
}

func newJudge(t *testing.T) *judge {
	j := &judge{backend: newBackend(store.Retention{}), open: map[string]bool{}}
	j.backend.add(t, "test_sk_1", journal.Account{Account: "test_sk_1", Seed: 7}, planned("d-1", "verification.completed"), attempt("d-1", 503))
	j.server = httptest.NewServer(j.backend.handler(control.Options{Token: control.NewToken("x"), Version: "v1.2.3", Events: http.HandlerFunc(stream)}))
	t.Cleanup(j.server.Close)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.PlainBodyDecoder)
	t.Cleanup(func() { openapi3filter.UnregisterBodyDecoder("application/x-ndjson") })
	reply, err := http.Get(j.server.URL + control.Base + "/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(source)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: j.server.URL + control.Base}}
	if j.router, err = legacy.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				j.open[op.OperationID+" "+status] = true
			}
		}
	}
	return j
}

func (j *judge) judge(t *testing.T, x exchange) {
	t.Helper()
	method, path, _ := strings.Cut(x.request, " ")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, j.server.URL+control.Base+path, strings.NewReader(x.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", cmp.Or(x.kind, "application/json"))
	if path == "/events?after=3" {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	}
	j.backend.prepare(x, j.backend.Memory)
	reply, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	defer reply.Body.Close()
	var body []byte
	if reply.StatusCode != http.StatusSwitchingProtocols {
		if body, err = io.ReadAll(reply.Body); err != nil {
			t.Fatalf("%s: %v", x.request, err)
		}
	}
	if reply.StatusCode != x.want || !bytes.Contains(body, []byte(x.says)) {
		t.Errorf("%s %.80s: got %d %s, want %d and %s", x.request, x.body, reply.StatusCode, body, x.want, x.says)
	}
	route, params, err := j.router.FindRoute(r)
	if err != nil {
		t.Fatalf("%s: %v", x.request, err)
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if x.want < 300 && x.body != "" {
		r.Body = io.NopCloser(strings.NewReader(x.body))
		if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
			t.Errorf("%s %s: the document would not take the request: %v", x.request, x.body, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: reply.StatusCode, Header: reply.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(ctx, answer.SetBodyBytes(body)); err != nil {
		t.Errorf("%s: got %d %s, which is not as documented: %v", x.request, reply.StatusCode, body, err)
	}
	status := fmt.Sprint(reply.StatusCode)
	if route.Operation.Responses.Value(status) == nil {
		status = "default"
	}
	delete(j.open, route.Operation.OperationID+" "+status)
}

func (j *judge) complete(t *testing.T) {
	var left []string
	for name := range j.open {
		left = append(left, name)
	}
	if slices.Sort(left); len(left) > 0 {
		t.Errorf("documented and never seen: %s", strings.Join(left, ", "))
	}
}

// prepare brings the backend into the state that an exchange is about.
func (b *backend) prepare(x exchange, m *store.Memory) {
	var failure error
	if x.fails {
		failure = errors.New("the disk is full")
	}
	if x.stops {
		_ = m.Close()
	}
	if strings.HasSuffix(x.request, "account=removed") {
		failure = control.Invalidf("endpoint %q is not registered any more", "e-1")
	}
	b.fail(failure)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idle = func(context.Context) error { return nil }
	if x.want == http.StatusRequestTimeout {
		b.idle = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	}
}

// stream stands in for the websocket: what is judged here is that it can be reached, and described.
func stream(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, detail string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d,"detail":%q}`, http.StatusText(status), status, detail)
	}
	if r.URL.Query().Get("after") == "x" {
		refuse(http.StatusBadRequest, "after must be a number")
		return
	}
	if r.URL.Query().Get("account") == "late" {
		refuse(http.StatusServiceUnavailable, "the server is stopping")
		return
	}
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = out.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	_ = out.Flush()
}
