package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/chart"
	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/report"
	"foliocast/mpicalc/forecast"
)

// pictures are the files with pictures that a run writes.
type pictures struct {
	report, plot string
	assets       []job.Asset // for the report
}

func (p *pictures) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.report, "report", "", "write the answer as one page with pictures to this `file`, as in report.html")
	cmd.Flags().StringVar(&p.plot, "plot", "", "draw the forecast of the portfolio into this `file`: .svg or .png")
}

// check looks at the names of the files, before anything is computed.
func (p *pictures) check(input string) error {
	var faults []error
	for flag, path := range map[string]string{"--report": p.report, "--plot": p.plot} {
		if path != "" {
			faults = append(faults, checkOther(flag, input, path))
		}
	}
	if ending := filepath.Ext(p.plot); p.plot != "" && ending != ".svg" && ending != ".png" {
		faults = append(faults, fmt.Errorf("--plot must end with .svg or .png, is %q", p.plot))
	}
	return errors.Join(faults...)
}

// picture keeps the forecast of an asset, if the report is to show it.
func (r *run) picture(i int, result *forecast.Result, fault *job.Error) {
	if r.pictures.report != "" {
		r.pictures.assets = append(r.pictures.assets, r.plan.Asset(i, result, fault))
	}
}

// Of a picture drawn into a file: its size in CSS pixels, and how many pixels of PNG each is.
const plotWidth, plotHeight, plotScale = 900, 460, 2

// draw writes the files.
func (r *run) draw(answer job.Answer) error {
	if r.pictures.report == "" && r.pictures.plot == "" {
		return nil
	}
	answer.Assets = r.pictures.assets
	page := report.Report{Job: job.Job{Spec: r.spec}, Answer: answer, Source: filepath.Base(r.input), Command: commandLine(), Past: r.past()}
	if path := r.pictures.report; path != "" {
		if err := writeFlagged("--report", path, page.Write); err != nil {
			return err
		}
	}
	path := r.pictures.plot
	if path == "" {
		return nil
	}
	fan, err := page.Fan("")
	if missing, ok := errors.AsType[*report.Missing](err); ok {
		return &failure{fmt.Errorf("--plot: %w", missing)}
	}
	if err != nil {
		return err
	}
	picture := fan.Draw(chart.Size{Width: plotWidth, Height: plotHeight, Heading: true})
	return writeFlagged("--plot", path, func(w io.Writer) error {
		if filepath.Ext(path) == ".png" {
			return picture.PNG(w, chart.Light, plotScale)
		}
		return picture.SVG(w)
	})
}

// commandLine is the command that repeats the run.
func commandLine() string {
	words := []string{"mpicalc"}
	for _, arg := range os.Args[1:] {
		words = append(words, cli.Quoted(arg))
	}
	return strings.Join(words, " ")
}

// past finds the values before a forecast.
func (r *run) past() report.Past {
	index := make(map[string]int, len(r.pictures.assets))
	for i, a := range r.pictures.assets {
		index[a.Asset] = i
	}
	n := report.PastSteps(r.spec.Horizon)
	return func(asset string) (chart.Series, string, error) {
		ds, y := r.plan.PastOverall(n)
		if asset != "" {
			ds, y = r.plan.Past(index[asset], n)
		}
		return chart.Series{Times: chart.ParseTimes(ds), Values: y}, "", nil
	}
}
