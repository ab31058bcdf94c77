package mockserver_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A provider that names its runs itself, finds them by name or by face, and takes the key as a parameter.
const faces = "faceio"

// enrolled is a Facial ID as the real service makes them: a UUID without dashes and the application's public ID.
var enrolled = regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}fioa[0-9a-f]{4}$`)

// camera opens an account with a receiver in process.
func camera(t *testing.T, s *mockservertest.Server, key string) (*mockservertest.Account, *mockservertest.Receiver) {
	t.Helper()
	r := s.NewReceiver()
	a := s.Account(key)
	if got := a.Call(faces, "updateApplicationWebhook", map[string]string{"webhook_url": r.URL}); got.Status != 200 {
		t.Fatalf("set the webhook: %d %s", got.Status, got.Body)
	}
	return a, r
}

// face requests the widget's operation for a person.
func face(a *mockservertest.Account, operation, who string, more map[string]any) mockservertest.Answer {
	body := map[string]any{"face": who}
	maps.Copy(body, more)
	return a.Call(faces, operation, body)
}

func fid(id string) map[string]string { return map[string]string{"fid": id} }

// A Facial ID is enrolled, looked up and deleted; responses, polls and webhooks agree with the documentation, byte by
// byte.
func TestFacialIDLifecycle(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := camera(t, s, "00112233445566778899aabbccddeeff")
	public, token := a.Call(faces, "getApplication", nil).At("appId"), a.Call(faces, "getApplication", nil).At("webhookToken")

	answer := face(a, "enrollFace", "ada", map[string]any{"pin": "4711", "payload": map[string]any{"whoami": 123456}, "clientIp": "198.51.100.9", "age": 31, "gender": "female"})
	id := answer.At("facialId")
	if want := `{"facialId":"` + id + `","timestamp":"2026-03-02T09:30:00","details":{"gender":"female","age":31}}`; string(answer.Body) != want || !enrolled.MatchString(id) || !strings.HasSuffix(id, public) {
		t.Fatalf("enrolled as %s, want %s", answer.Body, want)
	}
	if got := r.Got(); len(got) != 0 {
		t.Errorf("delivered before the response: %v", got)
	}
	valid := func() string { return a.Call(faces, "checkFacialIDByPost", fid(id)).At("valid") }
	if valid() != "true" {
		t.Error("an enrolled Facial ID is not valid")
	}
	if got := face(a, "authenticateFace", "ada", map[string]any{"pin": "4712"}); got.At("error") != "WRONG_PIN_CODE" {
		t.Errorf("with a wrong PIN: %s", got.Body)
	}
	a.Advance(time.Second)
	if got := face(a, "authenticateFace", "ada", map[string]any{"pin": "4711"}); string(got.Body) != `{"facialId":"`+id+`","payload":{"whoami":123456}}` {
		t.Errorf("recognised as %s", got.Body)
	}
	a.Advance(24 * time.Hour)
	if got := a.Call(faces, "setFacialIDPinCodeByPost", map[string]string{"fid": id, "pin": "12345"}); got.Status != 200 {
		t.Errorf("change the PIN: %s", got.Body)
	}
	a.Call(faces, "setFacialIDPayloadByPost", map[string]any{"fid": id, "payload": []int{1}})
	if got := a.Call(faces, "authenticateFace", map[string]string{"facialId": id, "pin": "12345"}); string(got.Body) != `{"facialId":"`+id+`","payload":[1]}` {
		t.Errorf("recognised after the changes as %s", got.Body)
	}
	a.Advance(time.Second)
	for range 2 {
		a.Call(faces, "deleteFacialIDByPost", fid(id)) // the second time there is none
	}
	a.Advance(time.Second)
	if got := a.Call(faces, "deleteFacialIDByPost", fid(id)); got.Status != 404 || got.At("status") != "404" {
		t.Errorf("deleted twice: %d %s", got.Status, got.Body)
	}
	if got := face(a, "authenticateFace", "ada", nil); got.At("errCode") != "3" || valid() != "false" {
		t.Errorf("after the deletion: recognised %s, valid %s", got.Body, valid())
	}

	same := `"facialId":"` + id + `","appId":"` + public + `","clientIp":"198.51.100.9"`
	want := []string{
		`{"eventName":"ENROLL",` + same + `,"details":{"timestamp":"2026-03-02","gender":"female","age":"31"}}`,
		`{"eventName":"AUTH",` + same + `}`, `{"eventName":"AUTH",` + same + `}`,
		`{"eventName":"DELETION",` + same + `}`,
	}
	got := r.Got()
	if len(got) != len(want) {
		t.Fatalf("%d deliveries, want %d: %v", len(got), len(want), got)
	}
	for i, d := range got {
		if string(d.Body) != want[i] || d.Method != "POST" || d.Header.Get("Content-Type") != "application/json" ||
			d.Header.Get("WWW-Authenticate") != "Bearer "+token || d.Header.Get("Authorization") != "" {
			t.Errorf("delivered %v %v\nwant %s", d, d.Header, want[i])
		}
	}
}

// A face belongs to its newest successful enrolment, and can be enrolled again after deletion.
func TestNewestEnrolment(t *testing.T) {
	t.Parallel()
	a := begin(t).Account("newest")
	known := func() string { return face(a, "authenticateFace", "ada", nil).At("facialId") }
	first := face(a, "enrollFace", "ada", nil).At("facialId")
	second := face(a, "enrollFace", "ada", nil).At("facialId")
	if first == second || known() != second {
		t.Errorf("enrolled as %s and %s, recognised as %s", first, second, known())
	}
	if got := face(a, "enrollFace", "ada", map[string]any{"outcome": "FACE_DUPLICATION"}); got.At("errCode") != "21" || known() != second {
		t.Errorf("after an enrolment that failed with %s, recognised as %s", got.Body, known())
	}
	a.Call(faces, "deleteFacialIDByPost", fid(second))
	if known() != "" {
		t.Errorf("a deleted face is recognised as %s", known())
	}
	if third := face(a, "enrollFace", "ada", nil).At("facialId"); known() != third {
		t.Errorf("enrolled anew as %s, recognised as %s", third, known())
	}
	if got := a.Call(faces, "checkFacialIDByPost", fid(first)).At("valid"); got != "true" {
		t.Error("an older enrolment is no longer valid")
	}
	a.Reset()
	if known() != "" {
		t.Errorf("recognised after a reset as %s", known())
	}
}

// A parameter can be in the query or the body, with either method, and the key in a header as well.
func TestParametersInQueryOrBody(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("anywhere")
	id := face(a, "enrollFace", "ada", nil).At("facialId")
	const form, text = "application/x-www-form-urlencoded", "application/json"
	both := url.Values{"fid": {id}, "key": {"anywhere"}}.Encode()
	for _, c := range []struct {
		method, query, mediaType, body, key string
		status                              int
	}{
		{"GET", both, "", "", "", 200},
		{"POST", both, "", "", "", 200},
		{"POST", "", form, both, "", 200},
		{"POST", "", text, `{"fid":"` + id + `","key":"anywhere"}`, "", 200},
		{"POST", "key=anywhere", text, `{"fid":"` + id + `"}`, "", 200},
		{"POST", "fid=" + id, text, `{"key":"anywhere"}`, "", 200},
		{"GET", "fid=" + id, "", "", "Bearer anywhere", 200},
		{"GET", "fid=" + id, "", "", "anywhere", 200},
		{"POST", "", text, `{"fid":"` + id + `"}`, "bearer anywhere", 200},
		{"GET", "fid=" + id, "", "", "", 401},
		{"POST", "", text, `{"fid":"` + id + `"}`, "", 401},
		{"POST", "", text, `{"fid":`, "", 400},
		{"GET", "key=anywhere", "", "", "", 400},
		{"POST", "key=anywhere", "", "", "", 400},
		{"POST", "key=anywhere", text, `{"fid":7}`, "", 400},
		{"GET", "key=fioa1a2b&fid=" + id, "", "", "", 401}, // the public ID is not a key
	} {
		for _, path := range []string{"/faceio/checkfacialid", "/faceio/checkfacialid/"} {
			r, err := http.NewRequestWithContext(t.Context(), c.method, s.URL()+path+"?"+c.query, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if c.mediaType != "" {
				r.Header.Set("Content-Type", c.mediaType)
			}
			if c.key != "" {
				r.Header.Set("WWW-Authenticate", c.key)
			}
			got := s.Do(r)
			if got.Status != c.status || got.At("status") != fmt.Sprint(c.status) || got.Status == 200 && got.At("valid") != "true" {
				t.Errorf("%+v %s: %d %s", c, path, got.Status, got.Body)
			}
		}
	}
}

// A receiver that takes longer than six seconds is cut off and gets no retry. This test takes as long.
func TestReceiverTimeout(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	a, r := camera(t, begin(t), "slow_receiver")
	r.Answer(mockservertest.Response{Until: t.Context().Done()})
	if got := a.CallAs("face-match", faces, "enrollFace", map[string]string{"face": "ada"}); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	a.Advance(time.Hour)
	attempts := mockservertest.Entries[journal.Attempt](a)
	if len(attempts) != 1 || attempts[0].Class != "timeout" || !attempts[0].Next.IsZero() || outcomes(a)["exhausted"] != 1 {
		t.Fatalf("attempts %+v, outcomes %v: want one that timed out", attempts, outcomes(a))
	}
	if took := time.Duration(attempts[0].Phases.Total); took < 6*time.Second || took > 7*time.Second {
		t.Errorf("cut off after %v, want 6s", took)
	}
	if met := mockservertest.Entries[journal.Expect](a); len(met) != 1 || met[0].Pass {
		t.Errorf("expectations %+v, want one that is not met", met)
	}
}
