package library_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi/catalog"
)

// A mistake is a file that is wrong in meaning, with everything that the error must contain. Rules begin at line 4.
type mistake struct {
	name, provider, rules string
	want                  []string // the place, the object and the correction
}

func mistakes() []mistake {
	const check = "  - on: verifyBVN\n    outcome: pending\n    then:\n"
	return []mistake{
		// --- Outcomes
		{"unknown outcome", "identitypass", "  - on: verifyBVN\n    outcome: rejectd\n", []string{":5:14", `no outcome "rejectd"`, `"rejected"`}},
		{"outcome of another provider", "peleza", "  - on: verifyKenyaNationalID\n    outcome: blocked\n", []string{":5:14", `no outcome "blocked"`, "verified, pending, rejected"}},
		{"outcome in upper case", "identitypass", "  - on: verifyBVN\n    outcome: VERIFIED\n", []string{":5:14", `"verified"`}},
		{"unknown outcome in a step", "identitypass", check + "      - {after: 1h, outcome: verifed, send: verification.completed}\n", []string{":7:30", `"verified"`}},
		{"unknown outcome as", "identitypass", check + "      - after: 1h\n        send: {event: verification.completed, as: refused}\n", []string{":8:51", `no outcome "refused"`, "want one of"}},
		{"unknown key of send", "identitypass", check + "      - after: 1h\n        send: {evnt: verification.completed}\n", []string{":8:16", `"event"`}},
		{"send without event", "identitypass", check + "      - after: 1h\n        send: {as: rejected}\n", []string{`missing key "event"`}},
		{"outcome that is for other operations", "identitypass", "  - on: verifyNIN\n    outcome: blocked\n", []string{":5:14", "verifyNIN has no outcome blocked", "verifyBVN*"}},
		{"outcome that no expression yields", "identitypass", "  - on: verifyBVN\n    outcome: \"${subject == '1' ? 'verified' : 'rejectd'}\"\n", []string{":5:", `no outcome "rejectd"`, `"rejected"`}},
		{"comparison with an unknown outcome", "identitypass", "  - on: verifyBVN\n    when: run.outcome == \"rejectd\"\n", []string{":5:", `run.outcome is never "rejectd"`, `"rejected"`}},
		{"set of the outcome", "identitypass", "  - on: verifyBVN\n    set: {outcome: rejected}\n", []string{":5:11", "outcome beside set"}},
		{"example of another outcome", "identitypass", "  - on: verifyBVN\n    reply: {example: success}\n    outcome: rejected\n", []string{":5:22", "success means verified", "rejected"}},
		{"example of another outcome after set", "identitypass", "  - on: verifyBVN\n    reply: {example: success}\n    set: {status: NOT-VERIFIED}\n", []string{":5:22", "success means verified"}},
		{"set against the outcome", "identitypass", "  - on: verifyBVN\n    set: {status: VERIFIED}\n    outcome: rejected\n", []string{":6:14", "outcome rejected sets status to NOT-VERIFIED"}},
		{"data of another outcome", "prembly", "  - on: verifyBVN\n    outcome: verified\n    then:\n      - {after: 1s, send: verification.completed, data: {response_code: \"01\"}}\n", []string{":7:", "response_code is that of the outcome rejected", "as: rejected"}},
		{"data of another outcome, nested", "peleza", "  - on: initializeWidget\n    outcome: verified\n    then:\n      - {after: 1s, send: sdk.completed, data: {face_data: {Status: false}}}\n", []string{":7:", "face_data.Status is that of the outcome rejected"}},
		{"data of another outcome of as", "peleza", "  - on: verifyKenyaNationalID\n    outcome: verified\n    then:\n      - after: 1s\n        send: {event: verification.completed, as: rejected}\n        data: {status: true}\n", []string{":9:", "status is that of the outcome verified", "as: verified"}},
		{"event that cannot report the outcome", "faceio", "  - on: enrollFace\n    outcome: enrolled\n    then: {after: 1s, send: DELETION}\n", []string{":6:", "DELETION cannot report the outcome enrolled", "ENROLL"}},
		{"event of a decision by hand", "idwise", "  - on: start\n    outcome: face-mismatch\n    then: {after: 1s, send: Manually Reviewed}\n", []string{":6:", "Manually Reviewed cannot report the outcome face-mismatch", "Finished Journey"}},
		{"event as another", "faceio", "  - on: enrollFace\n    outcome: enrolled\n    then: {after: 1s, send: {event: ENROLL, as: deleted}}\n", []string{":6:", "ENROLL cannot report the outcome deleted"}},
		// --- Run variables
		{"unknown value", "identitypass", "  - on: verifyBVN\n    set: {status: REJECTED}\n", []string{":5:19", `status cannot be "REJECTED"`, "VERIFIED, PENDING, NOT-VERIFIED, FAILED", "outcome: rejected"}},
		{"misspelt value", "identitypass", "  - on: verifyBVN\n    set: {status: VERIFED}\n", []string{":5:19", `"VERIFIED"`}},
		{"misspelt value in a step", "identitypass", check + "      - {after: 1h, set: {status: PENDNG}}\n", []string{":7:", `"PENDING"`}},
		{"misspelt value in an expression", "identitypass", "  - on: verifyBVN\n    set: {status: \"${subject == '1' ? 'VERIFIED' : 'REFUSED'}\"}\n", []string{":5:", `status cannot be "REFUSED"`}},
		{"value of another type", "idwise", "  - on: start\n    set: {aml_version: two}\n", []string{":5:24", "aml_version must be number, not text"}},
		{"misspelt variable", "identitypass", "  - on: verifyBVN\n    set: {stauts: VERIFIED}\n", []string{":5:11", `no variable "stauts"`, `"status"`}},
		{"variable that nothing reads", "identitypass", "  - on: verifyBVN\n    set: {verdict: ok}\n", []string{":5:11", `no variable "verdict"`, "variables: {verdict: TYPE}"}},
		{"misspelt variable in an expression", "identitypass", check + "      - {after: 48h, set: {status: \"${run.stauts}\"}, send: verification.completed}\n", []string{":7:", `no variable "stauts"`, `"status"`}},
		{"misspelt variable in a condition", "identitypass", "  - on: verifyBVN\n    when: run.stauts == \"PENDING\"\n", []string{":5:11", `"status"`}},
		{"comparison with an unknown value", "identitypass", "  - on: getVerificationStatus\n    when: run.status == \"VERFIED\"\n", []string{":5:", `run.status is never "VERFIED"`, `"VERIFIED"`}},
		{"comparison with unknown values in a list", "idwise", "  - on: getJourneyResult\n    when: run.status in [\"FINISHD\", \"OPEN\"]\n", []string{":5:", `"FINISHD"`, `"FINISHED"`}},
		{"unknown operation in an expression", "identitypass", "  - on: getVerificationStatus\n    when: run.operation == \"verifyBNV\"\n", []string{":5:", `"verifyBVN"`}},
		{"reserved variable", "identitypass", "  - on: verifyBVN\n    set: {reference: abc}\n", []string{":5:11", "every run has reference"}},
		// --- Data
		{"unknown key of data", "peleza", "  - on: verifyKenyaNationalID\n    then: {after: 1s, send: verification.completed, data: {respons_code: \"00\"}}\n", []string{":5:", "respons_code"}},
		{"unknown key of open data", "identitypass", "  - on: verifyBVN\n    then: {after: 1s, send: verification.completed, data: {respons_code: \"00\"}}\n", []string{":5:", `no "respons_code"`, `"response_code"`}},
		{"unknown key of data, prembly", "prembly", "  - on: verifyBVN\n    then: {after: 1s, send: verification.completed, data: {detial: x}}\n", []string{":5:", `"detail"`}},
		{"unknown key of data, idwise", "idwise", "  - on: start\n    then: {after: 1s, send: Finished Journey, data: {sytemDecision: Refer}}\n", []string{":5:", "sytemDecision"}},
		{"value outside the schema", "idwise", "  - on: start\n    then: {after: 1s, send: Finished Journey, data: {systemDecision: Rejectd}}\n", []string{":5:", "systemDecision"}},
		// --- Members of requests
		{"misspelt member of the body", "identitypass", "  - on: verifyBVN\n    when: body.nunber == \"1\"\n", []string{":5:11", "no body.nunber", `"number"`}},
		{"member of another operation's body", "identitypass", "  - on: verifyBVN\n    when: body.rc_number == \"1\"\n", []string{":5:11", "no body.rc_number"}},
		{"misspelt member in set", "idwise", "  - on: startJourney\n    set: {flow_id: \"${body.flow_ids}\"}\n", []string{":5:", `"flow_id"`}},
		{"misspelt member in a reply", "identitypass", "  - on: verifyBVN\n    reply: {body: {detail: \"${body.nunber}\"}}\n", []string{":5:", `"number"`}},
		{"misspelt member in a step", "identitypass", check + "      - {after: 1h, when: body.nmber == \"1\", send: verification.completed}\n", []string{":7:", `"number"`}},
		{"misspelt path parameter", "prembly", "  - on: getVerificationStatus\n    when: path.refrence == \"1\"\n", []string{":5:11", `"reference"`}},
		{"path of an operation without one", "identitypass", "  - on: verifyBVN\n    when: path.reference == \"1\"\n", []string{":5:11", "no path.reference"}},
		{"query parameter that does not exist", "identitypass", "  - on: verifyBVN\n    when: query.numbr == \"1\"\n", []string{":5:11", "no query.numbr"}},
		{"misspelt credential", "identitypass", "  - on: verifyBVN\n    when: account.public_kee == \"1\"\n", []string{":5:11", `"public_key"`}},
		{"misspelt member of a person", "identitypass", "  - on: verifyBVN\n    when: fake.frist_name == \"Ada\"\n", []string{":5:", `"first_name"`}},
		{"misspelt member of a delivery", "identitypass", "  - on: {exhausted: verification.completed}\n    when: delivery.attemps == 1\n", []string{":5:11", `"attempts"`}},
		{"misspelt variable of the language", "identitypass", "  - on: verifyBVN\n    when: bdy.number == \"1\"\n", []string{":5:11", `"body"`}},
		{"unknown vars", "identitypass", "  - on: verifyBVN\n    when: vars.wait == 1\n", []string{":5:11", `no vars "wait"`}},
		{"misspelt value of sandbox", "identitypass", "  - on: verifyBVN\n    when: sandbox == \"verifed\"\n", []string{":5:", `"verified"`}},
		// --- Conditions
		{"assignment", "identitypass", "  - on: verifyBVN\n    when: body.number = \"1\"\n", []string{":5:", "write =="}},
		{"condition that is false", "identitypass", "  - on: verifyBVN\n    when: 1 == 2\n", []string{":5:11", "never true"}},
		{"condition that contradicts itself", "identitypass", "  - on: verifyBVN\n    when: body.number == \"1\" && body.number == \"2\"\n", []string{":5:11", "never true"}},
		{"rule behind another", "identitypass", "  - on: verify*\n  - on: verifyBVN\n    outcome: rejected\n", []string{":5:5", "unreachable rule"}},
		{"condition that is a text", "prembly", "  - on: verifyNIN\n    when: run.status\n    outcome: pending\n", []string{":5:11", "is text, which never counts as true", "compare it"}},
		{"condition that is a number", "prembly", "  - on: verifyNIN\n    when: len(body.number)\n    outcome: pending\n", []string{":5:11", "is a number, which never counts as true"}},
		{"text compared with a number", "prembly", "  - on: verifyNIN\n    when: subject == 12345\n", []string{":5:19", "== cannot compare or join text with a number", "in quotes"}},
		{"prefix that is a number", "prembly", "  - on: verifyNIN\n    when: body.number startsWith 1\n", []string{":5:23", "startsWith cannot compare", "in quotes"}},
		{"time compared with a text", "peleza", "  - on: verifyKenyaNationalID\n    when: now > \"2026-01-31\"\n", []string{":5:15", "a time with text", "date("}},
		{"expression without an end", "faceio", "  - on: enrollFace\n    when: body.pin ==\n", []string{":5:11", "the expression is incomplete"}},
		{"variable of provider.yaml", "prembly", "  - on: verifyNIN\n    when: endpoint.signature == \"base64-key\"\n", []string{":5:11", "endpoint is known in provider.yaml only", "scenarios have body"}},
		{"delivery where none has ended", "idwise", "  - on: startJourney\n    when: delivery.attempts > 1\n", []string{":5:11", "delivery is known in rules for delivered and exhausted"}},
		{"sandbox of a provider without one", "faceio", "  - on: enrollFace\n    when: sandbox == \"enrolled\"\n", []string{":5:11", "faceio has no sandbox with values"}},
		// --- Types and values
		{"member of the body as a condition", "identitypass", "  - on: verifyBVN\n    when: body.number\n    outcome: rejected\n", []string{":5:11", "body.number is a number or text, which never counts as true", "compare it"}},
		{"member of the body in a condition", "prembly", "  - on: verifyTIN\n    when: subject == \"1\" && not body.channel\n    outcome: rejected\n", []string{":5:33", "body.channel is text, which never counts as true"}},
		{"member of the body before a question mark", "identitypass", "  - on: verifyBVN\n    outcome: \"${body.number ? 'verified' : 'rejected'}\"\n", []string{":5:17", "body.number is a number or text"}},
		{"error of a delivery as a condition", "identitypass", "  - on: {exhausted: verification.completed}\n    when: delivery.error\n    outcome: failed\n", []string{":5:11", "delivery.error is text"}},
		{"text compared with a number, in the body", "prembly", "  - on: verifyTIN\n    when: body.channel == 5\n    outcome: rejected\n", []string{":5:11", "body.channel is text, never 5", "in quotes"}},
		{"text compared with a truth value", "identitypass", "  - on: getVerificationStatus\n    when: run.status != true\n    reply: {}\n", []string{":5:11", "run.status is text, so that it always differs from true"}},
		{"number compared with a text", "idwise", "  - on: getJourneyResult\n    when: run.aml_version == \"1\"\n    reply: {}\n", []string{":5:11", `run.aml_version is a number, never "1"`, "without quotes"}},
		{"truth value compared with a text", "idwise", "  - on: getJourneyResult\n    when: run.deleted == \"true\"\n    reply: {}\n", []string{":5:11", "run.deleted is true or false", "without quotes"}},
		{"list compared with a text", "idwise", "  - on: getJourneyResult\n    when: run.steps == \"10\"\n    reply: {}\n", []string{":5:11", "run.steps is a list", `"10" in run.steps`}},
		{"number as the beginning of a text", "idwise", "  - on: getJourneyResult\n    when: run.aml_version startsWith \"1\"\n    reply: {}\n", []string{":5:11", "run.aml_version is a number", "startsWith is for text"}},
		{"status of a delivery as text", "identitypass", "  - on: {exhausted: verification.completed}\n    when: delivery.status == \"503\"\n    outcome: failed\n", []string{":5:11", "delivery.status is a number"}},
		{"order of texts and numbers", "identitypass", "  - on: verifyBVN\n    when: body.number > 100\n    outcome: rejected\n", []string{":5:11", "cannot be compared by > 100", "int()"}},
		{"value that requests are refused with", "identitypass", "  - on: verifyBVN\n    when: body.number == \"2222222222\"\n    outcome: rejected\n", []string{":5:11", `body.number is never "2222222222"`, "[0-9]{11}"}},
		{"value that the schema does not list", "prembly", "  - on: finishWidget\n    when: body.outcome == \"sucess\"\n    outcome: verified\n", []string{":5:11", `never "sucess"`, "success, failed, cancelled"}},
		{"list that is a text", "identitypass", "  - on: getVerificationStatus\n    when: run.status in \"PENDING\"\n    reply: {}\n", []string{":5:11", "in needs a list", `["PENDING"]`}},
		{"text for a number", "idwise", "  - on: getJourneyResult\n    set: {asked: \"${string(now.UnixMilli())}\"}\n", []string{":5:18", "asked must be number, and this is text"}},
		{"value that is and is not", "identitypass", "  - on: verifyBVN\n    when: subject == \"1\" && subject != \"1\"\n    outcome: rejected\n", []string{":5:11", "never true"}},
		{"bounds that exclude each other", "idwise", "  - on: getJourneyResult\n    when: run.aml_version > 3 && run.aml_version < 2\n    reply: {}\n", []string{":5:11", "never true"}},
		{"length below nothing", "identitypass", "  - on: verifyBVN\n    when: len(subject) < 0\n    outcome: rejected\n", []string{":5:11", "never true"}},
		{"condition of an earlier rule", "identitypass", "  - on: verifyBVN\n    when: subject == \"1\"\n    outcome: rejected\n  - on: verifyBVN\n    when: subject  == \"1\"\n    outcome: verified\n", []string{":7:5", "unreachable rule", "line 4", "change the when"}},
		{"operation twice", "identitypass", "  - on: [verifyBVN, verifyBVN]\n    outcome: rejected\n", []string{":4:21", "duplicate verifyBVN"}},
		{"days for a response", "identitypass", check + "      - {after: 1s, send: verification.completed, expect: {status: 2xx, within: 2d}}\n", []string{":7:81", "within is wall time", "waits 10s", "within: 48h"}},
		// --- What cannot happen
		{"replies that no request reaches", "identitypass", "  - on: verifyBVN\n    reply: [{status: 503}, {status: 503}, {example: success}]\n    outcome: verified\n", []string{":5:", "gets the first reply", "times: 2"}},
		{"fault by another name", "prembly", "  - on: verifyNIN\n    outcome: verified\n    then: {after: 1s, send: verification.completed, fault: wrong-signature}\n", []string{":6:", `unknown fault "wrong-signature"`, "missing-signature or", "wrong-secret"}},
		{"end of an event that nothing sends", "prembly", "  - on: {delivered: watchlist.identity_flagged}\n    outcome: verified\n", []string{":4:21", "this rule never plays", "sends watchlist.identity_flagged", "delivered: aml.updated or sdk.completed"}},
		{"end of an event that is dropped", "faceio", "  - on: enrollFace\n    outcome: enrolled\n    then: {after: 1s, send: ENROLL}\n  - on: {exhausted: check.gone}\n", []string{":7:21", `no event "check.gone"`}},
		{"more attempts than there are", "identitypass", "  - on: {exhausted: verification.completed}\n    when: delivery.attempts > 4\n    outcome: failed\n", []string{":5:11", "never true", "1 to 4 times"}},
		{"a number of attempts that is not reached", "idwise", "  - on: {exhausted: Finished Journey}\n    when: delivery.attempts == 7\n    set: {action: late}\n", []string{":5:11", "1 to 4 times"}},
		{"a second attempt of events that are sent once", "faceio", "  - on: {exhausted: ENROLL}\n    when: delivery.attempts >= 2\n    outcome: deleted\n", []string{":5:11", "faceio attempts an event once"}},
		{"no attempt", "peleza", "  - on: {delivered: verification.completed}\n    when: 1 > delivery.attempts\n    outcome: rejected\n", []string{":5:15", "delivery.attempts < 1"}},
		{"failure of a delivery that arrived", "identitypass", "  - on: {delivered: verification.completed}\n    when: delivery.status == 503\n    outcome: failed\n", []string{":5:11", "never 503 in a rule for delivered", "exhausted"}},
		{"acceptance of a delivery that failed", "idwise", "  - on: {exhausted: Finished Journey}\n    when: delivery.status == 200\n    set: {action: late}\n", []string{":5:11", "never 200 in a rule for exhausted"}},
		{"another event than the rule's", "identitypass", "  - on: {delivered: verification.completed}\n    when: delivery.event == \"checkout.completed\"\n    outcome: failed\n", []string{":5:", `never "checkout.completed" in this rule`, "verification.completed"}},
		{"outcome of a request without a run", "identitypass", "  - on: listBankCodes\n    outcome: verified\n", []string{":5:5", "outcome has no effect", "start no run"}},
		{"timeline of a request without a run", "prembly", "  - on: listBankCodes\n    then:\n      - expect: {call: getVerificationStatus, within: 1h}\n", []string{":5:5", "then has no effect"}},
		{"body of a response against the outcome", "identitypass", "  - on: verifyBVN\n    reply: {body: {status: true, response_code: \"00\"}}\n    outcome: rejected\n", []string{":5:", "is that of the outcome verified, but the outcome is rejected"}},
		{"body of a response against the outcome, prembly", "prembly", "  - on: verifyNIN\n    reply: {example: pending, body: {status: true, response_code: \"00\"}}\n    outcome: pending\n", []string{":5:", "but the outcome is pending"}},
		{"body of a response without one", "prembly", "  - on: verifyNIN\n    reply: {status: 204, body: {a: 1}}\n", []string{":5:32", "status 204 has no body"}},
		{"example of a response that never comes", "prembly", "  - on: verifyNIN\n    reply: {example: success, hang: true}\n", []string{":5:22", "hang never responds"}},
		{"expected request that starts a run", "identitypass", check + "      - expect: {call: verifyBVN, within: 24h}\n", []string{":7:", "never about this run", "getVerificationStatus"}},
		{"before-reply after a wait", "identitypass", "  - on: verifyBVN\n    outcome: verified\n    then: {after: 1s, send: verification.completed, fault: before-reply}\n", []string{":6:", "before-reply", "after a wait"}},
		{"before-reply after a step that waits", "identitypass", check + "      - {after: 1s, send: verification.completed}\n      - {send: verification.completed, fault: before-reply}\n", []string{":8:", "before-reply"}},
		{"before-reply without a request", "idwise", "  - on: start\n    outcome: complete\n    then: {send: Finished Journey, fault: before-reply}\n", []string{":6:", "needs a request"}},
		{"drop with expect", "identitypass", check + "      - {after: 1s, send: verification.completed, fault: drop, expect: {status: 2xx}}\n", []string{":7:", "drop sends nothing"}},
		{"event that needs an endpoint to opt in", "idwise", "  - on: start\n    outcome: approved\n    then: {after: 1s, send: Updated Journey}\n", []string{":6:", "only goes to endpoints that list it", "opt_in: true"}},
		// --- Time
		{"chain of one event", "identitypass", "  - on: {delivered: verification.completed}\n    then: {send: verification.completed}\n", []string{":5:", "never lets time pass", "add after"}},
		{"chain of two events", "idwise", "  - on: {delivered: Finished Journey}\n    then: {send: Manually Reviewed}\n  - on: {delivered: Manually Reviewed}\n    then: {send: Finished Journey}\n", []string{":5:", "never lets time pass"}},
		{"chain of failures", "identitypass", "  - on: {exhausted: verification.completed}\n    then: {send: verification.completed}\n", []string{":5:", "never ends", "the failure of verification.completed"}},
		{"chain of a delivery and a failure", "idwise", "  - on: {delivered: Finished Journey}\n    then: {send: Manually Reviewed}\n  - on: {exhausted: Manually Reviewed}\n    then: {send: Finished Journey}\n", []string{":5:", "never ends"}},
		{"chain by a wildcard", "identitypass", "  - on: {delivered: \"*\"}\n    then: [{send: checkout.completed}]\n", []string{":5:", "never lets time pass"}},
	}
}

