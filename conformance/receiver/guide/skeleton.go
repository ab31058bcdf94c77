package guide

import (
	"embed"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/idmock/idmock/openapi/signing"
)

//go:embed skeleton
var skeletons embed.FS

// languages are the templates by language.
var languages = map[string]string{"node": "receiver.mjs.tmpl", "python": "receiver.py.tmpl", "go": "receiver.go.tmpl"}

// skeletonData is what a template of a receiver needs.
type skeletonData struct {
	*Guide
	Name, Title, Probe   string
	Credential           string
	Signed               bool
	Identity, HMAC       bool
	Hex, Base64          bool // encoding of a digest, or of the secret
	KeyPrefix, PublicKey string
	Covers               []string // id, time; the body follows
	IDHeader, TimeHeader string
	TimePrefix, Version  string
	Separator            string
	Places               map[string][]string
}

// Skeleton writes the beginning of a receiver in a language: it verifies, deduplicates and orders events, and leaves two
// decisions to its author.
func (g *Guide) Skeleton(w io.Writer, language string) error {
	file, ok := languages[language]
	if !ok {
		return fmt.Errorf("unknown language %q: use node, python or go", language)
	}
	d := g.skeletonData()
	if d.PublicKey != "" && language == "python" {
		return fmt.Errorf("the standard library of Python does not verify %s: use node or go", g.Profile.Signing.Scheme)
	}
	t, err := template.New(file).Funcs(template.FuncMap{"join": strings.Join, "quote": quote}).ParseFS(skeletons, "skeleton/"+file)
	if err != nil {
		return err
	}
	return t.Execute(w, d)
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

func (g *Guide) skeletonData() *skeletonData {
	p, row := g.Profile, g.scheme()
	d := &skeletonData{Guide: g, Name: p.Name, Title: p.Title, Probe: "{subject}", Signed: p.Signing.Signs(), Credential: p.Signing.Secret,
		Identity: row.Digest == signing.Identity, HMAC: row.Digest == signing.HMACSHA256, Hex: g.encoding() == signing.Hex, Base64: g.encoding() == signing.Base64,
		KeyPrefix: row.Key.Prefix, PublicKey: row.Key.Public, IDHeader: row.IDHeader, TimeHeader: row.TimeHeader,
		TimePrefix: row.Layout.Time, Version: row.Layout.Version, Separator: row.Layout.Separator}
	if p.Signing.CoversID() {
		d.Covers = append(d.Covers, "id")
	}
	if p.Signing.CoversTime() {
		d.Covers = append(d.Covers, "time")
	}
	person := g.Subject
	if person == "" {
		person, d.Probe = g.Reference, "{reference}"
	}
	d.Places = map[string][]string{"id": keys(p.Events.ID), "person": keys(person), "time": keys(p.Events.Happened), "required": keys(p.Events.Required)}
	return d
}

// keys splits a place into the keys of the members that lead to it. The first one of a header is "header".
func keys(place string) []string {
	if name, isHeader := strings.CutPrefix(place, "header "); isHeader {
		return []string{"header", strings.ToLower(name)}
	}
	if place == "" {
		return nil
	}
	all := strings.Split(strings.TrimPrefix(place, "/"), "/")
	for i, key := range all {
		all[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
	}
	return all
}
