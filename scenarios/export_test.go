package scenarios

// Keys parses a file and returns the keys that each kind of mapping in it may have.
func Keys(src []byte, names Vocabulary) map[string][]string {
	known := map[string][]string{}
	p := newParsing("keys.yaml", src, names)
	p.note = func(what string, keys []string) { known[what] = keys }
	_, _ = p.parse(src)
	return known
}
