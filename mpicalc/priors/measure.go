package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"foliocast/mpicalc/forecast"
)

// measure prints the errors of auto, of its best member and of naive on the validation part of each kind, each divided by the
// error of naive; the weighted quantile loss; and the coverage of intervals.
func measure(all []kind) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 1, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "kind\tseries\tMASE naive\tbest member\t\tauto\tauto/naive\tauto/best\tWQL\t50 %\t80 %\t95 %\tms\t")
	toBest, toNaive, kinds := 0.0, 0.0, 0.0
	names := forecast.MemberNames()
	sums := make([]float64, len(names))
	var sumAuto float64
	var pooled [3]float64
	for i := range all {
		k := &all[i]
		trials := try(k, k.validation, func(int) int { return 0 })
		if len(trials) == 0 {
			continue
		}
		errs, counts := make([]float64, len(names)), make([]int, len(names))
		for _, t := range trials {
			for j, c := range t.Members {
				errs[t.members[j]] += meanError(t.futures, c.Mean) / t.scale
				counts[t.members[j]]++
			}
		}
		best, bestName := math.Inf(1), ""
		naive := 0.0
		for j := range names {
			if counts[j] < len(trials)*98/100 {
				errs[j] = math.NaN()
				continue
			}
			errs[j] /= float64(counts[j])
			if names[j] == "naive" {
				naive = errs[j]
			}
			if errs[j] < best {
				best, bestName = errs[j], names[j]
			}
		}
		a := answers(k)
		toBest += math.Log(a.mase / best)
		toNaive += math.Log(a.mase / naive)
		kinds++
		for j := range names {
			v := errs[j]
			if math.IsNaN(v) {
				v = naive
			}
			sums[j] += math.Log(v)
		}
		sumAuto += math.Log(a.mase)
		for l := range pooled {
			pooled[l] += a.inside[l]
		}
		fmt.Fprintf(w, "%s\t%d\t%.3f\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.4f\t%.1f\t%.1f\t%.1f\t%.2f\t\n", k.name, len(trials), naive, bestName, best, a.mase, a.mase/naive, a.mase/best,
			a.wql, 100*a.inside[0], 100*a.inside[1], 100*a.inside[2], a.millis)
	}
	w.Flush()
	one := slices.Min(sums)
	fmt.Printf("geometric means: auto/naive %.4f, auto/best of each kind %.4f, auto/best of all (%s) %.4f; coverage %.1f %.1f %.1f\n", math.Exp(toNaive/kinds), math.Exp(toBest/kinds),
		names[slices.Index(sums, one)], math.Exp((sumAuto-one)/kinds), 100*pooled[0]/kinds, 100*pooled[1]/kinds, 100*pooled[2]/kinds)
	return nil
}

// meanError is the mean absolute error over all futures.
func meanError(futures [][]float64, mean []float64) float64 {
	sum := 0.0
	for _, f := range futures {
		sum += forecast.MAE(f, mean[:len(f)])
	}
	return sum / float64(len(futures))
}

type outcome struct {
	mase, wql, millis float64
	inside            [3]float64
}

// answers forecasts the validation part of k by auto.
func answers(k *kind) outcome {
	o := k.options("auto", true)
	o.Levels = []float64{50, 80, 95}
	o.Quantiles = []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
	m, err := forecast.NewMethod(o)
	if err != nil {
		panic(err)
	}
	var out outcome
	var mu sync.Mutex
	var pinball, size, values, count float64
	parallel(len(k.validation), func(e *forecast.Engine, i int) {
		x := &k.validation[i]
		scale := scaleOf(k, x)
		if !(scale > 0) {
			return
		}
		var r forecast.Result
		begin := time.Now()
		if err := e.Forecast(&r, forecast.Series{Values: x.y, Skips: x.skips}, m); err != nil {
			return
		}
		took := time.Since(begin)
		mu.Lock()
		defer mu.Unlock()
		out.mase += meanError(x.futures, r.Mean) / scale
		out.millis += float64(took.Microseconds()) / 1000
		count++
		if len(r.Lo) == 0 {
			return
		}
		for t, y := range x.futures[0] {
			values++
			size += math.Abs(y) / scale
			for l := range r.Lo {
				if r.Lo[l][t] <= y && y <= r.Hi[l][t] {
					out.inside[l]++
				}
			}
			for q, p := range o.Quantiles {
				d := y - r.Quantiles[q][t]
				pinball += 2 * max(p*d, (p-1)*d) / float64(len(o.Quantiles)) / scale
			}
		}
	})
	out.mase /= count
	out.millis /= count
	out.wql = pinball / size
	for l := range out.inside {
		out.inside[l] /= values
	}
	return out
}
