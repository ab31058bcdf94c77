package run

import (
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/scenarios"
)

func TestCodecIsTheLibrarys(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 30, 0, 123456789, time.UTC)
	full := Run{Reference: "r\"1", Provider: "p", Operation: "op", Scenario: "s", Edition: 3, Subject: "é\x00", Started: at, Order: 7,
		Request: []byte(`{"a":[1,2.5,null,true],"b":{"c":"d"}}`), Open: 2,
		State: scenarios.State{Set: map[string]any{"z": 1, "a": "x", "f": 2.5, "n": nil, "b": true, "l": []any{1, "<&>", map[string]any{}}, "m": map[string]any{"y": 1, "x": 2}}}}
	waits, counted, empty := full, full, Run{Started: at.Truncate(time.Second)}
	waits.Waits = []Wait{{Operation: "get*", Since: at, Within: time.Minute, Job: "j"}}
	counted.State.Calls = map[int]int{1: 2}
	for name, r := range map[string]Run{"full": full, "waits": waits, "counted": counted, "empty": empty, "invalid text": {Subject: "\xff"}} {
		want, wantErr := json.Marshal((*plain)(&r), json.Deterministic(true))
		got, err := r.encode()
		if name == "invalid text" { // which the library refuses
			want, wantErr = []byte(`{"reference":"","provider":"","operation":"","scenario":"","subject":"�","started":"0001-01-01T00:00:00Z","state":{}}`), nil
		}
		if err != nil || wantErr != nil || string(got) != string(want) {
			t.Errorf("%s: encoded %s (%v), the library %s (%v)", name, got, err, want, wantErr)
		}
		var decoded, library Run
		if err := decoded.decode(got); err != nil {
			t.Errorf("%s: decode: %v", name, err)
		}
		if err := json.Unmarshal(got, (*plain)(&library)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(decoded, library) {
			t.Errorf("%s: decoded %+v, the library %+v", name, decoded, library)
		}
	}
	for _, broken := range []string{``, `[]`, `{"reference":1}`, `{"reference":"a"`, `{"order":-1}`, `{"state":[]}`} {
		if err := new(Run).decode([]byte(broken)); err == nil {
			t.Errorf("%s was decoded", broken)
		}
	}
}

func BenchmarkCodec(b *testing.B) {
	r := Run{Reference: "00000000-0000-4000-8000-000000000000", Provider: "identitypass", Operation: "verifyBVN", Scenario: "default", Subject: "22222222222",
		Started: time.Now().UTC(), Order: 9, Request: []byte(`{"number":"22222222222"}`), Open: 1, State: scenarios.State{Set: map[string]any{"status": "VERIFIED"}}}
	b.ReportAllocs()
	for b.Loop() {
		data, err := r.encode()
		if err != nil {
			b.Fatal(err)
		}
		if err := new(Run).decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
