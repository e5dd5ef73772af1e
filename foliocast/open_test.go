package foliocast

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// browser is a program that writes its arguments into a file, a line each, and ends with a code.
func browser(t *testing.T, code string) (path, log string) {
	t.Helper()
	dir := t.TempDir()
	path, log = filepath.Join(dir, "browser"), filepath.Join(dir, "log")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" > "+log+"\nexit "+code+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path, log
}

func TestOpen(t *testing.T) {
	t.Parallel()
	s := lists(t)
	p := newPerson(t, s)
	p.signIn()
	for line, want := range map[string]string{
		"":                 "/",
		"overview":         "/",
		"tokens":           "/tokens",
		"services":         "/services",
		"jobs":             "/jobs",
		"new":              "/jobs/new",
		"queues":           "/queues",
		"api":              "/docs",
		"job 019a1b2c":     "/jobs/" + wholeID,
		"job " + wholeID:   "/jobs/" + wholeID,
		"job x;y":          "/jobs/x%3By",
		"batch " + wholeID: "/jobs?batch=" + wholeID,
		"dataset prices":   "/datasets/prices",
		"dataset prices@3": "/datasets/prices?version=3",
	} {
		path, log := browser(t, "0")
		p.env["BROWSER"] = path
		p.types("", append([]string{"open"}, strings.Fields(line)...)...).check(t, exitOK, s.url+want+"\n", "")
		if got, err := os.ReadFile(log); err != nil || string(got) != s.url+want+"\n" {
			t.Errorf("%s: the browser got %q, %v", line, got, err)
		}
	}
	for line, want := range map[string]string{
		"nothing":           `"nothing" is not a page`,
		"jobs x":            `"jobs x" is not a page`,
		"job":               `"job" is not a page`,
		"dataset a/b":       "neither the name of a dataset",
		"job ffff":          "the id of no job begins with ffff",
		"jobs --url bad":    "is not the address of a service",
		"job 019a two more": "open takes",
	} {
		if got := p.types("", append([]string{"open"}, strings.Fields(line)...)...); got.code == exitOK || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

// What is in an address is no command, wherever it stands in the command of the browser.
func TestOpenRunsNoShell(t *testing.T) {
	t.Parallel()
	p := newPerson(t, lists(t))
	p.signIn()
	made := filepath.Join(t.TempDir(), "made")
	hostile := "http://127.0.0.1:1/$(touch${IFS}" + made + ");touch${IFS}" + made + "`touch${IFS}" + made + "`"
	path, log := browser(t, "0")
	for _, command := range []string{path, path + " --new-tab=%s -x"} {
		p.env["BROWSER"] = command
		p.types("", "open", "jobs", "--url", hostile).check(t, exitOK, hostile+"/jobs", "")
		if got, err := os.ReadFile(log); err != nil || !strings.Contains(string(got), hostile+"/jobs\n") {
			t.Errorf("the browser got %q, %v", got, err)
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("a shell read the address")
	}
}

// Where nothing can be opened, the address is printed, and that is no error.
func TestOpenWithoutABrowser(t *testing.T) {
	t.Parallel()
	s := lists(t)
	p := newPerson(t, s)
	p.signIn()
	p.types("", "open").check(t, exitOK, s.url+"/\n", "")
	failing, _ := browser(t, "3")
	working, log := browser(t, "0")
	p.env["BROWSER"] = failing + "::/no/such/program"
	p.types("", "open", "--json").check(t, exitOK, `"opened": false`, "")
	p.env["BROWSER"] = failing + ":" + working
	p.types("", "open", "--json").check(t, exitOK, `"opened": true`, "")
	if _, err := os.Stat(log); err != nil {
		t.Error(err)
	}
	if got := p.completed("open", "job", "019a"); strings.Join(got, " ") != wholeID {
		t.Errorf("open job: completed to %q", got)
	}
	if got := p.completed("open", "d"); strings.Join(got, " ") != "dataset datasets" {
		t.Errorf("open: completed to %q", got)
	}
}
