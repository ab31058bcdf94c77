package webhook

import (
	"bytes"
	"io"
)

// Padding is a run of one byte that is left out of a message's body, and generated as it is sent. Bodies of faults are mostly
// padding; without it every copy would be in memory.
type Padding struct {
	At   int  `json:"at"` // offset in the body
	Size int  `json:"size"`
	Byte byte `json:"byte"`
}

// minPadding is the shortest run that is left out, in bytes.
const minPadding = 64 << 10

// Compact replaces the longest run of a byte in the message's body by padding, if it is worth it.
func (m *Message) Compact() {
	if m.Padding != nil || len(m.Body) < minPadding {
		return
	}
	at, size := longestRun(m.Body)
	if size < minPadding {
		return
	}
	m.Padding = &Padding{At: at, Size: size, Byte: m.Body[at]}
	m.Body = append(bytes.Clone(m.Body[:at]), m.Body[at+size:]...)
}

func longestRun(b []byte) (at, size int) {
	for i := 0; i < len(b); {
		end := i + 1
		for end < len(b) && b[end] == b[i] {
			end++
		}
		if end-i > size {
			at, size = i, end-i
		}
		i = end
	}
	return at, size
}

// Size is the number of bytes of the message's body as it is sent.
func (m Message) Size() int {
	if m.Padding == nil {
		return len(m.Body)
	}
	return len(m.Body) + m.Padding.Size
}

// open returns the message's body as it is sent.
func (m Message) open() io.Reader {
	p := m.Padding
	if p == nil {
		return bytes.NewReader(m.Body)
	}
	return io.MultiReader(bytes.NewReader(m.Body[:p.At]), io.LimitReader(fill(p.Byte), int64(p.Size)), bytes.NewReader(m.Body[p.At:]))
}

// keepRequest is how much of a padded body is kept in the record of an attempt, in bytes.
const keepRequest = 256 << 10

// head is the part of the body that the record of an attempt has: all of it, unless it is padded.
func (m Message) head() []byte {
	if m.Padding == nil {
		return m.Body
	}
	head := make([]byte, min(keepRequest, m.Size()))
	n, _ := io.ReadFull(m.open(), head) // reads memory, which does not fail
	return head[:n]
}

// fill reads as one byte for ever.
type fill byte

// Read implements io.Reader.
func (f fill) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}
