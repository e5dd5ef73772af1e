package spmd

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"syscall"
)

// fileIdentity is what rank 0 sends of a file that the ranks are to map: its path, and how to recognise it.
type fileIdentity struct {
	path   string
	sha256 string
	inode  string // see inodeOf; equal ones are the same file, which saves reading it
}

// identify describes a file for the ranks. An error means that they could not map it either.
func identify(f *File) (fileIdentity, error) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return fileIdentity{}, err
	}
	return fileIdentity{f.Path, f.SHA256, inodeOf(info)}, nil
}

// inodeOf identifies a file by machine, device, inode, size and time of modification. It is empty where the system does
// not tell, and then equal to no other.
func inodeOf(info os.FileInfo) string {
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

func (s fileIdentity) append(b []byte) []byte {
	return appendText(appendText(appendText(b, s.path), s.sha256), s.inode)
}

func parseFileIdentity(b []byte) (fileIdentity, error) {
	in := reader{rest: b}
	s := fileIdentity{string(in.text()), string(in.text()), string(in.text())}
	return s, in.end()
}

// open opens the file at this rank: the same inode, or another file with the same path and content. It returns nil when
// there is no such file.
func (s fileIdentity) open(open Open) Source {
	info, err := os.Stat(s.path)
	if err != nil {
		return nil
	}
	if inode := inodeOf(info); inode == "" || inode != s.inode {
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
