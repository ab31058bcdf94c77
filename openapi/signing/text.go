package signing

import "strings"

// Part is one digest of a signature's text, with the mark of its version, such as "v1,".
type Part struct{ Version, Digest string }

// Split takes a signature's text apart: its time, where the scheme writes one, and its digests of any version.
func (c Config) Split(text string) (time string, parts []Part) {
	layout := c.row().Layout
	if layout.Version == "" {
		return "", []Part{{Digest: text}}
	}
	mark := layout.Version[len(layout.Version)-1:]
	for i, field := range strings.Split(text, layout.Separator) {
		stamp, timed := strings.CutPrefix(field, layout.Time)
		version, digest, found := strings.Cut(field, mark)
		switch {
		case layout.Time != "" && timed && i == 0:
			time = stamp
		case found:
			parts = append(parts, Part{version + mark, digest})
		}
	}
	return time, parts
}

// Join writes a signature's text, with several digests where the scheme allows them. The time is ignored where the scheme
// writes none.
func (c Config) Join(time string, parts ...Part) string {
	layout := c.row().Layout
	var fields []string
	if layout.Time != "" {
		fields = append(fields, layout.Time+time)
	}
	for _, part := range parts {
		fields = append(fields, part.Version+part.Digest)
	}
	return strings.Join(fields, layout.Separator)
}

// Stamp replaces the time in a signature's text, which then no longer matches. Text without a time stays.
func (c Config) Stamp(text, time string) string {
	layout := c.row().Layout
	if layout.Time == "" {
		return text
	}
	_, rest, _ := strings.Cut(text, layout.Separator)
	return layout.Time + time + layout.Separator + rest
}

// Digest returns the first digest of a signature's text that is of the scheme's own version; of text that has none, the
// text.
func (c Config) Digest(text string) string {
	_, parts := c.Split(text)
	for _, part := range parts {
		if part.Version == c.Version() {
			return part.Digest
		}
	}
	return text
}

// Version marks the scheme's own digests, such as "v1,"; empty where they are not marked.
func (c Config) Version() string { return c.row().Layout.Version }

// OtherVersion marks digests that a receiver must ignore; empty where digests are not marked.
func (c Config) OtherVersion() string { return c.row().Layout.Other }
