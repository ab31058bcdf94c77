package fault

import (
	"bytes"
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
)

func wrongSecret(_ args, d *Draft) { d.Secret = Nobodys }

func emptySecret(_ args, d *Draft) { d.Secret = Empty }

func otherTenant(_ args, d *Draft) { d.Secret = Others }

func missingSignature(_ args, d *Draft) { d.Secret = Missing }

func rotatedSecret(a args, d *Draft) {
	if d.Secret = Next; a.text("to") == "previous" {
		d.Secret = Previous
	}
}

func stale(a args, d *Draft) { d.Age = a.duration("age") }

// tampered changes a letter or a digit inside a value, so that the body stays what it was for a parser.
func tampered(_ args, m *webhook.Message, r *rand.Rand) error {
	var places []int
	for _, of := range members(m.Body) {
		switch of.kind {
		case '"':
			for i := of.value + 1; i < of.end-1; i++ {
				if m.Body[i] == '\\' { // what is escaped stays as it is
					i++
					if m.Body[i] == 'u' {
						i += 4
					}
				} else if alphanumeric(m.Body[i]) {
					places = append(places, i)
				}
			}
		case '0':
			if c := m.Body[of.end-1]; c >= '1' && c <= '9' {
				places = append(places, of.end-1)
			}
		}
	}
	if len(places) == 0 {
		return cannot("the body has no value to change")
	}
	at := places[r.IntN(len(places))]
	m.Body = bytes.Clone(m.Body)
	m.Body[at] = other(m.Body[at])
	return nil
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// other is another character of the same sort.
func other(c byte) byte {
	switch c {
	case '9':
		return '1'
	case 'z':
		return 'a'
	case 'Z':
		return 'A'
	}
	return c + 1
}
