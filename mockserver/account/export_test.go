package account

import "strconv"

// Tag is the tag of an account's name in its IDs, as text.
func Tag(name string) string { return strconv.FormatUint(tag(name), 36) }
