package receiver

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
)

// bomb is 100 MB of spaces in gzip (RFC 1952). One megabyte is compressed, and stands there a hundred times: compressing
// all of it takes longer than all other checks together.
func bomb() []byte {
	const times = 100
	piece := bytes.Repeat([]byte(" "), 1<<20)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		panic(err) // the level is one that there is
	}
	_, _ = w.Write(piece) // a buffer takes everything
	_ = w.Flush()         // to the end of a byte, so that the same may follow
	b := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	var sum uint32
	for range times {
		b = append(b, packed.Bytes()...)
		sum = crc32.Update(sum, crc32.IEEETable, piece)
	}
	b = append(b, 1, 0, 0, 0xff, 0xff) // the last block, which is empty
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, times<<20)
}
