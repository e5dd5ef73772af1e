package token

import (
	"bytes"
	"testing"
)

func TestSealedKeysHoldForTheirID(t *testing.T) {
	t.Parallel()
	old, added := NewSealKey(), NewSealKey()
	before, err := ReadSealer(old)
	if err != nil {
		t.Fatal(err)
	}
	after, err := ReadSealer(added + "\n" + old + "\n")
	if err != nil {
		t.Fatal(err)
	}
	sealed := before.Seal("a", []byte("private"))
	if bytes.Contains(sealed, []byte("private")) {
		t.Error("not encrypted")
	}
	for _, s := range []*Sealer{before, after} {
		if got, err := s.Open("a", before.Current(), sealed); err != nil || string(got) != "private" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if _, err := after.Open("b", before.Current(), sealed); err == nil {
		t.Error("the key of one id passes for that of another")
	}
	if _, err := before.Open("a", after.Current(), after.Seal("a", []byte("private"))); err == nil {
		t.Error("an unknown key decrypts")
	}
	sealed[len(sealed)-1]++
	if _, err := after.Open("a", before.Current(), sealed); err == nil {
		t.Error("a changed ciphertext is taken")
	}
	var none *Sealer
	if got, err := none.Open("a", none.Current(), none.Seal("a", []byte("private"))); err != nil || string(got) != "private" {
		t.Errorf("without a key: got %q, %v", got, err)
	}
}
