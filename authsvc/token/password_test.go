package token

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// knownHash is a vector of the reference implementation's own tests (github.com
// P-H-C/phc-winner-argon2, src/test.c, argon2id with m=2^8, t=2).
const knownHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

func TestMatchesTheReferenceImplementation(t *testing.T) {
	t.Parallel()
	if !matches(knownHash, "password") || matches(knownHash, "passworD") {
		t.Error("disagrees with the reference implementation")
	}
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	encoded, err := h.Hash(t.Context(), "tenletters")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", encoded)
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{{encoded, "tenletters", true}, {encoded, "tenletter", false}, {encoded, "", false}, {"", "tenletters", false}, {"nonsense", "nonsense", false}} {
		got, err := h.Matches(t.Context(), "192.0.2.1", c.hash, c.password)
		if err != nil || got != c.want {
			t.Errorf("%.20q with %q: got %v, %v", c.hash, c.password, got, err)
		}
	}
}

func TestSecretsDiffer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := NewSecret(), NewSecret()
		if a == b || len(a) < 26 || !SameDigest(Digest(a), a) || SameDigest(Digest(a), b) || SameDigest(nil, a) {
			t.Errorf("%q and %q", a, b)
		}
	})
}

func FuzzParseHash(f *testing.F) {
	f.Add(knownHash)
	f.Add("$argon2id$v=19$m=4294967295,t=0,p=0$$")
	f.Add("$argon2id$v=19$m=1,t=1,p=1$AA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, encoded string) {
		h, err := parseHash(encoded)
		if err == nil && (h.memory > 16*argonMemory || h.passes == 0 || h.lanes == 0 || len(h.sum) == 0) {
			t.Errorf("%q is taken as %+v", encoded, h)
		}
	})
}
