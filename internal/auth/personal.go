package auth

import (
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// PersonalPrefix begins every personal access token, and SecretPrefix the secret of every
// service account, so that people and scanners of sources recognize them.
const (
	PersonalPrefix = "flc_"
	SecretPrefix   = "flcs_"
)

// Marked returns a secret behind a prefix, with its CRC-32 behind it: a scanner that finds
// one can tell it from text that looks alike, without asking anybody.
func Marked(prefix, secret string) string {
	text := prefix + secret
	return text + checksum(text)
}

// Intact reports whether a text is what Marked returned for the prefix. That says nothing
// about whether anybody has issued it.
func Intact(prefix, text string) bool {
	body := len(text) - len(checksum(""))
	return body > len(prefix) && strings.HasPrefix(text, prefix) && checksum(text[:body]) == text[body:]
}

// checksum is seven letters and digits of the alphabet that secrets have.
func checksum(text string) string {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text)))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)
}

// personalClient begins the client id of the access tokens that stand for a personal one.
const personalClient = "token:"

// PersonalClient returns the client id in access tokens that stand for the personal token
// with an id.
func PersonalClient(id string) string { return personalClient + id }

// Personal returns the id of the personal access token with which p came, if it is one.
func (p Principal) Personal() (id string, ok bool) {
	return strings.CutPrefix(p.Client, personalClient)
}
