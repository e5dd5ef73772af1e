package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func (a *API) registerDatasets(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets", OperationID: "list-datasets",
		Summary: "List the datasets, each with its newest version"}, auth.DatasetsRead, requestTime, a.datasets)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets/{name}", OperationID: "show-dataset",
		Summary: "List the versions of a dataset, the newest first"}, auth.DatasetsRead, requestTime, a.versions)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets/{name}/assets", OperationID: "list-assets",
		Summary: "List the assets of a version of a dataset"}, auth.DatasetsRead, requestTime, a.assets)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets/{name}/versions/{version}", OperationID: "show-version",
		Summary: "Show one version of a dataset"}, auth.DatasetsRead, requestTime, a.version)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/datasets/{name}/next", OperationID: "next-times",
		Summary:     "Say which times follow the data",
		Description: "Those that a forecast of all assets would have."}, auth.DatasetsRead, requestTime, a.nextTimes)
}

// DatasetRef names a dataset in the path. It is exported for the router, which
// ignores embedded structs that are unexported.
type DatasetRef struct {
	Name string `path:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$" patternDescription:"1 to 64 of a-z 0-9 . _ -, beginning with a letter or digit" doc:"Dataset name"`
}

// datasetOf returns a version as the wire has it.
func datasetOf(v store.Version) (client.Version, error) {
	d := client.Version{Dataset: v.Dataset, StoredBytes: v.Disk, Owner: v.Owner, CreatedAt: v.CreatedAt.UTC()}
	if err := json.Unmarshal(v.Audit, &d.Audit); err != nil {
		return client.Version{}, fmt.Errorf("read the audit of %s@%d: %w", v.Name, v.Version, err)
	}
	var err error
	d.Further, d.X, err = furtherOf(v, d.Audit.Columns)
	return d, err
}

func datasetsOf(all []store.Version) ([]client.Version, error) {
	items := make([]client.Version, len(all))
	for i, v := range all {
		d, err := datasetOf(v)
		if err != nil {
			return nil, err
		}
		items[i] = d
	}
	return items, nil
}

type datasetsInput struct {
	After string `query:"after" maxLength:"64" pattern:"^[a-z0-9._-]*$" patternDescription:"the name of a dataset" doc:"Only names after this one"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *API) datasets(ctx context.Context, b *Backend, in *datasetsInput) (*bodied[client.Datasets], error) {
	all, err := b.Store.Datasets(ctx, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	var page client.Datasets
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = all[in.Limit-1].Name
	}
	page.Items, err = datasetsOf(all)
	return &bodied[client.Datasets]{page}, err
}

type versionsInput struct {
	DatasetRef
	Before int `query:"before" minimum:"1" maximum:"2147483647" doc:"Only versions before this one"`
	Limit  int `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// versionsAnswer is a page of versions with the entity tag of the newest.
type versionsAnswer struct {
	ETag string `header:"ETag" doc:"Of the newest version, to append rows to it"`
	Body client.Versions
}

func (a *API) versions(ctx context.Context, b *Backend, in *versionsInput) (*versionsAnswer, error) {
	newest, err := b.Store.Version(ctx, in.Name, 0)
	if err != nil {
		return nil, err
	}
	all, err := b.Store.Versions(ctx, in.Name, in.Before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	var page client.Versions
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = all[in.Limit-1].Version
	}
	page.Items, err = datasetsOf(all)
	return &versionsAnswer{ETag: etag(newest.Version), Body: page}, err
}

// VersionRef names a version of a dataset in the path.
type VersionRef struct {
	DatasetRef
	Version int `path:"version" minimum:"1" maximum:"2147483647"`
}

func (a *API) version(ctx context.Context, b *Backend, in *VersionRef) (*bodied[client.Version], error) {
	v, err := b.Store.Version(ctx, in.Name, in.Version)
	if err != nil {
		return nil, err
	}
	d, err := datasetOf(v)
	return &bodied[client.Version]{d}, err
}

type assetsInput struct {
	DatasetRef
	Version int `query:"version" minimum:"1" maximum:"2147483647" doc:"The newest version when absent"`
	ColumnRef
	Offset int `query:"offset" minimum:"0" maximum:"2147483647" doc:"Number of assets to skip"`
	Limit  int `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
	Sketch int `query:"sketch" minimum:"0" maximum:"100" doc:"Add at most so many of the last values of each asset, for small pictures"`
}

// ColumnRef names a column of a version in the query.
type ColumnRef struct {
	Column string `query:"column" maxLength:"200" doc:"Column of prices: the version's own when absent"`
}

// findColumn finds a version, with the column as its dataset.
func findColumn(ctx context.Context, b *Backend, name string, version int, c ColumnRef) (store.Version, error) {
	v, err := b.Store.Version(ctx, name, version)
	if err != nil {
		return v, err
	}
	v, reason := choose(v, c.Column)
	if reason != "" {
		return v, problem.New(problem.NotFound, "there is no such column", problem.Fault{Pointer: "column", Detail: reason})
	}
	return v, nil
}

func (a *API) assets(ctx context.Context, b *Backend, in *assetsInput) (*bodied[client.Assets], error) {
	v, err := findColumn(ctx, b, in.Name, in.Version, in.ColumnRef)
	if err != nil {
		return nil, err
	}
	table, done, err := b.Archive.Table(v.SHA256)
	if err != nil {
		return nil, missing(v, err)
	}
	defer done()
	page := client.Assets{Dataset: v.Dataset, Total: table.Len(), Items: []client.AssetInfo{}}
	end := min(in.Offset+in.Limit, table.Len())
	for i := in.Offset; i < end; i++ {
		info := client.AssetInfo{Asset: table.Names()[i], Values: table.Count(i), Filled: table.Filled(i), Freq: string(table.FreqOf(i))}
		if info.Values > 0 {
			info.From, info.To = table.Start(i).String(), table.End(i).String()
		}
		if in.Sketch > 0 {
			info.Last = thinned(table.Values(i), in.Sketch, 1)
		}
		page.Items = append(page.Items, info)
	}
	if end < table.Len() {
		page.Next = end
	}
	return &bodied[client.Assets]{page}, nil
}

// missing returns the problem of a version whose file cannot be opened.
func missing(v store.Version, err error) error {
	return problem.Newf(problem.Internal, "the file of dataset %s@%d is missing or damaged: upload it again, or restore the data directory",
		v.Name, v.Version).Because(err)
}
