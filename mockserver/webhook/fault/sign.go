package fault

import (
	"bytes"
	"errors"
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
)

func wrongSecret(_ args, d *Draft) { d.Secret = Nobodys }

// tampered changes a letter or a digit inside a value, so that the body stays what it was for a parser.
func tampered(_ args, m *webhook.Message, r *rand.Rand) error {
	var places []int
	inValue, value := false, false
	for i := 0; i < len(m.Body); i++ {
		switch c := m.Body[i]; {
		case c == '\\' && inValue && i+1 < len(m.Body) && m.Body[i+1] == 'u':
			i += 5
		case c == '\\' && inValue:
			i++
		case c == '"':
			inValue = !inValue
		case !inValue && c == ':':
			value = true
		case !inValue && (c == ',' || c == '{'):
			value = false
		case value && alphanumeric(c) && (inValue || c >= '1' && c <= '9'):
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return errors.New("tampered: the body has no value to change")
	}
	at := places[r.IntN(len(places))]
	m.Body = bytes.Clone(m.Body)
	m.Body[at] = other(m.Body[at])
	return nil
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// other is a character of the same sort; of a number it stays a number.
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