// TestMistakes checks that lint finds each mistake of meaning at its place, names the object and offers the correction.
func TestMistakes(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	all := mistakes()
	if len(all) < 60 {
		t.Errorf("%d mistakes, want 60 or more", len(all))
	}
	found := 0
	for _, m := range all {
		src := "scenario: x\nprovider: " + m.provider + "\nrules:\n" + m.rules
		_, err := library.Lint(providers, "x.yaml", []byte(src))
		ok := err != nil
		for _, want := range m.want {
			ok = ok && strings.Contains(err.Error(), want)
		}
		if !ok {
			t.Errorf("%s: got %v, want %q in\n%s", m.name, err, m.want, src)
			continue
		}
		found++
	}
	t.Logf("%d of %d mistakes found", found, len(all))
}

// TestMistakesInFiles checks mistakes that need more of a file than rules.
func TestMistakesInFiles(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"cyclic vars":              {"scenario: x\nprovider: identitypass\nvars: {a: \"${vars.b}\", b: \"${vars.a}\"}\nrules:\n  - on: verifyBVN\n", []string{":3:8", "vars depend on themselves", "a → b → a"}},
		"vars of themselves":       {"scenario: x\nprovider: identitypass\nvars: {a: \"${vars.a}\"}\nrules:\n  - on: verifyBVN\n", []string{":3:8", "a → a"}},
		"select of no request":     {"scenario: x\nprovider: identitypass\nselect: body.nunber == \"1\"\nrules:\n  - on: verifyBVN\n", []string{":3:9", `"number"`}},
		"select that is false":     {"scenario: x\nprovider: identitypass\nselect: \"false\"\nrules:\n  - on: verifyBVN\n", []string{":3:9", "never true"}},
		"select by the run":        {"scenario: x\nprovider: identitypass\nselect: run.status == \"PENDING\"\nrules:\n  - on: verifyBVN\n", []string{":3:9", "before there is a run"}},
		"select by a delivery":     {"scenario: x\nprovider: identitypass\nselect: delivery.status == 200\nrules:\n  - on: verifyBVN\n", []string{":3:9", "nothing is delivered here"}},
		"vars as a condition":      {"scenario: x\nprovider: identitypass\nvars: {late: soon}\nrules:\n  - on: verifyBVN\n    when: vars.late\n    outcome: rejected\n", []string{":6:11", "vars.late is text"}},
		"vars of another type":     {"scenario: x\nprovider: identitypass\nvars: {limit: 3}\nrules:\n  - on: verifyBVN\n    when: vars.limit == \"3\"\n    outcome: rejected\n", []string{":6:11", "vars.limit is a number", "without quotes"}},
		"unknown type":             {"scenario: x\nprovider: identitypass\nvariables: {tries: integer}\nrules:\n  - on: verifyBVN\n    set: {tries: 1}\n", []string{":3:20", `unknown type "integer"`, "number"}},
		"vars that nothing reads":  {"scenario: x\nprovider: peleza\nvars: {limit: 2, limt: 3}\nrules:\n  - on: verifyKenyaNationalID\n    when: vars.limit > 3\n", []string{":3:18", "no expression reads vars.limt", `"limit"`}},
		"misspelt vars of default": {"scenario: x\nprovider: idwise\nvars: {outcom: referred}\nrules:\n  - on: startJourney\n    outcome: open\n", []string{":3:8", "no expression reads vars.outcom", `"outcome"`}},
		"reserved variable":        {"scenario: x\nprovider: identitypass\nvariables: {subject: text}\nrules:\n  - on: verifyBVN\n", []string{":3:13", "every run has subject"}},
		"value of a declaration":   {"scenario: x\nprovider: identitypass\nvariables: {level: [low, high]}\nrules:\n  - on: verifyBVN\n    set: {level: middle}\n", []string{":6:18", `level cannot be "middle"`, "low, high"}},
	} {
		_, err := library.Lint(providers, "x.yaml", []byte(c.src))
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

// TestSiblingDefault checks that a file knows the vars and variables of a default scenario that is served with it, and its events.
func TestSiblingDefault(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	base := []byte("scenario: default\nprovider: faceio\nvars: {limit: 3}\nvariables: {tries: number, level: [low, high]}\nrules:\n  - on: enrollFace\n    outcome: enrolled\n    set: {tries: 1}\n    then: {after: 1s, when: vars.limit > 2, send: {event: DELETION, as: deleted}}\n")
	own := []byte("scenario: x\nprovider: faceio\nvars: {limit: 4}\nrules:\n  - on: {delivered: DELETION}\n    when: vars.limit > 3 && run.tries > 1\n    set: {tries: 2}\n")
	linter := library.NewLinter(providers, own, base)
	for name, src := range map[string][]byte{"default.yaml": base, "x.yaml": own} {
		if _, err := linter.Lint(name, src); err != nil {
			t.Error(err)
		}
	}
	wrong := strings.Replace(string(own), "set: {tries: 2}", "set: {level: middle, tris: 1}", 1)
	_, err = linter.Lint("x.yaml", []byte(wrong))
	for _, want := range []string{":7:18", `level cannot be "middle"`, "low, high", `"tries"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestHeadersInAnyCase checks that a scenario finds a header however the file and the request write its name.
func TestHeadersInAnyCase(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"X-Trace-ID", "x-trace-id", "X-TRACE-ID"} {
		s, err := library.Lint(providers, "x.yaml", []byte("scenario: x\nprovider: identitypass\nselect: header[\""+name+"\"] == \"7\"\nrules:\n  - on: verifyBVN\n"))
		if err != nil {
			t.Fatal(err)
		}
		for _, sent := range []string{"X-Trace-ID", "x-trace-id"} {
			r := httptest.NewRequest("POST", "/identitypass/api/v2/biometrics/merchant/data/verification/bvn", strings.NewReader(`{"number":"12345678901"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Api-Key", "k")
			r.Header.Set(sent, "7")
			call, err := providers[0].Match(r)
			if err != nil {
				t.Fatal(err)
			}
			if ok, err := s.Select.True(call.Scope()); !ok || err != nil {
				t.Errorf("header[%q] of a request with %s: %t, %v", name, sent, ok, err)
			}
		}
	}
}

// TestCorrectMeaning checks that lint accepts what looks like a mistake and is none.
func TestCorrectMeaning(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"a variable that the file sets and reads": "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    set: {tries: 1}\n    then: {after: 1s, when: run.tries == 1, send: verification.completed}\n",
		"a declared variable":                     "scenario: x\nprovider: identitypass\nvariables: {tries: number}\nrules:\n  - on: verifyBVN\n    set: {tries: 1}\n",
		"a chain that a condition ends":           "scenario: x\nprovider: identitypass\nvariables: {n: number}\nrules:\n  - on: {delivered: verification.completed}\n    when: (run.n ?? 0) < 3\n    set: {n: \"${(run.n ?? 0) + 1}\"}\n    then: {send: verification.completed}\n",
		"a chain that lets time pass":             "scenario: x\nprovider: identitypass\nrules:\n  - on: {delivered: verification.completed}\n    then: {after: 1h, send: verification.completed}\n",
		"a forged approval":                       "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    outcome: pending\n    then: {after: 1s, send: {event: verification.completed, as: verified}, fault: wrong-secret}\n",
		"data that is wrong on purpose":           "scenario: x\nprovider: prembly\nrules:\n  - on: verifyBVN\n    outcome: verified\n    then: {after: 1s, send: verification.completed, data: {response_code: \"01\"}, invalid: true}\n",
		"vars that read each other":               "scenario: x\nprovider: identitypass\nvars: {b: \"${vars.a}\", a: 1}\nrules:\n  - on: verifyBVN\n    when: vars.b == 1\n",
		"set of a status":                         "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    reply: {example: pending}\n    set: {status: PENDING}\n    then: {after: 48h, set: {status: VERIFIED}, send: verification.completed, expect: {status: 2xx}}\n",
		"what the else of a send knows":           "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    outcome: verified\n    then:\n      - after: 1s\n        send: verification.completed\n        else: {when: delivery.attempts == 4 && delivery.status != 503, outcome: rejected}\n",
		"a last attempt":                          "scenario: x\nprovider: idwise\nrules:\n  - on: {exhausted: Finished Journey}\n    when: delivery.attempts == 4 && delivery.status == 201\n    set: {action: late}\n",
		"a response against nothing":              "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    reply: {example: success, body: {detail: Hello, data: {bvn: \"1\"}}}\n    outcome: verified\n",
		"vars that override those of default":     "scenario: x\nprovider: idwise\nvars: {outcome: referred}\nrules:\n  - on: startJourney\n    outcome: open\n",
		"a truth value as a condition":            "scenario: x\nprovider: idwise\nrules:\n  - on: getJourneyResult\n    when: run.user_steps && run.custom\n    reply: {}\n",
		"a sandbox that is empty elsewhere":       "scenario: x\nprovider: prembly\nselect: sandbox == \"\" || sandbox == \"not-found\"\nrules:\n  - on: verifyNIN\n    outcome: verified\n",
		"a number that a body may have":           "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    when: body.number in [\"22222222222\", 22222222222] || body.number == \"\"\n    outcome: rejected\n",
		"bounds that leave something":             "scenario: x\nprovider: idwise\nrules:\n  - on: getJourneyResult\n    when: run.aml_version > 3 && run.aml_version < 4 && run.deleted != true\n    reply: {}\n",
		"the same condition for another request":  "scenario: x\nprovider: identitypass\nrules:\n  - on: verifyBVN\n    when: subject == \"1\"\n    outcome: rejected\n  - on: verifyNIN\n    when: subject == \"1\"\n    outcome: verified\n",
		"data of a simulation":                    "scenario: x\nprovider: identitypass\nrules:\n  - on: {simulate: manual-review}\n    outcome: \"${body.decision == 'reject' ? 'rejected' : 'verified'}\"\n    then: {send: verification.completed}\n",
	} {
		if _, err := library.Lint(providers, "x.yaml", []byte(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkLint compares the lint of a file with a bare parse of its YAML.
func BenchmarkLint(b *testing.B) {
	providers, err := catalog.Open()
	if err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "openapi", "*", "scenarios", "*.yaml"))
	if err != nil || len(files) == 0 {
		b.Fatal("no scenarios", err)
	}
	var sources [][]byte
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, src)
	}
	b.Run("lint", func(b *testing.B) {
		linter := library.NewLinter(providers) // as the command has one for all files
		for b.Loop() {
			lint(b, linter, sources)
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			bare(b, sources)
		}
	})
}

func lint(b *testing.B, linter *library.Linter, sources [][]byte) {
	for _, src := range sources {
		if _, err := linter.Lint("x.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}

func bare(b *testing.B, sources [][]byte) {
	for _, src := range sources {
		if _, err := parser.ParseBytes(src, 0); err != nil {
			b.Fatal(err)
		}
	}
}
