package main

import (
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// printAnswer prints the forecast of each asset and of the whole portfolio as
// one table: a row for each step.
func printAnswer(w io.Writer, a job.Answer) {
	levels := answerLevels(a)
	header := []texttable.Column{texttable.Left("ASSET"), texttable.Left("MODEL"), texttable.Right("SKILL"), texttable.Right("STEP"), texttable.Right("MEAN")}
	for _, l := range levels {
		header = append(header, texttable.Right("LO-"+l), texttable.Right("HI-"+l))
	}
	var rows [][]string
	for _, asset := range a.Assets {
		if asset.Error == nil {
			rows = append(rows, steps(asset.Asset, asset.Model, skill(asset.Skill), levels, asset.Mean, asset.Lo, asset.Hi)...)
		}
	}
	if o := a.Overall; o != nil {
		rows = append(rows, steps("overall", "", "", levels, o.Mean, o.Lo, o.Hi)...)
	}
	if len(rows) > 0 {
		table(w, header, rows)
	}
	for _, asset := range a.Assets {
		switch {
		case asset.Error != nil:
			line(w, "%s has no forecast: %s", asset.Asset, asset.Error.Detail)
		case asset.Fallback != "":
			line(w, "%s: %s", asset.Asset, asset.Fallback)
		}
	}
	if a.Error != nil {
		line(w, "The job has no forecast: %s", a.Error.Detail)
	}
}

// steps are the rows of one path; its name stands in the first only.
func steps(name, model, skill string, levels []string, mean []float64, lo, hi map[string][]float64) [][]string {
	var rows [][]string
	for k, m := range mean {
		row := []string{name, model, skill, strconv.Itoa(k + 1), number(m)}
		for _, l := range levels {
			row = append(row, at(lo[l], k), at(hi[l], k))
		}
		rows = append(rows, row)
		name, model, skill = "", "", ""
	}
	return rows
}

// answerLevels are the interval levels of an answer, the narrowest first.
func answerLevels(a job.Answer) []string {
	seen := map[string]bool{}
	add := func(lo map[string][]float64) {
		for l := range lo {
			seen[l] = true
		}
	}
	if a.Overall != nil {
		add(a.Overall.Lo)
	}
	for _, asset := range a.Assets {
		add(asset.Lo)
	}
	return slices.SortedFunc(maps.Keys(seen), func(x, y string) int {
		a, _ := strconv.ParseFloat(x, 64)
		b, _ := strconv.ParseFloat(y, 64)
		if a < b {
			return -1
		}
		return 1
	})
}

func at(values []float64, k int) string {
	if k >= len(values) {
		return ""
	}
	return number(values[k])
}

// number has six significant digits, and never an exponent where a person can
// do without.
func number(v float64) string {
	size := math.Abs(v)
	if size != 0 && (size < 1e-4 || size >= 1e12) {
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	decimals := 5
	for ; size >= 10 && decimals > 0; size /= 10 {
		decimals--
	}
	for ; size != 0 && size < 1; size *= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func skill(s *float64) string {
	if s == nil {
		return ""
	}
	return strconv.FormatFloat(*s, 'f', 3, 64)
}
