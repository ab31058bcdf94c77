package settings

import "slices"

// SDK lists the replacements of browser scripts in the directory, and the operations that pages may call.
type SDK struct {
	Files []SDKFile `yaml:"files"`
	// Pages are the operations that pages of any origin may call. All others are for backends; their responses have no CORS
	// headers, as those of the real service.
	Pages Globs `yaml:"pages"`
	// Play is the file of a page that shows how the scripts are embedded.
	Play string `yaml:"play"`
}

// SDKFile is a file of the real service's hosts.
type SDKFile struct {
	At    string   `yaml:"at"`    // the path on the real host, * for any one segment; on the mock it is below the prefix
	Hosts []string `yaml:"hosts"` // the real hosts
	Files []string `yaml:"files"` // in the directory; served one after the other
}

// Hosts lists the hosts that serve scripts.
func (s *SDK) Hosts() []string {
	var all []string
	for _, f := range s.Files {
		for _, host := range f.Hosts {
			if !slices.Contains(all, host) {
				all = append(all, host)
			}
		}
	}
	return all
}
