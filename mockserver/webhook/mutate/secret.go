package mutate

// Secret names the secret that signs a webhook.
type Secret string

// The secrets that can sign a webhook.
const (
	Own         Secret = ""             // the account's, as a valid webhook has it
	Wrong       Secret = "wrong"        // one that no account has
	Empty       Secret = "empty"        // a key of no bytes
	Missing     Secret = "missing"      // no signature: the headers that would carry it are left out
	Next        Secret = "next"         // the account's after its next rotation
	Previous    Secret = "previous"     // the account's before its last rotation
	OtherTenant Secret = "other-tenant" // that of another account
)

// secrets is the table of mutations that sign with another secret: the names that faults and checks use.
var secrets = map[string]Secret{
	"wrong-secret":      Wrong,
	"empty-secret":      Empty,
	"missing-signature": Missing,
	"next-secret":       Next,
	"previous-secret":   Previous,
	"other-tenant":      OtherTenant,
}

// SecretOf returns the secret of a mutation such as wrong-secret.
func SecretOf(mutation string) (Secret, bool) {
	s, ok := secrets[mutation]
	return s, ok
}
