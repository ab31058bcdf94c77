package fault

import "time"

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

func drop(_ args, p *Plan) { p.Dropped = true }

func delay(a args, p *Plan) { p.Later += a.duration("by") }

func duplicate(a args, p *Plan) {
	gap, from := a.duration("after"), time.Duration(0)
	for range a.number("copies") {
		from += gap
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
