package forecast

import (
	"fmt"
	"math"
)

// Code names what is wrong with a series.
type Code string

// The faults that no model can handle. Any other series (constant, short, rank-deficient) has a forecast.
const (
	Empty     Code = "empty"      // the series has no values
	NotFinite Code = "not-finite" // a value is NaN or infinite
)

// DataError is returned for a series that cannot be forecast at all.
type DataError struct {
	Code Code
	// Regressor is the number, from 1, of the regressor that holds the value, and 0 for the values of the series.
	Regressor int
	Index     int     // the position, from 0, of the first value at fault; 0 for Empty
	Value     float64 // that value; 0 for Empty
}

// Error returns the fault as a sentence with the position and the number.
func (e *DataError) Error() string {
	if e.Code == Empty {
		return "the series is empty"
	}
	if e.Regressor > 0 {
		return fmt.Sprintf("value %d of regressor %d is %v, which is not a finite number", e.Index, e.Regressor, e.Value)
	}
	return fmt.Sprintf("value %d of the series is %v, which is not a finite number", e.Index, e.Value)
}

// finite reports whether v is neither NaN nor infinite: v-v is NaN for both.
func finite(v float64) bool { return v-v == 0 }

// check returns the fault of y, or nil.
func check(y []float64, before int) error {
	if len(y) == 0 {
		return &DataError{Code: Empty}
	}
	for i, v := range y {
		if !finite(v) {
			return &DataError{Code: NotFinite, Index: before + i, Value: v}
		}
	}
	return nil
}

// clampFinite returns v; for an infinity the largest number of its sign; and for NaN the value otherwise.
func clampFinite(v, otherwise float64) float64 {
	switch {
	case math.IsNaN(v):
		return otherwise
	case v > math.MaxFloat64:
		return math.MaxFloat64
	case v < -math.MaxFloat64:
		return -math.MaxFloat64
	}
	return v
}
