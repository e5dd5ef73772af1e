package foliocast

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func classroomText(t rapid.TB, c classroom) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestClassroomHasItsShape(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(classroomText(t, classroom{Assets: 100, Days: 300, Seed: 1}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+100*300 || strings.Join(rows[0], ",") != "asset,date,price" {
		t.Fatalf("%d rows, header %v", len(rows), rows[0])
	}
	for i, row := range rows[1:] {
		price, err := strconv.ParseFloat(row[2], 64)
		if err != nil || !(price > 0) {
			t.Fatalf("row %d: price %q", i, row[2])
		}
		if want := strconv.Itoa(i/300 + 1); row[0] != want {
			t.Fatalf("row %d: asset %q, want %q", i, row[0], want)
		}
	}
	// 300 days from New Year of the leap year 2020: October 26 is its 300th.
	if first, last := rows[1][1], rows[300][1]; first != "2020-01-01" || last != "2020-10-26" {
		t.Errorf("from %s to %s", first, last)
	}
}

// The daily changes have the standard deviation that the doc promises.
func TestClassroomNoise(t *testing.T) {
	t.Parallel()
	const days = 2000
	lines := strings.Split(strings.TrimSpace(classroomText(t, classroom{Assets: 5, Days: days, Seed: 9})), "\n")[1:]
	for asset := range 5 {
		var changes []float64
		last := math.NaN()
		for _, l := range lines[asset*days : (asset+1)*days] {
			price, _ := strconv.ParseFloat(l[strings.LastIndex(l, ",")+1:], 64)
			if !math.IsNaN(last) {
				changes = append(changes, math.Log(price/last))
			}
			last = price
		}
		mean, squares := 0.0, 0.0
		for _, c := range changes {
			mean += c / float64(len(changes))
		}
		for _, c := range changes {
			squares += (c - mean) * (c - mean) / float64(len(changes))
		}
		// 0.5 to 2.5 percent, and a tenth for what 2000 days leave to chance.
		if sd := math.Sqrt(squares); sd < 0.0045 || sd > 0.0275 {
			t.Errorf("asset %d moves by %.4f a day", asset+1, sd)
		}
	}
}

func TestClassroomIsSeeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := classroom{Assets: rapid.IntRange(1, 5).Draw(t, "assets"), Days: rapid.IntRange(1, 20).Draw(t, "days"), Seed: rapid.Uint64().Draw(t, "seed")}
		text := classroomText(t, c)
		if text != classroomText(t, c) {
			t.Error("the same numbers give another file")
		}
		more := c
		more.Assets++
		if !strings.HasPrefix(classroomText(t, more), text) {
			t.Error("one more asset changes the others")
		}
		other := c
		other.Seed++
		if classroomText(t, other) == text {
			t.Error("another seed gives the same file")
		}
	})
}

func TestClassroomBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		classroom
		ok bool
	}{
		{classroom{Assets: 1, Days: 1}, true},
		{classroom{Assets: 0, Days: 1}, false},
		{classroom{Assets: 1, Days: 0}, false},
		{classroom{Assets: 10_001, Days: 1}, false},
		{classroom{Assets: 1, Days: 10_001}, false},
		{classroom{Assets: 1000, Days: 2000}, true},
		{classroom{Assets: 1000, Days: 2001}, false},
	} {
		if err := c.check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.classroom, err)
		}
	}
}
