package spmd

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"syscall"
)

// sighting is what rank 0 says of a file that the ranks shall map: where it is, and how to recognise it.
type sighting struct {
	path   string
	sha256 string
	place  string // equal places are the same bytes without reading them
}

// see describes a file for the ranks. It fails where they could not map it either.
func see(f *File) (sighting, error) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return sighting{}, err
	}
	return sighting{f.Path, f.SHA256, place(info)}, nil
}

// place names a file by machine, device and inode, with size and time of change. It is empty where that cannot be
// told, and equal to no other then.
func place(info os.FileInfo) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	stat, ok := info.Sys().(*syscall.Stat_t)
	if err != nil || !ok {
		return ""
	}
	b := appendText(nil, strings.TrimSpace(string(boot)))
	for _, n := range []uint64{uint64(stat.Dev), stat.Ino, uint64(info.Size()), uint64(info.ModTime().UnixNano())} {
		b = appendNumber(b, n)
	}
	return string(b)
}

func (s sighting) append(b []byte) []byte {
	return appendText(appendText(appendText(b, s.path), s.sha256), s.place)
}

func parseSighting(b []byte) (sighting, error) {
	in := reader{rest: b}
	s := sighting{string(in.text()), string(in.text()), string(in.text())}
	return s, in.end()
}

// find opens the same file at this rank: the very same, or one of the same content under the same path. It returns
// nil when there is none.
func (s sighting) find(open Open) Source {
	info, err := os.Stat(s.path)
	if err != nil {
		return nil
	}
	if here := place(info); here == "" || here != s.place {
		if sum, err := SHA256(s.path); err != nil || sum != s.sha256 {
			return nil
		}
	}
	source, err := open(s.path)
	if err != nil {
		return nil
	}
	return source
}

// SHA256 is the checksum of a file in lower-case hexadecimal.
func SHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
