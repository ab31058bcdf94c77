package mockserver_test

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Images are accepted in full size, but truncated in journal and run: a few would evict everything else.
func TestImagesAreTruncated(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	a := begin(t).Account("photographer")
	picture := bytes.Repeat([]byte{0xff, 0xd8, 0x00}, 1<<20)
	id := a.Call("idwise", "startJourney", map[string]string{"flow_id": "flow", "reference_no": "cust-1"}).At("journey_id")

	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"journey_id": id, "step_id": "10"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("image", "front.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(picture); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	upload := a.Request("idwise", "processJourneyStep", form.String())
	upload.Header.Set("Content-Type", w.FormDataContentType())
	inJSON := map[string]string{"journey_id": id, "step_id": "20", "image": base64.StdEncoding.EncodeToString(picture)}
	for _, answer := range []mockservertest.Answer{a.Server.Do(upload), a.Call("idwise", "processJourneyStep", inJSON), a.Call(provider, "checkLiveness", inJSON)} {
		if answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	}
	if got := a.Call("idwise", "completeJourney", map[string]string{"journey_id": id}); got.Status != 200 {
		t.Errorf("both steps were submitted: %d %s", got.Status, got.Body)
	}
	long := 0
	for _, call := range mockservertest.Entries[journal.Call](a) {
		if b := call.Request.Body; b.Truncated {
			long++
			if len(b.Bytes) > 64<<10 || b.Size < int64(len(picture)) {
				t.Errorf("%s: the journal keeps %d of %d bytes", call.Operation, len(b.Bytes), b.Size)
			}
		}
	}
	if long != 3 {
		t.Errorf("%d bodies were cut short, want 3", long)
	}
	for _, e := range a.Journal() {
		if len(e.Data) > 128<<10 {
			t.Errorf("an entry of %d bytes: %s", len(e.Data), e.Kind)
		}
	}
}
