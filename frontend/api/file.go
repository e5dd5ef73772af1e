package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"foliocast/internal/auth"
	"foliocast/internal/series/format"
	"foliocast/internal/serve"
)

func (a *API) registerFile(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets/{name}/versions/{version}/file", OperationID: "fetch-dataset",
		Summary:     "Fetch the Arrow file of a version of a dataset",
		Description: "Its entity tag is its SHA-256. Range requests and conditional requests of RFC 9110 are supported.",
		Responses:   described("The file", format.Arrow.ContentType())}, auth.DatasetsRead, requestTime, a.file)
}

// fileInput names a version and a column of it.
type fileInput struct {
	VersionRef
	ColumnRef
}

func (a *API) file(ctx context.Context, b *Backend, in *fileInput) (*huma.StreamResponse, error) {
	v, err := findColumn(ctx, b, in.Name, in.Version, in.ColumnRef)
	if err != nil {
		return nil, err
	}
	file, err := b.Archive.File(v.SHA256)
	if err != nil {
		return nil, missing(v, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer file.Close()
		g := humagin.Unwrap(hctx)
		g.Header("Content-Type", format.Arrow.ContentType())
		g.Header("ETag", strconv.Quote(v.SHA256))
		// A version never changes, so that its address always names the same content.
		g.Header("Cache-Control", "private, immutable, max-age=31536000")
		g.Header("Content-Disposition", serve.Attachment(fmt.Sprintf("%s-%d.arrow", v.Name, v.Version)))
		http.ServeContent(g.Writer, g.Request, "", v.CreatedAt, file)
	}}, nil
}
