package cli

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestALogLineIsBounded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	long := strings.Repeat("é", 1<<20)
	newLogger(&out, "test", slog.LevelInfo).Info("something", "text", long, "err", errors.New(long), "short", "kept", "number", 7)
	if out.Len() > 3*maxField {
		t.Errorf("the line has %d bytes", out.Len())
	}
	for _, want := range []string{`"text":"éé`, `"err":"éé`, `é…"`, `"short":"kept"`, `"number":7`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the line lacks %s", want)
		}
	}
}
