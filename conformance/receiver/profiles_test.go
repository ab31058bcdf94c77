package receiver

import (
	"testing"

	"github.com/idmock/idmock/mockserver"
)

// Every generic profile is a provider's folder without a mistake.
func TestGenericProfiles(t *testing.T) {
	if len(Generic()) < 3 {
		t.Fatalf("profiles: %v", Generic())
	}
	for _, name := range Generic() {
		p, err := OpenGeneric(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := mockserver.Judge(p); err != nil {
			t.Errorf("%v", err)
		}
	}
}
