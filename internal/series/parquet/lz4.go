package parquet

import (
	"encoding/binary"

	parquetgo "github.com/parquet-go/parquet-go"
)

// lz4Size walks over the sequences of a block of LZ4 and adds up their lengths. It refuses every block that the library cannot
// decompress: the library would take it for one that needs more memory, and ask for ever more.
func lz4Size(b []byte) (int64, error) {
	var total int64
	for len(b) > 0 {
		token := b[0]
		literals, rest, err := lz4Length(int64(token>>4), b[1:])
		if err != nil || literals > int64(len(rest)) {
			return 0, errPage
		}
		total += literals
		if b = rest[literals:]; len(b) == 0 && token&15 == 0 { // the last sequence has no match
			return total, nil
		}
		if len(b) < 2 {
			return 0, errPage
		}
		offset := int64(binary.LittleEndian.Uint16(b))
		match, rest, err := lz4Length(int64(token&15), b[2:])
		if err != nil || offset == 0 || offset > total {
			return 0, errPage
		}
		total += match + 4
		b = rest
	}
	return 0, errPage
}

// lz4Length reads the bytes that follow a length of 15.
func lz4Length(length int64, b []byte) (int64, []byte, error) {
	if length < 15 {
		return length, b, nil
	}
	for k, c := range b {
		if length += int64(c); c != 255 {
			return length, b[k+1:], nil
		}
	}
	return 0, nil, errPage
}

// lz4Blocks are the blocks in a page with the codec LZ4, and their size without compression. The codec was never described:
// Hadoop puts blocks behind lengths, and some programs wrote the block alone.
func lz4Blocks(body []byte) ([][]byte, int64, error) {
	if blocks, total, ok := hadoopBlocks(body); ok {
		return blocks, total, nil
	}
	size, err := lz4Size(body)
	return [][]byte{body}, size, err
}

// hadoopBlocks are blocks as Hadoop writes them: the length of the contents, then blocks, each behind its own length, until
// they have these contents. It returns false for bytes that are none.
func hadoopBlocks(b []byte) (blocks [][]byte, total int64, ok bool) {
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, 0, false
		}
		left := int64(binary.BigEndian.Uint32(b))
		for b = b[4:]; left > 0; {
			if len(b) < 4 || int64(binary.BigEndian.Uint32(b)) > int64(len(b))-4 {
				return nil, 0, false
			}
			block := b[4:][:binary.BigEndian.Uint32(b)]
			b = b[4+len(block):]
			size, err := lz4Size(block)
			if err != nil || size == 0 || size > left {
				return nil, 0, false
			}
			blocks, total, left = append(blocks, block), total+size, left-size
		}
	}
	return blocks, total, true
}

// decompressLZ4 decompresses blocks that have been checked, of which all have the given size.
func decompressLZ4(blocks [][]byte, total int64) ([]byte, error) {
	out := make([]byte, 0, total)
	for _, block := range blocks {
		part, err := parquetgo.Lz4Raw.Decode(nil, block)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}
