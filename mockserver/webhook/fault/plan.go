package fault

import (
	"math"
	"time"

	"github.com/idmock/idmock/scenarios"
)

// Plan describes the deliveries of an event to one endpoint. The zero value is one delivery on time. Times are account time.
type Plan struct {
	Dropped bool
	Later   time.Duration // delay
	Copies  []Copy        // in addition to the delivery
	Held    Held
	First   bool // finish the first attempt before responding to the causing request
}

// Copy is an additional delivery with the same delivery ID.
type Copy struct {
	After  time.Duration // after the delivery itself
	Aside  bool          // does not wait for responses to earlier attempts
	Signed bool          // signed again; otherwise identical bytes
}

// Held delays a delivery relative to others of the same endpoint. The zero value does not.
type Held struct {
	Past   int           // number of later deliveries to send first
	Gather int           // number of deliveries to send at once
	Within time.Duration // maximum delay
}

// maxSent is what the copies of one event may send together, in bytes.
const maxSent = 1 << 30

// Bound limits the copies of a plan to what the faults of an event may send together, and returns the number of those that
// are left out. Each of a fault's arguments has a limit; their product needs one of its own.
func (p *Plan) Bound(faults []scenarios.Fault) (left int) {
	size := Size(faults)
	if size == 0 {
		return 0
	}
	if most := maxSent/size - 1; len(p.Copies) > most {
		left = len(p.Copies) - most
		p.Copies = p.Copies[:most]
	}
	return left
}

// Size is the size that faults give the body of a delivery, in bytes; 0 if they leave it as it is.
func Size(faults []scenarios.Fault) int {
	size := 0
	for _, f := range faults {
		if f.Name == "oversize" {
			size = max(size, argsOf(f, scenarios.InDelivery).size("size"))
		}
	}
	return size
}

func drop(_ args, p *Plan) { p.Dropped = true }

func delay(a args, p *Plan) { p.Later += a.duration("by") }

func duplicate(a args, p *Plan) {
	gap, from := a.duration("after"), time.Duration(0)
	for range a.number("copies") {
		if from += gap; from < 0 { // beyond the end of time
			from = math.MaxInt64
		}
		p.Copies = append(p.Copies, Copy{After: from, Aside: a.text("how") == "concurrent", Signed: a.text("signed") == "again"})
	}
}

func replay(a args, p *Plan) { p.Copies = append(p.Copies, Copy{After: a.duration("after")}) }

func beforeReply(_ args, p *Plan) { p.First = true }

func reorder(a args, p *Plan) {
	p.Held = Held{Past: max(1, a.number("past")), Within: a.duration("within")}
}

func burst(a args, p *Plan) {
	p.Held = Held{Gather: max(1, a.number("size")), Within: a.duration("within")}
}
