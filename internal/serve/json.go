package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/internal/problem"
)

// strictFormats are the router's formats of bodies, with a decoder that refuses
// what Go's silently accepts.
func strictFormats() map[string]huma.Format {
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	return map[string]huma.Format{mediaType: strict, "json": strict}
}

// unmarshal reads a body. Go's decoder replaces bytes that are not UTF-8, and
// takes the last of two fields with the same name; unmarshal refuses both. It
// ignores the byte order mark with which some editors begin a text.
func unmarshal(body []byte, into any) error {
	body = bytes.TrimPrefix(body, mark)
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	if _, first := into.(*any); !first { // it was checked before
		return nil
	}
	return strictJSON(body)
}

// mark is the byte order mark.
var mark = []byte("\uFEFF")

// strictJSON refuses what Go's decoder silently accepts, in a text that is JSON.
func strictJSON(text []byte) error {
	if pointer, reason := firstFault(text); reason != "" {
		return fmt.Errorf("%s%s %s", strictWords, pointer, reason)
	}
	return nil
}

// strictWords begin the message of unmarshal about a text that is valid JSON.
const strictWords = "strict JSON: "

// strictFault is the fault in a message of unmarshal.
func strictFault(message string) (problem.Fault, bool) {
	rest, found := strings.CutPrefix(message, strictWords)
	if !found {
		return problem.Fault{}, false
	}
	for _, reason := range []string{repeated, noUTF8} {
		if pointer, is := strings.CutSuffix(rest, " "+reason); is {
			return problem.Fault{Pointer: pointer, Detail: reason}, true
		}
	}
	return problem.Fault{}, false
}

// What may be wrong with a text that is JSON.
const (
	repeated = "appears twice in its object"
	noUTF8   = "is not valid UTF-8"
)

// level is one object or list around the place in a text.
type level struct {
	list  bool
	index int             // of the item, in a list
	key   string          // of the value, in an object
	seen  map[string]bool // keys of an object
	value bool            // the next string is a value, and not a key
}

// firstFault finds the first string of a valid JSON text that is not UTF-8, or
// the first key that an object has twice, and points at it. The reason is empty
// when the text has neither.
func firstFault(text []byte) (pointer, reason string) {
	var around []level
	for i := 0; i < len(text); i++ {
		top := len(around) - 1
		switch text[i] {
		case '{':
			around = append(around, level{seen: map[string]bool{}})
		case '[':
			around = append(around, level{list: true})
		case '}', ']':
			around = around[:top]
		case ',':
			around[top].value = false
			around[top].index++
		case '"':
			end := stringEnd(text, i)
			if top >= 0 && around[top].take(text[i:end]) {
				return pointerTo(around), repeated
			}
			if !utf8.Valid(text[i:end]) {
				return pointerTo(around), noUTF8
			}
			i = end - 1
		}
	}
	return "", ""
}

// take notes a string if it is a key, and reports whether it was one before.
func (l *level) take(quoted []byte) bool {
	if l.list || l.value {
		return false
	}
	l.key, l.value = keyText(quoted), true
	again := l.seen[l.key]
	l.seen[l.key] = true
	return again
}

// stringEnd is the index after a string that begins at i.
func stringEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// keyText is the text of a quoted string.
func keyText(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) { // most have no escapes
		return string(quoted[1 : len(quoted)-1])
	}
	var key string
	if err := json.Unmarshal(quoted, &key); err != nil {
		return string(quoted)
	}
	return key
}

func pointerTo(around []level) string {
	var b strings.Builder
	for _, l := range around {
		b.WriteByte('/')
		if l.list {
			b.WriteString(strconv.Itoa(l.index))
		} else {
			b.WriteString(problem.Escape(l.key))
		}
	}
	return b.String()
}
