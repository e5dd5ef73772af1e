package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository writes a small repository and returns its folder.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// The pages of this repository have no link that leads nowhere, and docs/README.md lists them all.
func TestThisRepository(t *testing.T) {
	s := site{root: "../..", target: t.TempDir()}
	if err := s.read(); err != nil {
		t.Fatal(err)
	}
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"docs/index.html", "docs/tutorial.html", "docs/data/index.html", "ARCHITECTURE.html", "index.html", "style.css"} {
		if info, err := os.Stat(filepath.Join(s.target, page)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func TestLinksAreFollowed(t *testing.T) {
	root := repository(t, map[string]string{
		"docs/README.md": "# Front\n\n## Learn\n\n- [First](one.md): a page\n",
		"docs/one.md":    "# The `first` one\n\nSee [two](../two.md#a-b--c), [itself](#the-first-one), ![it](pic.svg), [elsewhere](https://example.org/x.md).\n",
		"docs/pic.svg":   "<svg/>",
		"two.md":         "# Two\n\n## A, b — c!\n\n## A, b — c!\n\n[again](two.md#a-b--c-1)\n",
	})
	s := site{root: root, target: t.TempDir()}
	if err := s.read(); err != nil {
		t.Fatal(err)
	}
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
	one, err := os.ReadFile(filepath.Join(s.target, "docs/one.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`href="../two.html#a-b--c"`, `href="../docs/one.html#the-first-one"`, `src="../docs/pic.svg"`, `href="https://example.org/x.md"`,
		`<title>The first one · Foliocast</title>`, `<a href="../docs/one.html" aria-current="page">First</a>`} {
		if !strings.Contains(string(one), want) {
			t.Errorf("the page lacks %s:\n%s", want, one)
		}
	}
	if _, err := os.Stat(filepath.Join(s.target, "docs/pic.svg")); err != nil {
		t.Error(err)
	}
}

func TestFaultsOfPagesAreErrors(t *testing.T) {
	list := "# Front\n\n## Learn\n\n- [First](one.md): a page\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a page that is not there":    {map[string]string{"docs/README.md": list}, "docs/README.md links to docs/one.md, which does not exist"},
		"a heading that is not there": {map[string]string{"docs/README.md": list, "docs/one.md": "# One\n\n[x](README.md#two)\n"}, "docs/one.md links to docs/README.md, which has no heading #two"},
		"a file that is not there":    {map[string]string{"docs/README.md": list, "docs/one.md": "# One\n\n![x](x.svg)\n"}, "docs/one.md links to docs/x.svg, which does not exist"},
		"a page that is not listed":   {map[string]string{"docs/README.md": list, "docs/one.md": "# One\n", "docs/two.md": "# Two\n"}, "docs/README.md does not list docs/two.md"},
	} {
		s := site{root: repository(t, c.files), target: t.TempDir()}
		if err := s.read(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
