package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// front is the page that lists the others.
const front = "docs/README.md"

// site is the documentation of the repository at root.
type site struct {
	root, target string
	pages        map[string]*page    // by the path of their source, which is relative to the root
	files        map[string]struct{} // that pages link to
	groups       []group
}

// page is one page.
type page struct {
	source string
	title  string
	tree   ast.Node // nil for a manual page
	text   []byte
	html   template.HTML
	ids    map[string]bool
	links  []*link
}

// link is a link to another place of the repository.
type link struct {
	path, fragment string
	set            func(destination string)
}

// group is a part of the list of pages.
type group struct {
	Name  string
	Pages []entry
}

type entry struct {
	Title, Source string
	Manual        bool
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// read reads the front page and all that it leads to.
func (s *site) read() error {
	s.pages, s.files = map[string]*page{}, map[string]struct{}{}
	wanted := []string{front}
	var errs []error
	for len(wanted) > 0 {
		source := wanted[0]
		wanted = wanted[1:]
		if s.pages[source] != nil {
			continue
		}
		p, err := s.parse(source)
		if err != nil {
			return err
		}
		s.pages[source] = p
		for _, l := range p.links {
			info, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(l.path)))
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("%s links to %s, which does not exist", source, l.path))
			case strings.HasSuffix(l.path, ".md"):
				wanted = append(wanted, l.path)
			case !info.IsDir():
				s.files[l.path] = struct{}{}
			}
		}
	}
	s.list()
	return errors.Join(append(errs, s.check()...)...)
}

// parse reads one page.
func (s *site) parse(source string) (*page, error) {
	content, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(source)))
	if err != nil {
		return nil, err
	}
	p := &page{source: source, text: content, ids: map[string]bool{}}
	p.tree = markdown.Parser().Parse(text.NewReader(content), parser.WithContext(parser.NewContext(parser.WithIDs(anchors(p.ids)))))
	err = ast.Walk(p.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 && p.title == "" {
				p.title = plain(n, content)
			}
		case *ast.Link:
			p.link(string(n.Destination), func(to string) { n.Destination = []byte(to) })
		case *ast.Image:
			p.link(string(n.Destination), func(to string) { n.Destination = []byte(to) })
		}
		return ast.WalkContinue, nil
	})
	return p, err
}

// link notes a link, unless it leads out of the repository.
func (p *page) link(destination string, set func(string)) {
	if strings.Contains(destination, ":") {
		return
	}
	to, fragment, _ := strings.Cut(destination, "#")
	if to == "" {
		to = p.source
	} else {
		to = path.Join(path.Dir(p.source), to)
	}
	p.links = append(p.links, &link{to, fragment, set})
}

// plain is the text of a node without its form.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// list makes the groups from the front page: its headings, and the links below them that begin an item of a list.
func (s *site) list() {
	p := s.pages[front]
	for n := p.tree.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level > 1 {
				s.groups = append(s.groups, group{Name: plain(n, p.text)})
			}
		case *ast.List:
			for item := n.FirstChild(); item != nil && len(s.groups) > 0; item = item.NextSibling() {
				if l, ok := item.FirstChild().FirstChild().(*ast.Link); ok {
					g := &s.groups[len(s.groups)-1]
					g.Pages = append(g.Pages, entry{Title: plain(l, p.text), Source: path.Join("docs", string(l.Destination))})
				}
			}
		}
	}
}

// check returns what is wrong with links and with the list.
func (s *site) check() (errs []error) {
	for _, source := range slices.Sorted(maps.Keys(s.pages)) {
		for _, l := range s.pages[source].links {
			if to := s.pages[l.path]; to != nil && l.fragment != "" && !to.ids[l.fragment] {
				errs = append(errs, fmt.Errorf("%s links to %s, which has no heading #%s", source, l.path, l.fragment))
			}
		}
	}
	listed := map[string]bool{front: true}
	for _, g := range s.groups {
		for _, e := range g.Pages {
			listed[e.Source] = true
		}
	}
	all, err := filepath.Glob(filepath.Join(s.root, "docs", "*.md"))
	if err != nil {
		errs = append(errs, err)
	}
	for _, file := range all {
		if source := "docs/" + filepath.Base(file); !listed[source] {
			errs = append(errs, fmt.Errorf("%s does not list %s", front, source))
		}
	}
	return errs
}

// programs have manual pages.
var programs = []string{"foliocast", "mpicalc", "frontend", "queue", "authsvc"}

// manuals adds the manual pages of the programs in a folder.
func (s *site) manuals(bin string) error {
	g := group{Name: "Manual pages"}
	for _, name := range programs {
		man := exec.Command(filepath.Join(bin, name), "man")
		roff, err := man.Output()
		if err != nil {
			return fmt.Errorf("%s man: %w", name, err)
		}
		format := exec.Command("mandoc", "-T", "html", "-O", "fragment")
		format.Stdin = bytes.NewReader(roff)
		body, err := format.Output()
		if err != nil {
			return fmt.Errorf("mandoc: %w", err)
		}
		source := "man/" + name + ".md"
		s.pages[source] = &page{source: source, title: name, html: template.HTML(body)}
		g.Pages = append(g.Pages, entry{Title: name, Source: source})
	}
	s.groups = append(s.groups, g)
	return nil
}

//go:embed page.html
var layout string

//go:embed style.css
var style []byte

var pageTemplate = template.Must(template.New("page").Parse(layout))

// write writes all pages, and the files that they link to.
func (s *site) write() error {
	for file := range s.files {
		content, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(file)))
		if err == nil {
			err = s.put(file, content)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range s.pages {
		if err := s.writePage(p); err != nil {
			return err
		}
	}
	return s.put("style.css", style)
}

func (s *site) writePage(p *page) error {
	up := strings.Repeat("../", strings.Count(p.source, "/"))
	if p.tree != nil {
		for _, l := range p.links {
			to := up + l.path
			if s.pages[l.path] != nil {
				to = up + address(l.path)
			}
			if l.fragment != "" {
				to += "#" + l.fragment
			}
			l.set(to)
		}
		var b bytes.Buffer
		if err := markdown.Renderer().Render(&b, p.text, p.tree); err != nil {
			return err
		}
		p.html = template.HTML(b.String())
	}
	type item struct {
		Title, Address string
		Here           bool
	}
	type section struct {
		Name  string
		Items []item
	}
	var sections []section
	for _, g := range s.groups {
		part := section{Name: g.Name}
		for _, e := range g.Pages {
			part.Items = append(part.Items, item{e.Title, up + address(e.Source), e.Source == p.source})
		}
		sections = append(sections, part)
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Title, Style, Front string
		Sections            []section
		Body                template.HTML
	}{p.title, up + "style.css", up + address(front), sections, p.html})
	if err != nil {
		return err
	}
	return s.put(address(p.source), b.Bytes())
}

// address is where the page of a source is written.
func address(source string) string {
	if path.Base(source) == "README.md" {
		return path.Join(path.Dir(source), "index.html")
	}
	return strings.TrimSuffix(source, ".md") + ".html"
}

func (s *site) index() string { return filepath.Join(s.target, filepath.FromSlash(address(front))) }

// put writes a file of the site.
func (s *site) put(name string, content []byte) error {
	file := filepath.Join(s.target, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}
