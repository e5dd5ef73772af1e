package series

import "encoding/binary"

// maxZstdBlock is the most bytes that a block of Zstandard becomes (RFC 8878, section 3.1.1.2).
const maxZstdBlock = 128 << 10

// maxZstdWindow is the most memory that a frame of Zstandard may need for looking back: what RFC 8878, section 3.1.1.1.2,
// asks every decoder to have.
const maxZstdWindow = 8 << 20

// zstdFrame is the header of a frame of Zstandard (RFC 8878, section 3.1.1.1).
type zstdFrame struct {
	length   int    // of the header
	window   uint64 // how far back the frame may look; 0 when it is a single segment
	content  uint64 // how many bytes it becomes
	known    bool   // content is known
	checksum bool   // four bytes follow the last block
}

// zstdHeader reads the header of a frame.
func zstdHeader(b []byte) (zstdFrame, error) {
	if len(b) < 5 || binary.LittleEndian.Uint32(b) != 0xFD2FB528 {
		return zstdFrame{}, errPage
	}
	descriptor := b[4]
	f := zstdFrame{length: 5, checksum: descriptor>>2&1 == 1}
	single := descriptor>>5&1 == 1
	var rest [16]byte // the window, the dictionary's number and the content's size take no more
	copy(rest[:], b[5:])
	at := 0
	if !single {
		base := uint64(1) << (10 + rest[0]>>3)
		f.window = base + base/8*uint64(rest[0]&7)
		at++
	}
	at += [4]int{0, 1, 2, 4}[descriptor&3]
	size := [4]int{0, 2, 4, 8}[descriptor>>6]
	if size == 0 && single {
		size = 1
	}
	switch f.known = size > 0; size {
	case 1:
		f.content = uint64(rest[at])
	case 2:
		f.content = uint64(binary.LittleEndian.Uint16(rest[at:])) + 256
	case 4:
		f.content = uint64(binary.LittleEndian.Uint32(rest[at:]))
	case 8:
		f.content = binary.LittleEndian.Uint64(rest[at:])
	}
	f.length += at + size
	if f.length > len(b) {
		return zstdFrame{}, errPage
	}
	return f, nil
}

// zstdSize walks over the frames and blocks of Zstandard and adds up what they can become.
func zstdSize(b []byte) (int64, error) {
	var total int64
	for len(b) > 0 {
		f, err := zstdHeader(b)
		if err != nil {
			return 0, err
		}
		size, rest, err := zstdBlocks(b[f.length:])
		if err != nil || f.known && f.content > uint64(size) {
			return 0, errPage
		}
		if f.checksum {
			rest = rest[min(4, len(rest)):]
		}
		total += size
		b = rest
	}
	return total, nil
}

// zstdBlocks walks over the blocks of a frame, and returns what follows them.
func zstdBlocks(b []byte) (int64, []byte, error) {
	var total int64
	for {
		if len(b) < 3 {
			return 0, nil, errPage
		}
		header := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last, kind, size := header&1, header>>1&3, int(header>>3)
		b = b[3:]
		switch kind {
		case 0: // as it is
			total += int64(size)
		case 1: // one byte, repeated
			total += int64(size)
			size = 1
		default:
			total += maxZstdBlock
		}
		if size > len(b) {
			return 0, nil, errPage
		}
		b = b[size:]
		if last == 1 {
			return total, b, nil
		}
	}
}
