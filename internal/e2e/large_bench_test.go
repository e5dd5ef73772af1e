package e2e

import (
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// BenchmarkLargeJob takes one job of 200,000 series of 300 values, 490 MB as a
// stored file, from its submission to the last byte of its result as JSON and
// as CSV, with PostgreSQL, the services and a world of two ranks on this
// machine. It reports the time of each stage, and the most memory that each
// process took, without the files that it maps.
//
//	make build && go test -run '^$' -bench LargeJob -benchtime 1x ./internal/e2e
func BenchmarkLargeJob(b *testing.B) {
	c := startCluster(b, 2)
	c.addStored(b, largeInput(b, 200_000, 300))
	for name, levels := range map[string][]float64{"points": {}, "intervals": {80, 95}} {
		b.Run(name, func(b *testing.B) { c.timeLargeJob(b, levels) })
	}
}

func (c *cluster) timeLargeJob(b *testing.B, levels []float64) {
	peaks := peaks{}
	var computed, asJSON, asCSV time.Duration
	for b.Loop() {
		begun := time.Now()
		var j job.Job
		spec := job.Spec{Dataset: "large", Assets: []string{"*"}, Model: "trend", Horizon: 5, Levels: levels}
		if err := c.call(b.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
			b.Fatal(err)
		}
		path := "/v1/jobs/" + string(j.ID)
		await(b, 2*time.Minute, "the large job", func() (bool, string) {
			peaks.look(b, c)
			err := c.call(b.Context(), "GET", path, nil, &j)
			return err == nil && j.State.Final(), string(j.State)
		})
		if j.State != job.Done {
			b.Fatalf("it ended as %s: %v", j.State, j.Error)
		}
		computed += time.Since(begun)
		c.fetch(b, path, "application/json")
		asJSON += time.Since(begun)
		c.fetch(b, path, "text/csv")
		asCSV += time.Since(begun)
		peaks.look(b, c)
	}
	for what, took := range map[string]time.Duration{"s-done": computed, "s-JSON": asJSON, "s-CSV": asCSV} {
		b.ReportMetric(took.Seconds()/float64(b.N), what)
	}
	for _, name := range slices.Sorted(maps.Keys(peaks)) {
		b.ReportMetric(float64(peaks[name]>>20), "MB-"+strings.ReplaceAll(name, " ", ""))
	}
}

// fetch reads a whole result.
func (c *cluster) fetch(b *testing.B, path, media string) {
	b.Helper()
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Accept": {media}}
	call := problem.Call{Method: "GET", URL: c.run.url("frontend") + path + "/result", Header: header, Into: io.Discard}
	if _, err := call.Do(b.Context(), c.http); err != nil {
		b.Fatal(err)
	}
}

// addStored converts a CSV file and uploads it as the dataset large.
func (c *cluster) addStored(b *testing.B, text string) {
	b.Helper()
	stored := strings.TrimSuffix(text, ".csv") + ".arrow"
	if out, err := exec.Command(program(b, "mpicalc"), "convert", "--input", text, "--output", stored).CombinedOutput(); err != nil {
		b.Fatalf("convert: %v\n%s", err, out)
	}
	f, err := os.Open(stored)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Content-Type": {"application/vnd.apache.arrow.file"}}
	call := problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/datasets/large", Header: header, Body: f}
	if _, err := call.Do(b.Context(), c.http); err != nil {
		b.Fatal(err)
	}
}

// largeInput writes a CSV file of assets that are lines with a wave.
func largeInput(b *testing.B, assets, length int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	row := []byte("step")
	for i := range assets {
		row = append(append(row, ','), lineName(i)...)
	}
	for step := 0; step <= length; step++ {
		if step > 0 {
			row = strconv.AppendInt(row[:0], int64(step), 10)
			for i := range assets {
				row = strconv.AppendFloat(append(row, ','), line(i, step)+float64(step*(i+7)%11), 'g', -1, 64)
			}
		}
		if _, err := f.Write(append(row, '\n')); err != nil {
			b.Fatal(err)
		}
	}
	return path
}
