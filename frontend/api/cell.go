package api

import (
	"slices"
	"strconv"

	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
)

// What a worker says is as foreign as the names in a dataset: in answers as CSV, no text
// is a formula.

// timeCell is a time or a step as a cell of CSV. A negative step stays a number.
func timeCell(text string) string {
	if cell := forecasttable.Cell(text); cell != text {
		if _, err := strconv.Atoi(text); err != nil {
			return cell
		}
	}
	return text
}

// timeCells are times as cells.
func timeCells(times []string) []string {
	cells := make([]string, len(times))
	for k, time := range times {
		cells[k] = timeCell(time)
	}
	return cells
}

// guardAsset makes cells of the texts of an asset's forecast. As the functions below, it leaves the slices as they are, which a second
// reader of the answer may need.
func guardAsset(a *job.Asset) {
	a.Asset, a.Model = forecasttable.Cell(a.Asset), forecasttable.Cell(a.Model)
	a.DS, a.Members = timeCells(a.DS), guardedMembers(a.Members)
}

func guardedMembers(members []job.Member) []job.Member {
	members = slices.Clone(members)
	for k := range members {
		members[k].Name = forecasttable.Cell(members[k].Name)
	}
	return members
}

// guardEvaluation does so for a forecast of a backtest.
func guardEvaluation(e *job.Evaluation) {
	e.Origin = timeCell(e.Origin)
	e.Model, e.Used, e.Error = forecasttable.Cell(e.Model), forecasttable.Cell(e.Used), forecasttable.Cell(e.Error)
	e.Members = guardedMembers(e.Members)
}

// guardBacktest does so for the scores of a backtest.
func guardBacktest(b *job.Backtest) {
	b.Scores, b.Comparison = guardedScores(b.Scores), guardedComparison(b.Comparison)
	b.Kinds = slices.Clone(b.Kinds)
	for k := range b.Kinds {
		kind := &b.Kinds[k]
		kind.Kind, kind.Scores, kind.Comparison = forecasttable.Cell(kind.Kind), guardedScores(kind.Scores), guardedComparison(kind.Comparison)
	}
}

func guardedScores(scores []job.Score) []job.Score {
	scores = slices.Clone(scores)
	for k := range scores {
		scores[k].Model = forecasttable.Cell(scores[k].Model)
	}
	return scores
}

func guardedComparison(c *job.Comparison) *job.Comparison {
	if c == nil {
		return nil
	}
	guarded := *c
	guarded.A, guarded.B = forecasttable.Cell(c.A), forecasttable.Cell(c.B)
	return &guarded
}
