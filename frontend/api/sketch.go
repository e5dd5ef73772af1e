package api

import (
	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/job"
)

// sketches are what small pictures of assets need, in their order: at most n values before the forecast and n of its steps, so far apart that
// the whole forecast fits. Where the data cannot be read as the job asks, the past is missing.
func sketches(b *Backend, j store.Job, assets []job.Asset, n int) []client.Sketch {
	out := make([]client.Sketch, len(assets))
	for i, a := range assets {
		out[i] = client.Sketch{Every: max(1, (len(a.Mean)+n-1)/n), Mean: []float64{}, Y: []float64{}}
		for k := out[i].Every - 1; k < len(a.Mean); k += out[i].Every {
			out[i].Mean = append(out[i].Mean, a.Mean[k])
		}
	}
	table, done, err := b.Archive.Table(j.Dataset.SHA256)
	if err != nil {
		return out
	}
	defer done()
	if table, err = asRead(table, j.Spec); err != nil {
		return out
	}
	for i, a := range assets {
		if at, found := table.Index(a.Asset); found {
			out[i].Y = thinned(table.Values(at), n, out[i].Every)
		}
	}
	return out
}

// thinned are at most n of the values, the last one and those before it so many apart.
func thinned(values []float64, n, every int) []float64 {
	count := min(n, (len(values)+every-1)/every)
	out := make([]float64, count)
	for k := range out {
		out[k] = values[len(values)-1-(count-1-k)*every]
	}
	return out
}
