package multicall

import (
	"encoding/json"
	"strings"
)

// firstURL returns the first text of a JSON body that looks like a URL, or "".
func firstURL(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return ""
	}
	return urlIn(v)
}

func urlIn(v any) string {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, "://") {
			return v
		}
	case map[string]any:
		for _, value := range v {
			if u := urlIn(value); u != "" {
				return u
			}
		}
	case []any:
		for _, value := range v {
			if u := urlIn(value); u != "" {
				return u
			}
		}
	}
	return ""
}
