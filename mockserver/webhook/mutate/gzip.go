package mutate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
)

func compress(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// bomb returns 100 MB of spaces in gzip (RFC 1952). It compresses one megabyte and repeats the block a hundred times:
// compressing all of it would take longer than all conformance checks together.
func bomb() []byte {
	const times = 100
	megabyte := bytes.Repeat([]byte(" "), 1<<20)
	var block bytes.Buffer
	w, err := flate.NewWriter(&block, flate.BestCompression)
	if err != nil {
		panic(err) // the level is valid
	}
	_, _ = w.Write(megabyte) // a buffer does not fail
	_ = w.Flush()            // ends on a byte boundary, so that the block can be repeated
	b := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	var sum uint32
	for range times {
		b = append(b, block.Bytes()...)
		sum = crc32.Update(sum, crc32.IEEETable, megabyte)
	}
	b = append(b, 1, 0, 0, 0xff, 0xff) // the last block, which is empty
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, times<<20)
}
