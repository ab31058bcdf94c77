package localca_test

import (
	"crypto/x509"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/internal/localca"
)

// A process that serves for a year renews its certificates before they expire. They and the authority are for servers only.
func TestSecurityCertificatesAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := localca.Open(t.TempDir(), []string{"api.acme.test"})
		if err != nil {
			t.Fatal(err)
		}
		serials := map[string]bool{}
		for range 52 {
			issued, err := a.Certificate("api.acme.test")
			if err != nil {
				t.Fatal(err)
			}
			serials[issued.Leaf.SerialNumber.String()] = true
			if left := time.Until(issued.Leaf.NotAfter); left < 14*24*time.Hour {
				t.Fatalf("after a while, the certificate that is served expires in %v", left)
			}
			authority, err := x509.ParseCertificate(issued.Certificate[1])
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []*x509.Certificate{issued.Leaf, authority} {
				if len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
					t.Fatalf("%s is for %v, want servers only", c.Subject, c.ExtKeyUsage)
				}
			}
			time.Sleep(7 * 24 * time.Hour)
		}
		if len(serials) < 4 || len(serials) > 10 {
			t.Errorf("%d certificates in a year", len(serials))
		}
	})
}
