package shelltest

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Manual fails the test unless groff and mandoc read a manual page without complaint. It returns the page as a terminal shows it.
func Manual(t testing.TB, page string) string {
	t.Helper()
	lint := exec.Command("mandoc", "-T", "lint", "-W", "warning")
	lint.Stdin = strings.NewReader(page)
	out, _ := lint.CombinedOutput() // its exit code says what its lines say
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "missing date") { // a test's binary has none
			t.Errorf("mandoc: %s", line)
		}
	}
	groff := exec.Command("groff", "-man", "-ww", "-T", "utf8", "-P-c", "-rLL=200n")
	groff.Stdin = strings.NewReader(page)
	var complaints strings.Builder
	groff.Stderr = &complaints
	shown, err := groff.Output()
	if err != nil || complaints.Len() > 0 {
		t.Errorf("groff: %v: %s", err, complaints.String())
	}
	return overstruck.ReplaceAllString(string(shown), "")
}

// overstruck is a character that another is printed over, to make it bold or underline it.
var overstruck = regexp.MustCompile("(?s).\x08")
