package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// anchors makes the identifiers of headings as GitHub does, so that links work there and here: in lower case, without
// punctuation, with hyphens for spaces, and numbered when they repeat. The map has those of the page.
type anchors map[string]bool

// Generate implements the interface of goldmark's parser.
func (a anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(string(value))) {
		switch {
		case r == ' ':
			b.WriteRune('-')
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(r)
		}
	}
	id := b.String()
	for n := 1; a[id]; n++ {
		id = fmt.Sprintf("%s-%d", b.String(), n)
	}
	a[id] = true
	return []byte(id)
}

// Put notes an identifier that the page gives itself.
func (a anchors) Put(value []byte) { a[string(value)] = true }
