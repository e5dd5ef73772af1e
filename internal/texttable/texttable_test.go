package texttable

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ExampleWrite() {
	columns := []Column{Left("ASSET"), Right("MEAN"), Left("MODEL")}
	err := Write(os.Stdout, columns, [][]string{
		{"DAX", "5473.97", "ar"},
		{"FTSE", "3.1", "naive"},
		{"overall", "10"},
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// ASSET       MEAN  MODEL
	// DAX      5473.97  ar
	// FTSE         3.1  naive
	// overall       10
}

// The widths are those of Unicode's Standard Annex 11, a grapheme cluster of
// Annex 29 at a time: two cells for a wide character, a flag or a family of
// emoji, one for a letter with its combining marks.
// What others wrote cannot control a terminal: escape sequences, 8-bit controls, line breaks and turned directions of writing.
func TestPrintable(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b]0;owned\x07b\u009b31m\x9bc\r\nd\te\u202ef\u2066g\x7f"
	for name, c := range map[string]struct{ got, want string }{
		"one line":   {Printable(hostile), "a ]0;owned b 31m\uFFFDc  d e f g "},
		"some lines": {PrintableLines(hostile), "a ]0;owned b 31m\uFFFDc \nd\te f g "},
		"JSON":       {string(PrintableJSON([]byte("{\"a\":\"\u009b\u202e é\x7f\"}\n"))), "{\"a\":\"\\u009b\\u202e é\\u007f\"}\n"},
		"plain JSON": {string(PrintableJSON([]byte("{\n}\n"))), "{\n}\n"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", name, c.got, c.want)
		}
	}
}

func TestColumnsLineUpBehindWideCharacters(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	err := Write(&got, []Column{Left("NAME"), Right("N"), Left("END")}, [][]string{
		{"abcdef", "1", "|"},
		{"中文", "22", "|"},
		{"日本株", "３", "|"},
		{"한국", "4", "|"},
		{"📈🚀", "5", "|"},
		{"e\u0301e\u0301e\u0301", "6", "|"}, // é as a letter and a mark
		{"Ünïcödé", "7", "|"},
		{"\u0928\u094d", "8", "|"},                                // a Devanagari letter with its virama
		{"\u0e01\u0e47", "9", "|"},                                // a Thai letter with a vowel sign above
		{"\U0001F1E9\U0001F1EA", "10", "|"},                       // a flag, of two letters
		{"\U0001F468\u200d\U0001F469\u200d\U0001F467", "11", "|"}, // a family, of three people and two joiners
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "NAME      N  END\n" +
		"abcdef    1  |\n" +
		"中文     22  |\n" +
		"日本株   ３  |\n" +
		"한국      4  |\n" +
		"📈🚀      5  |\n" +
		"e\u0301e\u0301e\u0301       6  |\n" +
		"Ünïcödé   7  |\n" +
		"\u0928\u094d         8  |\n" +
		"\u0e01\u0e47         9  |\n" +
		"\U0001F1E9\U0001F1EA       10  |\n" +
		"\U0001F468\u200d\U0001F469\u200d\U0001F467       11  |\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line string
		most int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"日本株", 6, "日本株"}, {"日本株", 5, "日本…"}, {"日本株", 4, "日…"}, {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"a\x1b[2Jb", 9, "a [2Jb"}, {"any", 1, "…"}, {"any", 0, ""}, {"", 0, ""},
	} {
		if got := Clip(c.line, c.most); got != c.want {
			t.Errorf("Clip(%q, %d) is %q, want %q", c.line, c.most, got, c.want)
		}
	}
}

func TestACellIsOneLine(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	if err := Write(&got, []Column{Left("ERROR"), Left("AT")}, [][]string{{"two\nlines\tand \x1b[31mred", "noon"}}); err != nil {
		t.Fatal(err)
	}
	want := "ERROR                   AT\n" +
		"two lines and  [31mred  noon\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A colour moves no column, and what is in a cell cannot end it.
func TestColours(t *testing.T) {
	t.Parallel()
	red := func(cell string) string { return map[string]string{"N": "31", "bad": "31", "a [0mb": "32"}[cell] }
	var got bytes.Buffer
	err := Write(&got, []Column{{Header: "N", Color: red}, Left("END")}, [][]string{{"bad", "|"}, {"fine", "|"}, {"a\x1b[0mb", "|"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "N       END\n" +
		"\x1b[31mbad\x1b[0m     |\n" +
		"fine    |\n" +
		"\x1b[32ma [0mb\x1b[0m  |\n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHeadersKeepTheirCase(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	if err := Write(&got, []Column{Left("lo-80"), Right("Mean")}, nil); err != nil || got.String() != "lo-80  Mean\n" {
		t.Errorf("got %q, %v", got.String(), err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestTheErrorOfTheWriterIsReturned(t *testing.T) {
	t.Parallel()
	if err := Write(full{}, []Column{Left("A")}, nil); err == nil || err.Error() != "no space left on device" {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	var columns []Column
	for i := range 9 {
		columns = append(columns, Right("C"+strconv.Itoa(i)))
	}
	rows := slices.Repeat([][]string{{"DAX", "auto", "0.971", "2024-01-01", "5473.97", "5400.00", "5500.00", "5300.12", "5600.00"}}, 10_000)
	for b.Loop() {
		if err := Write(io.Discard, columns, rows); err != nil {
			b.Fatal(err)
		}
	}
}
