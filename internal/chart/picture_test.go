package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// element is one of an SVG document.
type element struct {
	XMLName xml.Name
	ID      string    `xml:"id,attr"`
	Role    string    `xml:"role,attr"`
	Labels  string    `xml:"aria-labelledby,attr"`
	Text    string    `xml:",chardata"`
	X       float64   `xml:"x,attr"`
	Y       float64   `xml:"y,attr"`
	Anchor  string    `xml:"text-anchor,attr"`
	Size    float64   `xml:"font-size,attr"`
	Inside  []element `xml:",any"`
}

// parse reads a picture back.
func parse(t testing.TB, p *Picture) (element, string) {
	t.Helper()
	var b bytes.Buffer
	if err := p.SVG(&b); err != nil {
		t.Fatal(err)
	}
	var root element
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	if err := d.Decode(&root); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	if _, err := d.Token(); err == nil || !errors.Is(err, io.EOF) {
		if err != nil {
			t.Fatalf("after the document: %v", err)
		}
	}
	return root, b.String()
}

func TestEveryPictureIsWhole(t *testing.T) {
	t.Parallel()
	for name, s := range samples() {
		for _, size := range []Size{{Width: 760, Height: 380, Heading: true}, {Width: 330, Height: 300}, {Width: 280, Height: 200, NoLegend: true}} {
			t.Run(fmt.Sprintf("%s %v", name, size.Width), func(t *testing.T) {
				t.Parallel()
				p := s.Draw(size)
				checkAlternative(t, p)
				checkLabels(t, p)
				checkInside(t, p)
			})
		}
	}
}

