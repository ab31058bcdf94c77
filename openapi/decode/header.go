package decode

import "strings"

// FirstValues returns the first value of each header or parameter, under a name that name derives.
func FirstValues(from map[string][]string, name func(string) string) map[string]string {
	m := make(map[string]string, len(from))
	for k, v := range from {
		if len(v) > 0 {
			m[name(k)] = v[0]
		}
	}
	return m
}

// LowerName returns the name of a header in lower case, without an allocation for common ones.
func LowerName(name string) string {
	switch name {
	case "Accept":
		return "accept"
	case "Accept-Encoding":
		return "accept-encoding"
	case "Authorization":
		return "authorization"
	case "Connection":
		return "connection"
	case "Content-Length":
		return "content-length"
	case "Content-Type":
		return "content-type"
	case "User-Agent":
		return "user-agent"
	case "X-Api-Key":
		return "x-api-key"
	}
	return strings.ToLower(name)
}
