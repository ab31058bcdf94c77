package scenarios

// Keys parses a file and returns the known keys of each kind of mapping in it.
func Keys(src []byte, names Vocabulary) map[string][]string {
	known := map[string][]string{}
	p := newParsing("keys.yaml", src, names)
	p.Note = func(kind string, keys []string) { known[kind] = keys }
	_, _ = p.parse(src)
	return known
}
