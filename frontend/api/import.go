package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/source"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/series/format"
	"foliocast/internal/serve"
	"foliocast/internal/unpack"
)

// maxSource bounds what a request says of a source, in bytes.
const maxSource = 32 << 10

func (a *API) registerImport(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/datasets/{name}/import", OperationID: "import-dataset",
		Summary: "Fetch a file as the next version of a dataset",
		Description: "The service fetches the file from an address over HTTPS or from an object store, and takes it as an upload is taken. It answers 201 with the new version, or 200 with the newest version when its content is the same, " +
			"when it has read the file. The parameter format says the format, or else the Content-Type with which the file comes and the ending of its name. What gives access to the file is neither stored nor logged.",
		MaxBodyBytes: maxSource, BodyReadTimeout: requestTime, DefaultStatus: http.StatusCreated, Metadata: map[string]any{serve.Also: []int{http.StatusOK}},
	}, auth.DatasetsWrite, a.limits.ImportTime+checkTime, a.importDataset)
}

type importInput struct {
	ReadInput
	Body client.Source
}

func (a *API) importDataset(ctx context.Context, b *Backend, in *importInput) (*datasetAnswer, error) {
	fetching, stop := context.WithTimeout(ctx, a.limits.ImportTime)
	defer stop()
	open := func(who auth.Principal) (*arriving, error) {
		f, err := a.fetched(fetching, b, in)
		if err == nil {
			err = a.bytesLeft(ctx, b, who, max(f.size, 0)/maxShrink)
		}
		if err != nil && f != nil {
			f.end()
		}
		return f, err
	}
	return a.take(ctx, b, open, func(path string, who auth.Principal) (store.Version, bool, error) {
		stop() // the source has sent all of it
		return a.store(ctx, b, &in.ReadInput, path, who, source.Label(in.Body.URL))
	})
}

// fetched opens the file of a source. What it returns with an error has to be ended, too.
func (a *API) fetched(ctx context.Context, b *Backend, in *importInput) (*arriving, error) {
	file, err := b.Fetcher.Open(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	body := &uploadReader{body: http.MaxBytesReader(nil, file, a.limits.Mapped)}
	f := &arriving{size: file.Size, body: body, file: body, ends: []func(){func() { _ = file.Close() }}}
	if f.format, err = in.formatOfFetched(file); err != nil {
		return f, err
	}
	if f.size > a.most(f) {
		return f, a.tooLarge()
	}
	f.failed = func(err error) error { return a.badSource(f, err) }
	plain, end, err := unpack.Body(f.body, file.Encoding)
	if err != nil {
		return f, f.failed(err)
	}
	f.ends = append(f.ends, end)
	if err := a.unpack(f, plain); err != nil {
		return f, f.failed(err)
	}
	return f, nil
}

// badSource says why a file of a source could not be read to its end. What would be a fault of a request that has the file is one of the
// field that names it.
func (a *API) badSource(f *arriving, err error) error {
	err = a.broken(f, err)
	p, is := errors.AsType[*problem.Problem](err)
	if !is || p.Kind() != problem.Malformed && p.Kind() != problem.UnsupportedMedia {
		return err
	}
	detail := "leads to a file that cannot be unpacked: it is damaged, or packed in a way that is not understood"
	if p.Kind() == problem.UnsupportedMedia {
		detail = "leads to a server that packs the file with another Content-Encoding than gzip and zstd"
	}
	return problem.New(problem.Invalid, "the file cannot be read as its source sends it", problem.Fault{Pointer: "/url", Detail: detail}).Because(err)
}

// formatOfFetched finds the format of a file by what is said of it. A server that says something else than the request is overruled.
func (r *ReadInput) formatOfFetched(file *source.File) (format.Format, error) {
	if r.Format != "" {
		return format.Format(r.Format), nil
	}
	media, _, _ := mime.ParseMediaType(file.Type)
	if slices.Contains([]string{"text/html", "application/xhtml+xml"}, media) {
		return "", problem.New(problem.Invalid, "the file cannot be fetched from its source",
			problem.Fault{Pointer: "/url", Detail: "leads to a web page: give the address of the file itself, or the parameter format"})
	}
	return r.formatOf(media, []string{nameIn(file.Disposition), file.Name})
}
