package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/job"
)

// specFlags are the flags that describe a job.
type specFlags struct {
	spec    job.Spec
	weights []string
	onError string
}

func (f *specFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.spec.Model, "model", "auto", "forecasting `model`; mpicalc models lists them")
	flags.IntVar(&f.spec.Horizon, "horizon", 1, "`steps` to forecast, 1 to 1000")
	flags.Float64SliceVar(&f.spec.Levels, "levels", []float64{}, "prediction interval `levels` in percent, like 80,95; none when absent")
	flags.Lookup("levels").DefValue = "" // the help text says it
	flags.StringVar(&f.spec.Freq, "freq", "", "`frequency` H, D, B, W, M, Q or Y; inferred from the times when absent")
	flags.IntSliceVar(&f.spec.Season, "season", nil, "seasonal `periods` in steps, like 24,168; from the frequency and the data when absent")
	flags.StringSliceVar(&f.spec.Assets, "assets", []string{"*"}, "`names` of the assets, or * for all")
	flags.StringSliceVar(&f.weights, "weights", nil, "`weights` of the assets in the overall forecast, like DAX=0.7,FTSE=0.3; equal when absent")
	flags.StringVar(&f.spec.From, "from", "", "first `time` to use, inclusive")
	flags.StringVar(&f.spec.To, "to", "", "last `time` to use, inclusive")
	flags.StringVar(&f.onError, "on-error", "skip", "what to do about an asset that cannot be forecast: skip it, or `fail` the job")
}

// job checks the flags and returns the job that they describe.
func (f *specFlags) job() (job.Spec, error) {
	spec := f.spec
	spec.Dataset = "input" // a job has one; a run has a file
	spec.OnError = job.OnError(f.onError)
	if f.weights != nil {
		spec.Weights = make(map[string]float64, len(f.weights))
	}
	for _, text := range f.weights {
		at := strings.LastIndexByte(text, '=')
		if at < 1 {
			return spec, fmt.Errorf("--weights must be like DAX=0.7,FTSE=0.3, but has %q", text)
		}
		name := text[:at]
		weight, err := strconv.ParseFloat(text[at+1:], 64)
		if err != nil {
			return spec, fmt.Errorf("--weights: the weight of %q is %q, which is not a number", name, text[at+1:])
		}
		if _, twice := spec.Weights[name]; twice {
			return spec, fmt.Errorf("--weights names %q twice", name)
		}
		spec.Weights[name] = weight
	}
	if len(spec.Season) == 0 {
		spec.Season = nil
	}
	var faults []error
	for _, f := range spec.Validate() {
		field, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		if rest != "" && field == "weights" {
			field += " of " + strconv.Quote(rest)
		}
		faults = append(faults, fmt.Errorf("--%s %s", strings.ReplaceAll(field, "_", "-"), f.Detail))
	}
	return spec, errors.Join(faults...)
}
