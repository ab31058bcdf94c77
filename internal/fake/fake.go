// Package fake generates people: always the same person for the same seed.
//
// It wraps gofakeit without using its global state. All data is recognisably synthetic: the middle name is always Synthetic,
// e-mail addresses end in example.com, telephone numbers are in an unassigned block, and the photograph has one pixel.
// Anything that is not a person's data, or a random value for a document, does not belong here.
package fake

import (
	"encoding/hex"
	"hash/maphash"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/brianvoe/gofakeit/v6"
)

// Photo is the photograph of every generated person: a valid JPEG with one grey pixel, in base64.
const Photo = "/9j/2wCEABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2MBERISGBUYLxoaL2NCOEJjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY//AAAsIAAEAAQEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwAr/9k="

// Person is a generated person. Expressions see its fields as the members of fake.
type Person struct {
	FirstName     string    `expr:"first_name"`
	MiddleName    string    `expr:"middle_name"`
	LastName      string    `expr:"last_name"`
	FullName      string    `expr:"full_name"`
	Gender        string    `expr:"gender"` // male or female
	Title         string    `expr:"title"`  // Mr or Miss
	DOB           time.Time `expr:"dob"`    // midnight UTC, 21 to 70 years before 2025
	Phone         string    `expr:"phone"`  // 11 digits, 0800…
	Email         string    `expr:"email"`
	Address       string    `expr:"address"`
	City          string    `expr:"city"`
	LGA           string    `expr:"lga"`
	State         string    `expr:"state"`
	MaritalStatus string    `expr:"marital_status"`
	Occupation    string    `expr:"occupation"`
	Company       string    `expr:"company"`
	Photo         string    `expr:"photo"`

	seed uint64
}

// New returns the person of a seed.
func New(seed uint64) *Person {
	f := faker(seed)
	p := &Person{seed: seed, Photo: Photo, MiddleName: "Synthetic"}
	p.Gender = pick(f, "male", "female")
	p.FirstName = pick(f, firstNames[p.Gender]...)
	p.Title = map[string]string{"male": "Mr", "female": "Miss"}[p.Gender]
	p.LastName = f.LastName()
	p.FullName = p.FirstName + " " + p.LastName
	p.DOB = time.Date(1955+f.Rand.Intn(50), time.Month(1+f.Rand.Intn(12)), 1+f.Rand.Intn(28), 0, 0, 0, 0, time.UTC)
	p.Phone = "0800" + digits(f, 7)
	p.Email = strings.ToLower(p.FirstName+"."+p.LastName) + "@example.com"
	place := places[f.Rand.Intn(len(places))]
	p.City, p.LGA, p.State = place[0], place[1], place[2]
	p.Address = digits(f, 2) + " Test Road, " + p.City
	p.MaritalStatus = pick(f, "single", "married")
	p.Occupation = pick(f, "TRADER", "TEACHER", "ENGINEER", "NURSE", "STUDENT", "FARMER")
	p.Company = strings.ToUpper(p.LastName) + " SYNTHETIC LIMITED"
	return p
}

// Seed mixes a seed with words, so that each combination has its own stream.
func Seed(seed uint64, words ...string) uint64 {
	const prime = 1099511628211 // FNV-1a, 64 bit: stored seeds require a hash that is the same in all versions
	h := seed ^ 14695981039346656037
	for _, w := range words {
		for i := range len(w) {
			h = (h ^ uint64(w[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// RandomSeed returns an unpredictable seed, below 2^53, so that JSON readers with float64 numbers show it exactly.
func RandomSeed() uint64 { return new(maphash.Hash).Sum64() >> 11 }

// UUID returns the version 4 UUID for a seed and words.
func UUID(seed uint64, words ...string) string {
	s := Seed(seed, words...)
	r := rand.NewPCG(s, ^s)
	var b [16]byte
	for i := range 2 {
		v := r.Uint64()
		for j := range 8 {
			b[i*8+j] = byte(v >> (8 * j))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var dst [36]byte
	hex.Encode(dst[0:8], b[0:4])
	hex.Encode(dst[9:13], b[4:6])
	hex.Encode(dst[14:18], b[6:8])
	hex.Encode(dst[19:23], b[8:10])
	hex.Encode(dst[24:], b[10:])
	dst[8], dst[13], dst[18], dst[23] = '-', '-', '-', '-'
	return string(dst[:])
}

// stream generates the values of a label. It is not a pointer, to avoid allocations.
func (p *Person) stream(label string) rand.PCG {
	var r rand.PCG
	seed := Seed(p.seed, label)
	r.Seed(seed, seed^stir)
	return r
}

// below returns a number from 0 to n-1.
func below(r *rand.PCG, n int) int { return int(r.Uint64() % uint64(n)) }

// Digits returns n decimal digits. Here and below, each label has its own stream.
func (p *Person) Digits(label string, n int) string { return p.text(label, n, "0123456789") }

// Hex returns n hexadecimal digits in lower case.
func (p *Person) Hex(label string, n int) string { return p.text(label, n, "0123456789abcdef") }

func (p *Person) text(label string, n int, alphabet string) string {
	r := p.stream(label)
	b := make([]byte, max(n, 0))
	for i := range b {
		b[i] = alphabet[below(&r, len(alphabet))]
	}
	return string(b)
}

// UUID returns a version 4 UUID.
func (p *Person) UUID(label string) string { return UUID(p.seed, "uuid", label) }

// Int returns an integer from low to high, inclusive, or low if high is less.
func (p *Person) Int(label string, low, high int) int {
	r := p.stream(label)
	return low + below(&r, max(high-low, 0)+1)
}

// Float returns a number from low to high.
func (p *Person) Float(label string, low, high float64) float64 {
	r := p.stream(label)
	return low + (high-low)*float64(r.Uint64()>>11)/(1<<53)
}

// Pick returns one of the choices, or nil without choices.
func (p *Person) Pick(label string, choices []any) any {
	if len(choices) == 0 {
		return nil
	}
	r := p.stream(label)
	return choices[below(&r, len(choices))]
}

// Date returns a midnight (UTC) from the first day of one year to the last day of another.
func (p *Person) Date(label string, from, to int) time.Time {
	start := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC)
	days := int(time.Date(to+1, 1, 1, 0, 0, 0, 0, time.UTC).Sub(start) / (24 * time.Hour))
	r := p.stream(label)
	return start.AddDate(0, 0, below(&r, max(days, 1)))
}

// Person returns a related person, such as a director or next of kin.
func (p *Person) Person(label string) *Person { return New(Seed(p.seed, "person", label)) }

// stir derives the second half of a PCG's seed from the first.
const stir = 0x5851f42d4c957f2d

// source is a PCG, because seeding math/rand's source costs more than generating a person.
type source struct{ *rand.PCG }

func (s source) Int63() int64 { return int64(s.Uint64() >> 1) }
func (s source) Seed(n int64) { s.PCG.Seed(uint64(n), 0) }

func faker(seed uint64) *gofakeit.Faker {
	return gofakeit.NewCustom(source{rand.NewPCG(seed, seed^stir)})
}

func pick(f *gofakeit.Faker, choices ...string) string { return choices[f.Rand.Intn(len(choices))] }

func digits(f *gofakeit.Faker, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + f.Rand.Intn(10))
	}
	return string(b)
}
