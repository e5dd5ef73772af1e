package guard

import (
	"encoding/binary"
	"errors"
)

var errZstd = errors.New("a frame of Zstandard is damaged")

// maxZstdBlock is the largest decompressed size of a block of Zstandard (RFC 8878, section 3.1.1.2).
const maxZstdBlock = 128 << 10

// MaxZstdWindow is the largest window that a frame of Zstandard may have here: the one that RFC 8878, section 3.1.1.1.2,
// recommends every decoder to support.
const MaxZstdWindow = 8 << 20

// ZstdFrame is the header of a frame of Zstandard (RFC 8878, section 3.1.1.1).
type ZstdFrame struct {
	length   int    // of the header
	Window   uint64 // the size of the window, or 0 if the frame is a single segment
	Content  uint64 // the decompressed size
	Known    bool   // Content is known
	checksum bool   // four bytes follow the last block
}

// ReadZstdFrame reads the header of the frame at the beginning of b.
func ReadZstdFrame(b []byte) (ZstdFrame, error) {
	if len(b) < 5 || binary.LittleEndian.Uint32(b) != 0xFD2FB528 {
		return ZstdFrame{}, errZstd
	}
	descriptor := b[4]
	f := ZstdFrame{length: 5, checksum: descriptor>>2&1 == 1}
	single := descriptor>>5&1 == 1
	var rest [16]byte // the window, the dictionary's number and the content's size take no more
	copy(rest[:], b[5:])
	at := 0
	if !single {
		base := uint64(1) << (10 + rest[0]>>3)
		f.Window = base + base/8*uint64(rest[0]&7)
		at++
	}
	at += [4]int{0, 1, 2, 4}[descriptor&3]
	size := [4]int{0, 2, 4, 8}[descriptor>>6]
	if size == 0 && single {
		size = 1
	}
	switch f.Known = size > 0; size {
	case 1:
		f.Content = uint64(rest[at])
	case 2:
		f.Content = uint64(binary.LittleEndian.Uint16(rest[at:])) + 256
	case 4:
		f.Content = uint64(binary.LittleEndian.Uint32(rest[at:]))
	case 8:
		f.Content = binary.LittleEndian.Uint64(rest[at:])
	}
	f.length += at + size
	if f.length > len(b) {
		return ZstdFrame{}, errZstd
	}
	return f, nil
}

// ZstdSize walks over the frames and blocks of Zstandard and adds up their largest decompressed sizes.
func ZstdSize(b []byte) (int64, error) {
	var total int64
	for len(b) > 0 {
		f, err := ReadZstdFrame(b)
		if err != nil {
			return 0, err
		}
		size, rest, err := zstdBlocks(b[f.length:])
		if err != nil || f.Known && f.Content > uint64(size) {
			return 0, errZstd
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
			return 0, nil, errZstd
		}
		header := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last, kind, size := header&1, header>>1&3, int(header>>3)
		b = b[3:]
		switch kind {
		case 0: // not compressed
			total += int64(size)
		case 1: // one byte, repeated
			total += int64(size)
			size = 1
		default:
			total += maxZstdBlock
		}
		if size > len(b) {
			return 0, nil, errZstd
		}
		b = b[size:]
		if last == 1 {
			return total, b, nil
		}
	}
}
