package portfolio

import (
	"fmt"
	"strings"

	"foliocast/internal/job"
	"foliocast/mpicalc/forecast"
)

// checkAnswer refuses paths and scenarios of so many assets that their answer would be too large, and scenarios and a benchmark of assets
// that there are not.
func (p *Plan) checkAnswer(names []string) error {
	if p.spec.Paths > 0 {
		if faults := p.spec.SizeFaults(len(names)); faults != nil {
			return &Error{Code: "paths", Detail: faults[0].Detail, Field: "paths"}
		}
	}
	if faults := p.spec.ScenarioFaults(names); faults != nil {
		field, _, _ := strings.Cut(faults[0].Pointer[1:], "/")
		return &Error{Code: field, Detail: firstFaults(faults), Field: field}
	}
	return nil
}

// addPaths adds what an asset's paths add to those of the portfolio, path by path.
func (s *sum) addPaths(a *asset, r *forecast.Result) {
	if len(s.drawn) == 0 || len(r.Paths) == 0 {
		return
	}
	s.pathed++
	width := len(r.Mean)
	for i := range s.drawn {
		path, k := i/s.horizon, i%s.horizon
		s.drawn[i].add(a.term(r.Paths[path*width+a.lag+k]))
	}
}

// setPaths sets the paths of the portfolio. scale is what they are multiplied by because assets are lost.
func (p *Plan) setPaths(out *job.Forecast, scale float64) {
	s := &p.sum
	if p.spec.Paths == 0 {
		return
	}
	if s.pathed < s.counted {
		out.Notes = append(out.Notes, fmt.Sprintf("there are no paths: %d of the assets have none", s.counted-s.pathed))
		return
	}
	values := s.drawn.values()
	for i := range values {
		values[i] = clamped(values[i] * scale)
	}
	out.Paths, out.Origins = pathRows(values, s.horizon, s.horizon), p.overall.jointOrigins()
}

// pathRows are the first steps of paths of the given width. They share its memory.
func pathRows(paths []float64, width, steps int) (rows [][]float64) {
	for from := 0; from < len(paths); from += width {
		rows = append(rows, paths[from:from+steps:from+steps])
	}
	return rows
}

// cutPaths keeps the first steps of paths of the given width, in the same memory.
func cutPaths(paths []float64, width, steps int) []float64 {
	if width == steps {
		return paths
	}
	out := paths[:0]
	for from := 0; from < len(paths); from += width {
		out = append(out, paths[from:from+steps]...)
	}
	return out
}
