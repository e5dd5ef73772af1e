package api

import (
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

// guardAsset makes cells of the texts of an asset's forecast.
func guardAsset(a *job.Asset) {
	a.Asset, a.Model = forecasttable.Cell(a.Asset), forecasttable.Cell(a.Model)
	a.DS = timeCells(a.DS)
	for k := range a.Members {
		a.Members[k].Name = forecasttable.Cell(a.Members[k].Name)
	}
}

// guardEvaluation does so for a forecast of a backtest.
func guardEvaluation(e *job.Evaluation) {
	e.Origin = timeCell(e.Origin)
	e.Model, e.Used, e.Error = forecasttable.Cell(e.Model), forecasttable.Cell(e.Used), forecasttable.Cell(e.Error)
	for k := range e.Members {
		e.Members[k].Name = forecasttable.Cell(e.Members[k].Name)
	}
}

// guardBacktest does so for the scores of a backtest.
func guardBacktest(b *job.Backtest) {
	guardScores(b.Scores, b.Comparison)
	for k := range b.Kinds {
		b.Kinds[k].Kind = forecasttable.Cell(b.Kinds[k].Kind)
		guardScores(b.Kinds[k].Scores, b.Kinds[k].Comparison)
	}
}

func guardScores(scores []job.Score, c *job.Comparison) {
	for k := range scores {
		scores[k].Model = forecasttable.Cell(scores[k].Model)
	}
	if c != nil {
		c.A, c.B = forecasttable.Cell(c.A), forecasttable.Cell(c.B)
	}
}
