package mockserver

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/idmock/idmock/openapi"
)

// registrable refuses what a provider's dashboard does not register. An address that no webhook may go to is told at once rather
// than at the first delivery; the rest is as strict as a provider on the internet only where the targets are.
//
// Whoever uses the control API or a flag is not the application under test, and is not asked for more than can be called.
func (e *Engine) registrable(asked openapi.Registration, raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("%q is no URL: %w", raw, err)
	}
	if err := e.targets.Host(u.Hostname()); err != nil {
		return err
	}
	if !e.targets.Strict {
		return nil
	}
	switch port, _ := strconv.Atoi(u.Port()); {
	case asked.HTTPS && u.Scheme != "https":
		return fmt.Errorf("%q is not https", raw)
	case u.User != nil:
		return fmt.Errorf("it has a user or a password in it: %s", u.Redacted())
	case slices.Contains(otherPorts, port):
		return fmt.Errorf("port %d is another service's", port)
	}
	return nil
}

// otherPorts are those that browsers do not speak HTTP to either, since what listens there may take a request for its own
// commands: the Fetch standard's bad ports, and those of common stores.
var otherPorts = []int{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119,
	123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
	993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
	2375, 3306, 5432, 6379, 11211, 27017,
}
