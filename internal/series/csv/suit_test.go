package csv

import (
	"strings"
	"testing"

	"foliocast/internal/series"
)

// TestALargeFileIsReadInParts makes sure that reading goes through them.
func TestALargeFileIsReadInParts(t *testing.T) {
	t.Parallel()
	text := []byte("unique_id,ds,y\n" + strings.Repeat("A,1,2\n", 20))
	p := parts{20, 2}
	r := reader{dialect: newDialect(',', series.Options{}), parts: p, scan: scanner{data: text, separator: ',', line: 1, unquoted: true}}
	if err := r.header(series.Options{}); err != nil {
		t.Fatal(err)
	}
	if !p.suit(&r) {
		t.Error("the file does not suit")
	}
	if p := partsOf(series.Options{Budget: new(series.Budget)}); p.readers > 0 {
		t.Errorf("with a budget there are %d readers", p.readers)
	}
}
