package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"foliocast/mpicalc/forecast"
)

// A kind is a set of series that are alike, with what is to be forecast from them.
type kind struct {
	name                 string
	step                 time.Duration
	periods              []int
	horizon              int
	season               int  // of the scaled error
	real                 bool // not simulated
	learning, validation []example
}

// An example is a series and the values that follow it.
type example struct {
	y       []float64
	skips   []forecast.Skip
	futures [][]float64 // one, or several that are equally likely
}

const (
	hour  = time.Hour
	day   = 24 * hour
	week  = 7 * day
	month = 30 * day
	year  = 365 * day
)

const most = 400 // examples of a kind for validation, and twice as many for learning

// load reads the data sets and simulates others.
func load(folder string) ([]kind, error) {
	var all []kind
	if folder != "" {
		real, err := files(folder)
		if err != nil {
			return nil, err
		}
		all = append(all, real...)
	}
	return append(all, simulated()...), nil
}

// named is one series; a missing value is NaN.
type named struct {
	name   string
	values []float64
}

// long reads a file with a name, a time and a value in each row.
func long(path string) ([]named, error) {
	rows, err := records(path)
	if err != nil {
		return nil, err
	}
	var all []named
	at := map[string]int{}
	for _, r := range rows {
		i, ok := at[r[0]]
		if !ok {
			i = len(all)
			at[r[0]] = i
			all = append(all, named{name: r[0]})
		}
		v := math.NaN()
		if r[2] != "" {
			if v, err = strconv.ParseFloat(r[2], 64); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
		all[i].values = append(all[i].values, v)
	}
	return all, nil
}

// wide reads a file with a column for each series.
func wide(path string) ([]named, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	all := make([]named, len(head)-1)
	for i := range all {
		all[i].name = head[i+1]
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range all {
			if v, err := strconv.ParseFloat(row[i+1], 64); err == nil {
				all[i].values = append(all[i].values, v)
			}
		}
	}
}

func records(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows[1:], nil
}

// periodOf reads the info file of a competition.
func periodOf(path string) (map[string]string, error) {
	rows, err := records(path)
	of := map[string]string{}
	for _, r := range rows {
		of[r[0]] = r[1]
	}
	return of, err
}

// files reads the data sets.
func files(folder string) ([]kind, error) {
	in := func(name string) string { return filepath.Join(folder, name) }
	var all []kind
	var fault error
	add := func(k kind, series []named, err error, cut func(k *kind, y named)) {
		if err != nil {
			fault = errors.Join(fault, err)
			return
		}
		for _, s := range series {
			cut(&k, s)
		}
		k.real = true
		k.learning, k.validation = thin(k.learning, 2*most), thin(k.validation, most)
		all = append(all, k)
	}
	s, err := long(in("m4_hourly_train.csv"))
	add(kind{name: "hourly", step: hour, periods: []int{24, 168}, horizon: 48, season: 24}, s, err, cuts(3, 200))
	for _, set := range []string{"m1", "tourism"} {
		s, err := long(in(set + "_train.csv"))
		of, err2 := periodOf(in(set + "_info.csv"))
		err = errors.Join(err, err2)
		split := map[string][]named{}
		for _, x := range s {
			split[of[x.name]] = append(split[of[x.name]], x)
		}
		h := map[string]int{"YEARLY": 6, "QUARTERLY": 8, "MONTHLY": 18}
		if set == "tourism" {
			h = map[string]int{"YEARLY": 4, "QUARTERLY": 8, "MONTHLY": 24}
		}
		add(kind{name: set + " monthly", step: month, periods: []int{12}, horizon: h["MONTHLY"], season: 12}, split["MONTHLY"], err, cuts(4, 24))
		add(kind{name: set + " quarterly", step: 91 * day, periods: []int{4}, horizon: h["QUARTERLY"], season: 4}, split["QUARTERLY"], err, cuts(4, 9))
		add(kind{name: set + " yearly", step: year, horizon: h["YEARLY"], season: 1}, split["YEARLY"], err, cuts(3, 6))
	}
	s, err = wide(in("ecb_eurofx_wide.csv"))
	add(kind{name: "rates daily", step: day, periods: []int{5, 261}, horizon: 5, season: 1}, s, err, windows(12, []int{100, 300, 1000}, 1))
	add(kind{name: "rates weekly", step: week, periods: []int{52}, horizon: 8, season: 1}, s, err, windows(12, []int{60, 110, 300}, 5))
	s, err = long(in("us_stocks_daily_1990_2022.csv"))
	add(kind{name: "stocks daily", step: day, periods: []int{5, 252}, horizon: 5, season: 1}, s, err, windows(12, []int{100, 300, 1000}, 1))
	add(kind{name: "stocks monthly", step: month, periods: []int{12}, horizon: 6, season: 12}, s, err, windows(8, []int{40, 80, 150}, 21))
	s, err = long(in("retail_counts_daily_train.csv"))
	add(kind{name: "retail daily", step: day, periods: []int{7, 365}, horizon: 30, season: 1}, s, err, cuts(3, 100))
	s, err = long(in("retail_counts_weekly_train.csv"))
	add(kind{name: "retail weekly", step: week, periods: []int{52}, horizon: 8, season: 1}, s, err, cuts(4, 60))
	s, err = long(in("half_hourly_train.csv"))
	add(kind{name: "half-hourly", step: hour / 2, periods: []int{48, 336}, horizon: 48, season: 48}, s, err, cuts(24, 1000))
	sum := func(n, least int) func(k *kind, s named) {
		return func(k *kind, s named) {
			var y []float64
			for i := 0; i+n <= len(s.values); i += n {
				v := 0.0
				for _, x := range s.values[i : i+n] {
					v += x
				}
				y = append(y, v)
			}
			cuts(28, least)(k, named{s.name, y})
		}
	}
	add(kind{name: "loads hourly", step: hour, periods: []int{24, 168, 8766}, horizon: 24, season: 24}, s, err, sum(2, 300))
	add(kind{name: "loads daily", step: day, periods: []int{7, 365}, horizon: 14, season: 7}, s, err, sum(48, 180))
	return all, fault
}

// cuts takes the last horizons of a series for validation, a quarter of count and at least one, and earlier ones for learning,
// with the whole history and with half of it.
func cuts(count, least int) func(k *kind, s named) {
	return func(k *kind, s named) {
		count := min(count, (len(s.values)-least)/k.horizon)
		validate := max(1, count/4)
		for c := range count {
			end := len(s.values) - k.horizon*(c+1)
			x := k.example(s.values[:end], s.values[end:end+k.horizon])
			if c < validate {
				k.validation = append(k.validation, x...)
				continue
			}
			k.learning = append(k.learning, x...)
			if c%2 == 1 && end/2 >= least {
				k.learning = append(k.learning, k.example(s.values[end/2:end], s.values[end:end+k.horizon])...)
			}
		}
	}
}

// windows takes windows of the given lengths from the first 60 % of a series for learning and up to 85 % for validation, of
// every stride-th value.
func windows(count int, lengths []int, stride int) func(k *kind, s named) {
	return func(k *kind, s named) {
		var y []float64
		for i := 0; i < len(s.values); i += stride {
			y = append(y, s.values[i])
		}
		for part, share := range []float64{0, 0.6} {
			from, to := int(share*float64(len(y))), int([]float64{0.6, 0.85}[part]*float64(len(y)))
			for c := range count {
				n := lengths[c%len(lengths)]
				end := from + n + (to-from-n-k.horizon)*(c+1)/count
				if part == 1 {
					end = from + (to-from-k.horizon)*(c+1)/count
				}
				if end-n < 0 || end+k.horizon > to {
					continue
				}
				x := k.example(y[end-n:end], y[end:end+k.horizon])
				if part == 0 {
					k.learning = append(k.learning, x...)
				} else {
					k.validation = append(k.validation, x...)
				}
			}
		}
	}
}

// example drops missing values from y, and turns their places into skips. It makes none when the future has missing values
// only.
func (k *kind) example(y, future []float64) []example {
	var x example
	var after []float64
	gap := 0
	at := 0
	for i := range len(y) + len(future) {
		inside := i < len(y)
		var v float64
		if inside {
			v = y[i]
		} else {
			v = future[i-len(y)]
		}
		if math.IsNaN(v) {
			if at > 0 {
				gap++
			}
			continue
		}
		if gap > 0 {
			x.skips = append(x.skips, forecast.Skip{At: int32(at), Count: int32(gap)})
			gap = 0
		}
		at++
		if inside {
			x.y = append(x.y, v)
		} else {
			after = append(after, v)
		}
	}
	if len(after) == 0 || len(x.y) < 4 {
		return nil
	}
	x.futures = [][]float64{after}
	return []example{x}
}

// thin takes n of the examples, evenly.
func thin(all []example, n int) []example {
	if len(all) <= n {
		return all
	}
	var out []example
	for i := range n {
		out = append(out, all[i*len(all)/n])
	}
	return out
}

// options of the model for the kind. Without calendar, they are those of integer steps for which a season was given.
func (k *kind) options(model string, calendar bool) forecast.Options {
	if calendar {
		return forecast.Options{Model: model, Horizon: k.horizon, Step: k.step, Periods: k.periods}
	}
	return forecast.Options{Model: model, Horizon: k.horizon, Seasons: k.periods}
}

// importance is the weight of the kind in learning. A walk leaves nothing to gain, and what is lost on it is never worth it.
func (k *kind) importance() float64 {
	switch {
	case strings.HasPrefix(k.name, "short walks"):
		return 32
	case strings.HasPrefix(k.name, "short reverting"):
		return 20
	case strings.HasPrefix(k.name, "walks"):
		return 16
	case strings.HasPrefix(k.name, "reverting"), k.real:
		return 10
	}
	return 1
}