// checkAlternative finds what is read instead of the picture.
func checkAlternative(t testing.TB, p *Picture) {
	t.Helper()
	root, text := parse(t, p)
	if root.Role != "img" || root.Labels == "" {
		t.Errorf("role %q, labelled by %q", root.Role, root.Labels)
	}
	found := map[string]element{}
	for _, e := range root.Inside {
		if e.ID != "" {
			found[e.ID] = e
		}
	}
	for id := range strings.FieldsSeq(root.Labels) {
		if strings.TrimSpace(found[id].Text) == "" {
			t.Errorf("%s says nothing", id)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "<script"} {
		if strings.Contains(text, bad) {
			t.Errorf("the document has %q: %s", bad, text)
		}
	}
}

// checkLabels finds the labels as text, inside the picture.
func checkLabels(t testing.TB, p *Picture) {
	t.Helper()
	root, _ := parse(t, p)
	labels := 0
	for _, e := range root.Inside {
		if e.XMLName.Local != "text" {
			continue
		}
		labels++
		width := textWidth(e.Text, e.Size, false)
		left := e.X - map[string]float64{"": 0, "middle": 0.5, "end": 1}[e.Anchor]*width
		if left < -0.5 || left+width > p.size.Width+0.5 || e.Y < e.Size/2 || e.Y > p.size.Height {
			t.Errorf("the label %q leaves the picture of %v × %v: from %v to %v at %v", e.Text, p.size.Width, p.size.Height, left, left+width, e.Y)
		}
	}
	drawn := 0
	for _, s := range p.shapes {
		if _, ok := s.(label); ok {
			drawn++
		}
	}
	if labels != drawn {
		t.Errorf("%d of %d labels are text", labels, drawn)
	}
}

// checkInside finds every value between the axes.
func checkInside(t testing.TB, p *Picture) {
	t.Helper()
	values := 0
	check := func(points ...point) {
		for _, q := range points {
			values++
			const slack = 2.5 // a single step is shown a little wider than it is
			if !(q.x >= p.plot.left-slack && q.x <= p.plot.right+slack && q.y >= p.plot.top-0.01 && q.y <= p.plot.bottom+0.01) {
				t.Errorf("a value at %v is outside of the axes %v", q, p.plot)
			}
		}
	}
	for _, s := range p.shapes {
		switch x := s.(type) {
		case stroke:
			if x.data {
				check(x.points...)
			}
		case area:
			if x.data {
				check(x.points...)
			}
		}
	}
	if values == 0 {
		t.Error("no value is shown")
	}
}

// Whatever the numbers are, they are drawn between the axes, or not at all.
func TestAnyNumbers(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.Float64(), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324}))
	rapid.Check(t, func(t *rapid.T) {
		values := func(n int) []float64 { return rapid.SliceOfN(number, n, n).Draw(t, "values") }
		n, h := rapid.IntRange(0, 30).Draw(t, "past"), rapid.IntRange(1, 10).Draw(t, "steps")
		ds := days(n + h)
		f := Fan{Title: "F", Unit: Unit(rapid.IntRange(0, 1).Draw(t, "unit")), Past: Series{ParseTimes(ds[:n]), values(n)}, Ahead: ParseTimes(ds[n:]), Point: values(h), Naive: values(h),
			Intervals: []Interval{{"95", values(h), values(h)}}, Joint: &Interval{"90", values(h), values(h)}}
		p := f.Draw(Size{Width: rapid.Float64Range(200, 900).Draw(t, "width"), Height: 300})
		for _, s := range p.shapes {
			if x, ok := s.(stroke); ok && x.data {
				for _, q := range x.points {
					if !(q.y >= p.plot.top-0.01 && q.y <= p.plot.bottom+0.01) {
						t.Fatalf("a value at %v is outside of the axes %v", q, p.plot)
					}
				}
			}
		}
		var b bytes.Buffer
		if err := p.SVG(&b); err != nil || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Fatalf("%v in %s", err, b.String())
		}
		if err := f.Text(&b, Terminal{Width: 80, Height: 12}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPNGHasTheSizeAndTheColours(t *testing.T) {
	t.Parallel()
	p := &Picture{size: Size{Width: 40, Height: 20}}
	p.add(rectangle(bar, box{0, 0, 20, 20}, false), stroke{role: path, points: []point{{30, 0}, {30, 10}, {30, 20}}})
	for theme, colors := range map[Theme][2]string{Light: {"#0072b2", "#ffffff"}, Dark: {"#56b4e9", "#14181d"}} {
		var b bytes.Buffer
		if err := p.PNG(&b, theme, 2); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		if got := img.Bounds().Size(); got.X != 80 || got.Y != 40 {
			t.Errorf("size %v, want 80 × 40", got)
		}
		at := func(x, y int) string {
			r, g, b, _ := img.At(x, y).RGBA()
			return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
		}
		if at(20, 20) != colors[0] || at(50, 20) != colors[1] {
			t.Errorf("bar %s, ground %s, want %s", at(20, 20), at(50, 20), colors)
		}
		if at(60, 10) != at(60, 20) { // at a joint, what is sheer is not filled twice
			t.Errorf("a line is %s between its joints and %s at one", at(60, 10), at(60, 20))
		}
	}
}

func TestDashes(t *testing.T) {
	t.Parallel()
	got := dashed([]point{{0, 0}, {3, 0}, {10, 0}}, []float64{4, 2})
	want := [][]point{{{0, 0}, {3, 0}, {4, 0}}, {{6, 0}, {10, 0}}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTextOnATerminal(t *testing.T) {
	t.Parallel()
	var plain, colored strings.Builder
	if err := sampleFan().Text(&plain, Terminal{Width: 80, Height: 16}); err != nil {
		t.Fatal(err)
	}
	if err := sampleFan().Text(&colored, Terminal{Width: 80, Height: 16, Color: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(plain.String(), "\n"), "\n")
	if len(lines) != 16+3 {
		t.Errorf("%d lines, want 16, the axis and two of labels", len(lines))
	}
	for _, l := range lines {
		if n := len([]rune(l)); n > 80 {
			t.Errorf("%d characters in %q", n, l)
		}
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[") {
		t.Error("colours where none are wanted, or none where they are")
	}
	if !strings.ContainsAny(plain.String(), "░▒") || !strings.ContainsFunc(plain.String(), func(r rune) bool { return r > 0x2800 && r <= 0x28ff }) {
		t.Errorf("no line or no interval:\n%s", plain.String())
	}
}

func TestExceptionsAreCounted(t *testing.T) {
	t.Parallel()
	h := Hits{Times: ParseTimes(days(5)), Gain: []float64{-3, -1, 2, math.NaN(), -5}, VaR: []float64{2, 2, 2, 2, 5}, Level: "95"}
	if hits, n := h.Exceptions(); hits != 1 || n != 4 {
		t.Errorf("%d exceptions on %d days, want 1 on 4", hits, n)
	}
	crosses := 0
	for _, s := range h.Draw(Size{Width: 400, Height: 200}).shapes {
		if d, ok := s.(dot); ok && d.role == harm && d.radius == 4 {
			crosses++
		}
	}
	if crosses != 1+1 { // and one in the legend
		t.Errorf("%d crosses, want that of the exception and that of the legend", crosses)
	}
}

func TestFallsAreFromThePeak(t *testing.T) {
	t.Parallel()
	d := Drawdown{Past: Series{Values: []float64{100, 110, 99, 121, 60.5}}}
	for i, want := range []float64{0, 0, -0.1, 0, -0.5} {
		if got := d.falls()[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("fall %d is %v, want %v", i, got, want)
		}
	}
}

func TestRestOfALevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{"95": "5", "99.5": "0.5", "99.9": "0.1", "x": "–"} {
		if got := rest(level); got != want {
			t.Errorf("%s leaves %s, want %s", level, got, want)
		}
	}
}
