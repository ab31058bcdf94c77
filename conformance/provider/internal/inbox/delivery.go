package inbox

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/openapi"
)

// Delivery is a webhook that arrived.
type Delivery struct {
	Method   string
	Header   http.Header
	Body     []byte
	Received time.Time
}

// At returns the value at a place: "header NAME", or a JSON pointer into the body.
func (d Delivery) At(place string) string {
	if name, header := strings.CutPrefix(place, "header "); header {
		return d.Header.Get(name)
	}
	value, _ := openapi.Pointer(d.Body, place)
	return fmt.Sprint(value)
}

// unixTime matches a Unix time in a header, alone or after t=.
var unixTime = regexp.MustCompile(`(?:^|\bt=)([0-9]{10})\b`)

// Timestamps returns the times in the headers.
func (d Delivery) Timestamps() []time.Time {
	var times []time.Time
	for _, values := range d.Header {
		for _, value := range values {
			for _, match := range unixTime.FindAllStringSubmatch(value, -1) {
				if seconds, err := strconv.ParseInt(match[1], 10, 64); err == nil {
					times = append(times, time.Unix(seconds, 0))
				}
			}
		}
	}
	return times
}

// Exchanges returns the first deliveries, of at most six, for a report.
func Exchanges(deliveries []Delivery) []conformance.Exchange {
	var exchanges []conformance.Exchange
	for i, d := range deliveries[:min(6, len(deliveries))] {
		var b strings.Builder
		fmt.Fprintf(&b, "%s\r\n", d.Method)
		_ = d.Header.Write(&b) // a Builder never fails
		exchanges = append(exchanges, conformance.Exchange{Note: fmt.Sprintf("webhook %d received", i+1),
			Request: b.String() + "\r\n" + exchange.Clip(string(d.Body), 4<<10), Ended: d.Received})
	}
	return exchanges
}
