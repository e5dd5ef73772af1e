package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/browsertest"
	"foliocast/internal/job"
)

// manyJobs puts 100,000 jobs into the store.
func (w *world) manyJobs() {
	w.Helper()
	w.upload("prices", prices)
	id := w.submit(spec("DAX", "FTSE"))
	if _, err := w.pool.Exec(w.Context(), `INSERT INTO job (id, owner, subject, state, created_at, ended_at, dataset, dataset_version, spec, brief)
		SELECT gen_random_uuid(), owner, subject, CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'done' END, created_at - n * interval '1 second', created_at, dataset, dataset_version, spec, brief
		FROM job, generate_series(1, 100000) n WHERE id = $1`, id); err != nil {
		w.Fatal(err)
	}
	if _, err := w.pool.Exec(w.Context(), "ANALYZE job"); err != nil {
		w.Fatal(err)
	}
}

// largeAnswer ends a job with an answer of 200,000 assets, in parts of a megabyte, as worlds send it.
func (w *world) largeAnswer() job.ID {
	w.Helper()
	id := w.submit(spec("*"))
	skill := 0.8
	steps := []float64{101.25, 102.5}
	bounds := map[string][]float64{"80": steps, "95": steps}
	const parts, each = 50, 4000
	for part := range parts {
		assets := make([]job.Asset, each)
		for i := range assets {
			assets[i] = job.Asset{Asset: fmt.Sprintf("A%06d", part*each+i), Model: "theta", DS: []string{"2024-01-04", "2024-01-05"}, Mean: steps, Lo: bounds, Hi: bounds, Skill: &skill}
		}
		if part == parts-1 {
			assets[each-1].Asset = "DAX" // which has a past
		}
		text, err := json.Marshal(assets)
		if err == nil {
			names := make([]string, each)
			for i := range assets {
				names[i] = assets[i].Asset
			}
			err = w.store.PutPart(w.Context(), id, 1, part, text, names...)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	a := answered()
	a.Job, a.State, a.Assets = id, job.Done, nil
	text, err := json.Marshal(a)
	if err == nil {
		err = w.store.End(w.Context(), store.Outcome{Job: id, Run: 1, State: job.Done, Answer: text, Parts: parts})
	}
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// BenchmarkJobs makes pages of jobs with 100,000 jobs in the store.
func BenchmarkJobs(b *testing.B) {
	w := newWorld(b)
	w.manyJobs()
	in := w.as(auth.Manager)
	for name, path := range map[string]string{"all": "/jobs", "failed": "/jobs?state=failed", "dataset": "/jobs?dataset=prices&state=done", "overview": "/"} {
		b.Run(name, func(b *testing.B) {
			var most time.Duration
			for b.Loop() {
				begin := time.Now()
				in.want(in.get(path), http.StatusOK)
				most = max(most, time.Since(begin))
			}
			b.ReportMetric(float64(most.Microseconds())/1000, "worst-ms")
		})
	}
}

// BenchmarkBrowser opens pages with 100,000 jobs, a dataset of 1,000 assets and an answer of 200,000 in a real browser on this machine. It
// reports when a page shows its first text or picture, from the moment in which the browser begins to ask for it, and how long the page then
// takes to answer what a person does, until it is drawn: the least and the median.
func BenchmarkBrowser(b *testing.B) {
	w := newWorld(b)
	w.manyJobs()
	var wide strings.Builder
	wide.WriteString("ds")
	for n := range 1000 {
		fmt.Fprintf(&wide, ",A%03d", n)
	}
	for day := range 20 {
		fmt.Fprintf(&wide, "\n2024-01-%02d%s", day+1, strings.Repeat(",100.5", 1000))
	}
	w.upload("wide", wide.String())
	large := "/jobs/" + string(w.largeAnswer())
	p := tab{browsertest.Start(b).Page(b), w}
	p.signIn("manager")
	for _, c := range []struct{ name, path, act string }{
		{"overview", "/", "document.querySelector('details.account').open = true"},
		{"jobs", "/jobs", "document.querySelector('[name=id]').click()"},
		{"failed jobs", "/jobs?state=failed", "document.querySelector('[name=id]').click()"},
		{"a form with 1,000 assets", "/jobs/new?dataset=wide", typing("[data-search]", "A99")},
		{"a weight among 500", "/jobs/new?dataset=wide", typing(`[name="amount A250"]`, "0.5")},
		{"an answer of 200,000 assets", large, "document.querySelector('.steps').open = false"},
		{"the last of 200,000 assets", large + "?asset=DAX", "document.querySelector('.steps').open = false"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var paints, acts []float64
			for b.Loop() {
				p.open(c.path)
				paints = append(paints, browsertest.Eval[float64](p.Page, firstPaint))
				acts = append(acts, browsertest.Eval[float64](p.Page, fmt.Sprintf(answeredAfter, c.act)))
			}
			for name, all := range map[string][]float64{"paint": paints, "answer": acts} {
				slices.Sort(all)
				b.ReportMetric(all[0], "least-"+name+"-ms")
				b.ReportMetric(all[len(all)/2], "median-"+name+"-ms")
			}
		})
	}
	p.clean()
}

// firstPaint is the time of the first text or picture of a page, in milliseconds from the beginning of its navigation.
const firstPaint = `new Promise(done => new PerformanceObserver(list => {
	for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') done(entry.startTime)
}).observe({ type: 'paint', buffered: true }))`

// answeredAfter is the time until what something does to a page is drawn.
const answeredAfter = `new Promise(done => requestAnimationFrame(() => {
	const begin = performance.now()
	%s
	requestAnimationFrame(() => { const drawn = new MessageChannel(); drawn.port1.onmessage = () => done(performance.now() - begin); drawn.port2.postMessage(0) })
}))`

// typing types a text into a field.
func typing(field, text string) string {
	return fmt.Sprintf(`{ const field = document.querySelector(%q); field.value = %q; field.dispatchEvent(new Event('input', { bubbles: true })) }`, field, text)
}
