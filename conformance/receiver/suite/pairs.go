package suite

// Pairs are two events about one subject that arrive in the wrong order: the newer one first. Each combination of the roles
// has a subject of its own.
type Pairs struct {
	Newer Words  `yaml:"newer"` // roles of the event that happened last and arrives first
	Older Words  `yaml:"older"`
	Then  string `yaml:"then"` // the state in the end, which the newer event decides: granted or withheld
}
