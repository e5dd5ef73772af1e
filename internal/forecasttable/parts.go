package forecasttable

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// Explained reports whether the answer names the parts of any forecast.
func Explained(a job.Answer) bool {
	return slices.ContainsFunc(a.Assets, func(a job.Asset) bool { return len(a.Parts) > 0 })
}

// WriteParts writes for people what the forecast of each asset consists of: the
// point forecast and the parts that add up to it, in a row for each step, and
// then what auto combined and what it dropped. It rounds as [WriteText] does.
func WriteParts(w io.Writer, a job.Answer) error {
	t := textOf(a)
	names := partNames(a)
	columns := []texttable.Column{texttable.Left("ASSET"), t.timeColumn(), texttable.Right(t.point)}
	for _, name := range names {
		columns = append(columns, texttable.Right(strings.ToUpper(name)))
	}
	var rows, members [][]string
	for _, asset := range a.Assets {
		f := job.Forecast{DS: asset.DS, Mean: asset.Mean, Lo: asset.Lo, Hi: asset.Hi, Quantiles: asset.Quantiles, Band: asset.Band}
		n, head := notationOf(f), asset.Asset
		for k, mean := range asset.Mean {
			row := []string{head, t.when(f, k), n.text(mean)}
			for _, name := range names {
				row = append(row, cell(n, asset.Parts[name], k))
			}
			rows, head = append(rows, row), ""
		}
		head = asset.Asset
		for _, m := range asset.Members {
			members = append(members, []string{head, m.Name, weight(m), skill(m.Skill), m.Dropped})
			head = ""
		}
	}
	if err := texttable.Write(w, columns, rows); err != nil || members == nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return texttable.Write(w, []texttable.Column{texttable.Left("ASSET"), texttable.Left("MEMBER"), texttable.Right("WEIGHT"), texttable.Right("SKILL"),
		texttable.Left("DROPPED")}, members)
}

// weight is empty for a member that has no part.
func weight(m job.Member) string {
	if m.Dropped != "" {
		return ""
	}
	return strconv.FormatFloat(m.Weight, 'f', 3, 64)
}

// partNames are the names of the parts of all assets: the level, the trend, the
// seasons, the shortest first, columns that are known in advance, and the rest.
func partNames(a job.Answer) []string {
	var names []string
	for _, asset := range a.Assets {
		for name := range asset.Parts {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := placeOf(a), placeOf(b)
		return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.period, y.period), cmp.Compare(a, b))
	})
	return names
}

// place is where a part stands: by its kind, and among seasons by its period.
type place struct{ kind, period int }

func placeOf(name string) place {
	kinds := []string{"level", "trend", "season", "x", "memory", "adjustment"}
	kind, rest, _ := strings.Cut(name, " ")
	period := 0
	if kind == "season" {
		period, _ = strconv.Atoi(rest) // 0 for the name of another program
	}
	if at := slices.Index(kinds, kind); at >= 0 {
		return place{at, period}
	}
	return place{len(kinds), 0}
}
