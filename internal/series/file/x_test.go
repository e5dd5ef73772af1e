package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/series"
	"foliocast/internal/series/file"
)

// readBeside reads a file with the values and the column promo, and returns what the column has beside the values of each asset
// and two steps after them, or the reason why it has not.
func readBeside(t *testing.T, text string, o series.Options) (beside map[string][]float64, audit *series.Audit, refused []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sales.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o.X = []string{"promo"}
	values, audit, err := file.Read(path, o)
	if err != nil {
		t.Fatal(err)
	}
	asset := ""
	if values.Len() == 1 {
		asset = values.Names()[0]
	}
	x, found, err := file.ReadX(path, o, "promo", audit, asset)
	if err != nil {
		t.Fatal(err)
	}
	if found.NonPositive.Count > 0 {
		t.Errorf("the audit of the column complains of zeros: %s", found)
	}
	beside = make(map[string][]float64)
	for i, name := range values.Names() {
		all, err := values.Beside(i, values.Next(i, 2), x, "promo")
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		beside[name] = all
	}
	return beside, audit, refused
}

func TestColumnsKnownInAdvance(t *testing.T) {
	t.Parallel()
	long := `unique_id,ds,y,promo
A,2024-01-31,5,0
A,2024-02-29,6,1
A,2024-03-31,7,0
A,2024-04-30,,1
A,2024-05-31,,0
B,2024-01-31,5,2
B,2024-02-29,6,3
B,2024-03-31,,4
B,2024-04-30,,5
`
	want := map[string][]float64{"A": {0, 1, 0, 1, 0}, "B": {2, 3, 4, 5}}
	for name, text := range map[string]string{
		"long":      long,
		"semicolon": strings.ReplaceAll(long, ",", ";"),
	} {
		got, audit, refused := readBeside(t, text, series.Options{})
		if diff := cmp.Diff(want, got); diff != "" || refused != nil {
			t.Errorf("%s: %s %q", name, diff, refused)
		}
		if audit.Missing.Count > 0 || strings.Contains(audit.String(), "not read") {
			t.Errorf("%s: the audit of the values is\n%s", name, audit)
		}
	}
	for name, text := range map[string]string{
		"one asset": "ds,sales,promo\n1,5,0\n2,6,1\n3,7,0\n4,,1\n5,,0\n",
		"shared":    "ds,north,south,promo\n1,5,1,0\n2,6,2,1\n3,7,3,0\n4,,,1\n5,,,0\n",
	} {
		got, _, refused := readBeside(t, text, series.Options{})
		if refused != nil || len(got) == 0 {
			t.Errorf("%s: %v %q", name, got, refused)
		}
		for asset, x := range got {
			if diff := cmp.Diff([]float64{0, 1, 0, 1, 0}, x); diff != "" {
				t.Errorf("%s, %s: %s", name, asset, diff)
			}
		}
	}
}

// A month that no row has is no fault of the column: the value before stands for both.
func TestColumnWhereNothingWasObserved(t *testing.T) {
	t.Parallel()
	got, _, refused := readBeside(t, `unique_id,ds,y,promo
A,2024-01-31,5,0
A,2024-02-29,6,1
A,2024-04-30,7,0
A,2024-05-31,8,0
A,2024-06-30,9,0
A,2024-07-31,,3
A,2024-08-31,,4
`, series.Options{})
	if diff := cmp.Diff(map[string][]float64{"A": {0, 1, 1, 0, 0, 0, 3, 4}}, got); diff != "" {
		t.Errorf("%s %q", diff, refused)
	}
}

func TestColumnsThatLackValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"inside", "unique_id,ds,y,promo\nA,1,5,1\nA,2,6,\nA,3,7,1\nA,4,,1\nA,5,,1\n",
			`x: column "promo" has no value for asset "A" at 2`},
		{"begins later", "unique_id,ds,y,promo\nA,1,5,\nA,2,6,1\nA,3,7,1\nA,4,,1\nA,5,,1\n",
			`x: column "promo" has no value for asset "A" at 1`},
		{"no future", "unique_id,ds,y,promo\nA,1,5,1\nA,2,6,1\nA,3,7,1\n",
			`x: column "promo" has no value for asset "A" at 4, but only to 3: the forecast needs its future values, and this is that of step 1`},
		{"beyond its end", "unique_id,ds,y,promo\nA,1,5,1\nA,2,6,1\nA,3,7,1\nA,4,,1\n",
			`x: column "promo" has no value for asset "A" at 5, but only to 4: the forecast needs its future values, and this is that of step 2`},
		{"a hole in the future", "unique_id,ds,y,promo\nA,1,5,1\nA,2,6,1\nA,3,7,1\nA,4,,\nA,5,,1\n",
			`x: column "promo" has no value for asset "A" at 4: the forecast needs its future values, and this is that of step 1`},
		{"other asset", "unique_id,ds,y,promo\nA,1,5,\nA,2,6,\nB,1,7,1\nB,2,7,1\nB,3,,1\nB,4,,1\n",
			`x: column "promo" has no value for asset "A" at 1`},
	} {
		_, _, refused := readBeside(t, c.text, series.Options{})
		if diff := cmp.Diff([]string{c.want}, refused); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestOptionsOfColumnsKnownInAdvance(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sales.csv")
	if err := os.WriteFile(path, []byte("unique_id,ds,y,promo\nA,1,5,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []series.Options{{X: []string{"price"}}, {X: []string{"y"}, Value: "y"}, {X: []string{"promo", "promo"}}} {
		if _, _, err := file.Read(path, o); err == nil || !strings.HasPrefix(err.Error(), "x") {
			t.Errorf("x %q: the error is %v, want one of the field x", o.X, err)
		}
	}
}
