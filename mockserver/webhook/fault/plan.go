package fault

import "time"

// Plan is how an event is to reach one endpoint. The zero value is one delivery at its time. Times are account time.
type Plan struct {
	Dropped bool
	Later   time.Duration // after it was due
	Copies  []Copy        // beside the delivery itself
	Held    Held
	First   bool // its first attempt is over before the call that caused it is answered
}

// Copy is a delivery of what was delivered before, under the same delivery ID.
type Copy struct {
	After  time.Duration // the delivery itself
	Aside  bool          // does not wait for the answers to what was sent before
	Signed bool          // anew; otherwise the bytes are those of the delivery itself
}

// Held says how long a delivery is kept back for the sake of others to the same endpoint. The zero value is not at all.
type Held struct {
	Past   int           // so many later ones go first
	Gather int           // it goes together with others, once they are so many
	Within time.Duration // it goes then in any case
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
