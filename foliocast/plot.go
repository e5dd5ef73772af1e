package foliocast

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"foliocast/internal/chart"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

// Sizes of pictures.
const (
	plotWidth, plotHeight = 900, 460 // of a file, in CSS pixels
	plotScale             = 2        // pixels of PNG for each
	plotColumns, plotRows = 80, 18   // of a terminal that does not say how large it is
)

func (a *app) jobPlot() *cobra.Command {
	var output, asset, theme string
	c := &cobra.Command{
		Use: "plot JOB", Short: "Draw the forecast of a job that has ended",
		Long: `Draw the forecast of the portfolio, or of one asset, with its intervals, behind the
values before it: on the terminal, or as a file. The ending of --output chooses the
format: .svg or .png. Names in letters that the font of PNG lacks, such as Chinese,
need SVG.

On the terminal, lines are dots of Braille and intervals are shaded. Colours are used
on a terminal only, and not where NO_COLOR is set.`,
		Example: "  foliocast job plot JOB --asset DAX\n  foliocast job plot JOB -o forecast.svg",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			write, err := a.plotWriter(output, theme)
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			j, answer, err := a.ended(c.Context(), s.frontend, id)
			if err != nil {
				return err
			}
			r := report.Report{Job: j, Answer: answer, Past: pastOf(c.Context(), s.frontend, j)}
			fan, err := r.Fan(asset)
			if missing, ok := errors.AsType[*report.Missing](err); ok {
				return usagef("%w", missing)
			}
			if err != nil {
				return err
			}
			return a.write(output, func(w io.Writer) error { return write(w, fan) })
		},
	}
	c.Flags().StringVar(&asset, "asset", "", "draw this `asset` instead of the portfolio")
	c.Flags().StringVarP(&output, "output", "o", "", "the `file` to write: .svg or .png")
	c.Flags().StringVar(&theme, "theme", "light", "`colours` of a .png: light or dark; a .svg follows the reader's")
	return c
}

// plotWriter writes a fan in the format that the ending of a file names, or for the terminal.
func (a *app) plotWriter(output, theme string) (func(io.Writer, chart.Fan) error, error) {
	colors, known := map[string]chart.Theme{"light": chart.Light, "dark": chart.Dark}[theme]
	if !known {
		return nil, usagef("--theme must be light or dark, is %q", theme)
	}
	if a.json {
		return nil, usagef("a picture has no JSON: foliocast job result --json has the numbers")
	}
	size := chart.Size{Width: plotWidth, Height: plotHeight, Heading: true}
	switch ending := filepath.Ext(output); {
	case output == "":
		return a.plotText, nil
	case ending == ".svg":
		return func(w io.Writer, f chart.Fan) error { return f.Draw(size).SVG(w) }, nil
	case ending == ".png":
		return func(w io.Writer, f chart.Fan) error { return f.Draw(size).PNG(w, colors, plotScale) }, nil
	}
	return nil, usagef("--output must end with .svg or .png, is %q", output)
}

// plotText draws for the terminal.
func (a *app) plotText(w io.Writer, f chart.Fan) error { return a.plotOn(w, w, f) }

// plotOn draws into w, which goes to screen: a terminal says how large it is.
func (a *app) plotOn(w, screen io.Writer, f chart.Fan) error {
	t := chart.Terminal{Width: plotColumns, Height: plotRows}
	if n, err := strconv.Atoi(a.env("COLUMNS")); err == nil && n > 0 {
		t.Width = n
	}
	if terminal(screen) {
		t.Color = a.colors()
		if width, height, err := term.GetSize(int(screen.(*os.File).Fd())); err == nil && width > 0 {
			t.Width, t.Height = width, min(plotRows, max(height-8, 6))
		}
	}
	line(w, "%s", f.Title)
	if err := f.Text(w, t); err != nil {
		return err
	}
	line(w, "%s", f.Draw(chart.Size{Width: plotWidth, Height: plotHeight}).Description)
	return nil
}

// datasetText names a version of a dataset.
func datasetText(d job.Dataset) string { return fmt.Sprintf("%s@%d", d.Name, d.Version) }
