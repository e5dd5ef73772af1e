package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"foliocast/internal/cli/shelltest"
)

func TestManual(t *testing.T) {
	cmd := exec.Command(program, "man") // not execute, which prepares the environment of this process
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("got %v, %s", err, errs.String())
	}
	page := strings.Join(strings.Fields(shelltest.Manual(t, string(out))), " ")
	for _, want := range []string{"NAME mpicalc - Forecast portfolios", "mpicalc run", "--with-assets", "--model model", "mpicalc backtest", "EXIT STATUS 0 done 1 something failed"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
}
