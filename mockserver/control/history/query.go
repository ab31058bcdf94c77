package history

import (
	"math"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/journal"
)

const (
	defaultEntries = 1000 // of a JSON page; the other formats have no limit
	maxEntries     = 10000
)

const (
	formatJSON  = "json"
	formatLines = "ndjson" // one JSON object per line
	formatHAR   = "har"    // HTTP archive of calls and attempts
)

const mediaTypeLines = "application/x-ndjson"

// Kinds returns the kinds of entries, in the order of the document.
func Kinds() []string {
	return []string{journal.KindCall, journal.KindRun, journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindExpect,
		journal.KindEndpoint, journal.KindArmed, journal.KindClock, journal.KindAccount, journal.KindReset, journal.KindGap, journal.KindRuleError,
		journal.KindFault, journal.KindHold, journal.KindWallet, journal.KindSimulate, journal.KindScenarios, journal.KindRetention, journal.KindCheckRun, journal.KindCheck}
}

// query selects entries.
type query struct {
	account      string
	after, limit uint64   // limit 0: unlimited
	kinds        []string // empty: all
	format       string
	redact       bool // formatHAR only
	follow       bool // formatLines only
}

func parseQuery(r *http.Request) (q query, err error) {
	q.account = wire.Account(r)
	if q.after, err = wire.Uint(r, "after", 0, 0, math.MaxUint64); err != nil {
		return q, err
	}
	if q.limit, err = wire.Uint(r, "limit", 0, 1, maxEntries); err != nil {
		return q, err
	}
	if q.format, err = parseFormat(r); err != nil {
		return q, err
	}
	if q.format == formatJSON && q.limit == 0 {
		q.limit = defaultEntries
	}
	if q.redact, err = wire.Bool(r, "redact"); err != nil {
		return q, err
	}
	if q.redact && q.format != formatHAR {
		return q, wire.BadRequest("redact requires format=har: other formats are never redacted")
	}
	if q.follow, err = wire.Bool(r, "follow"); err != nil {
		return q, err
	}
	if q.follow && (q.format != formatLines || q.limit != 0) {
		return q, wire.BadRequest("follow requires format=ndjson and no limit")
	}
	q.kinds, err = parseKinds(r, q.format)
	return q, err
}

func parseKinds(r *http.Request, format string) ([]string, error) {
	known, kinds := Kinds(), []string(nil)
	if text := r.URL.Query().Get("kind"); text != "" {
		kinds = strings.Split(text, ",")
	}
	for _, kind := range kinds {
		if !slices.Contains(known, kind) {
			return nil, wire.BadRequest("unknown kind %q: use %s", kind, strings.Join(known, ", "))
		}
	}
	if format != formatHAR {
		return kinds, nil
	}
	exchanges := []string{journal.KindCall, journal.KindAttempt}
	if len(kinds) == 0 {
		return exchanges, nil
	}
	for _, kind := range kinds {
		if !slices.Contains(exchanges, kind) {
			return nil, wire.BadRequest("an archive holds no entries of kind %q: use %s", kind, strings.Join(exchanges, " and "))
		}
	}
	return kinds, nil
}

func parseFormat(r *http.Request) (string, error) {
	switch format := r.URL.Query().Get("format"); format {
	case formatJSON, formatLines, formatHAR:
		return format, nil
	case "":
	default:
		return "", wire.BadRequest("unknown format %q: use %s, %s or %s", format, formatJSON, formatLines, formatHAR)
	}
	for accepted := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if mediaType, _, err := mime.ParseMediaType(accepted); err == nil && mediaType == mediaTypeLines {
			return formatLines, nil
		}
	}
	return formatJSON, nil
}
