package main

import (
	"fmt"
	"strings"
)

// leftOut counts what an evaluation leaves out and names the first few.
type leftOut struct {
	count int
	names []string
}

const mostNames = 3

func (l *leftOut) add(name string) { l.join(leftOut{1, []string{name}}) }

func (l *leftOut) join(more leftOut) {
	l.count += more.count
	for _, name := range more.names {
		if len(l.names) < mostNames {
			l.names = append(l.names, name)
		}
	}
}

// list is the names, with dots for those that it does not hold.
func (l leftOut) list() string {
	text := strings.Join(l.names, ", ")
	if l.count > len(l.names) {
		text += ", …"
	}
	return text
}

// text is one of the two phrases and the list, or empty when nothing was left out.
func (l leftOut) text(one, many string) string {
	switch l.count {
	case 0:
		return ""
	case 1:
		return one + ": " + l.list()
	}
	return fmt.Sprintf(many, l.count) + ": " + l.list()
}
