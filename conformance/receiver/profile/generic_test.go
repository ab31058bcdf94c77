package profile

import (
	"testing"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi/openapitest"
)

// Every generic profile is a valid provider directory and passes the suite for providers.
func TestGenericProfiles(t *testing.T) {
	if len(Generic()) < 3 {
		t.Fatalf("profiles: %v", Generic())
	}
	for _, name := range Generic() {
		p, err := OpenGeneric(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := library.Validate(p); err != nil {
			t.Errorf("%v", err)
		}
		folder, err := GenericDirectory(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { openapitest.Run(t, name, folder) })
	}
}
