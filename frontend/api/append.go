package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/archive"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/internal/serve"
)

func (a *API) registerAppend(api huma.API) {
	body, document := fileBody()
	operation(a, api, huma.Operation{Method: http.MethodPatch, Path: "/v1/datasets/{name}", OperationID: "append-dataset",
		Summary: "Append rows to a dataset, as its next version",
		Description: "The body is a file with rows, in each form of an upload. The next version is what an upload of the old rows and these would be, and shares what did not change with the version before. " +
			"Rows follow the last value of their asset, and may have new assets. A row that the dataset has already changes nothing; any other at or before the end of its asset is a fault, unless the parameter replace takes it. " +
			"Needs If-Match with the entity tag of the dataset. Answers 201 with the new version, or 200 with the newest when nothing is new, also to a request that is repeated after its answer was lost.",
		RequestBody: body, DefaultStatus: http.StatusCreated,
		BodyReadTimeout: a.limits.UploadTime, Metadata: map[string]any{serve.Streamed: true, serve.Also: []int{http.StatusOK}},
	}, auth.DatasetsWrite, a.limits.UploadTime+checkTime, a.append)
	document()
}

type appendInput struct {
	UploadInput
	IfMatch string `header:"If-Match" doc:"The entity tag of the dataset that the caller saw, or * for any"`
	Replace bool   `query:"replace" doc:"Also take rows that give earlier values another value, or add values before the end of an asset"`
}

func (a *API) append(ctx context.Context, b *Backend, in *appendInput) (*datasetAnswer, error) {
	if in.IfMatch == "" {
		return nil, problem.New(problem.PreconditionRequired, "to append rows, send the header If-Match with the dataset's ETag",
			problem.Fault{Pointer: "If-Match", Detail: "is required"})
	}
	base, err := appendedTo(ctx, b, in)
	if err != nil {
		return nil, err
	}
	return a.take(ctx, b, a.uploaded(ctx, b, &in.UploadInput), func(path string, who auth.Principal) (store.Version, bool, error) {
		return a.storeAppended(ctx, b, in, path, who, base)
	})
}

// appendedTo is the version that the request appends rows to: the newest, or the one before that if the newest was made from it by
// appending. Then the request may be one that is repeated, because its answer was lost: whether it is shows what it makes of the rows.
func appendedTo(ctx context.Context, b *Backend, in *appendInput) (store.Version, error) {
	newest, err := b.Store.Version(ctx, in.Name, 0)
	if err != nil || matches(in.IfMatch, newest.Version) {
		return newest, err
	}
	var audit series.Audit
	if err := json.Unmarshal(newest.Audit, &audit); err != nil {
		return newest, fmt.Errorf("read the audit of %s@%d: %w", newest.Name, newest.Version, err)
	}
	if audit.AppendedTo > 0 && matches(in.IfMatch, audit.AppendedTo) {
		before, err := b.Store.Version(ctx, in.Name, audit.AppendedTo)
		if err == nil || !problem.Is(err, problem.NotFound) {
			return before, err
		}
	}
	return newest, store.StaleDataset(in.Name, newest.Version)
}

// appending is the state of storing appended rows.
type appending struct {
	a       *API
	backend *Backend
	path    string
	base    store.Version
	options series.Options
	replace bool
}

// storeAppended appends the rows of a file to each column of a version.
func (a *API) storeAppended(ctx context.Context, b *Backend, in *appendInput, path string, who auth.Principal, base store.Version) (store.Version, bool, error) {
	fail := func(err error) (store.Version, bool, error) { return store.Version{}, false, err }
	var audit series.Audit
	if err := json.Unmarshal(base.Audit, &audit); err != nil {
		return fail(fmt.Errorf("read the audit of %s@%d: %w", base.Name, base.Version, err))
	}
	isPrice := func(c store.Column) bool { return slices.Contains(audit.Columns, c.Column) }
	x := slices.DeleteFunc(slices.Clone(base.Further), isPrice)
	p := appending{a: a, backend: b, path: path, base: base, options: in.options(), replace: in.Replace}
	if err := p.nameX(x); err != nil {
		return fail(err)
	}
	if len(audit.Columns) > 0 && p.options.Value == "" {
		p.options.Value = base.Column
	}
	values, done, err := b.Archive.Table(base.SHA256)
	if err != nil {
		return fail(missing(base, err))
	}
	defer done()
	read, err := p.own(ctx, values)
	if err != nil {
		return fail(err)
	}
	v := store.Version{Dataset: job.Dataset{Name: base.Name}, After: base.Version}
	for _, c := range base.Further {
		one, err := p.further(ctx, c, isPrice(c), values, read)
		if err != nil {
			return fail(err)
		}
		row, err := one.row()
		if err != nil {
			return fail(err)
		}
		v.Further = append(v.Further, row)
	}
	read.audit.Column, read.audit.Columns, read.audit.AppendedTo = base.Column, audit.Columns, base.Version
	return a.addVersion(ctx, b, who, v, read)
}

// nameX lets the file be read with the columns of the version that are known in advance.
func (p *appending) nameX(x []store.Column) error {
	var names []string
	for _, c := range x {
		names = append(names, c.Column)
	}
	for _, name := range p.options.X {
		if !slices.Contains(names, name) {
			return problem.New(problem.Invalid, "the file cannot be appended as requested",
				problem.Fault{Pointer: "x", Detail: fmt.Sprintf("names the column %q, which the dataset does not have as one that is known in advance: upload all of it with that", name)})
		}
	}
	p.options.X = names
	return nil
}

// own appends to the values of the version.
func (p *appending) own(ctx context.Context, values *series.Table) (column, error) {
	o := p.options
	onto := &series.Onto{Table: values, Replace: p.replace}
	o.Onto = onto
	read, err := p.append(ctx, p.base.SHA256, func(budget *series.Budget) (*series.Table, *series.Audit, error) {
		o.Budget = budget
		return file.Read(p.path, o)
	})
	if err != nil {
		return read, err
	}
	if own := read.audit.Column; own != "" && p.base.Column != "" && p.options.Value == "" && !series.SameColumn(own, p.base.Column) {
		return read, problem.New(problem.Invalid, "the file has values of another column than the dataset",
			problem.Fault{Pointer: "value", Detail: fmt.Sprintf("must say which column is meant: the dataset has %q, and the file %q", p.base.Column, own)})
	}
	read.audit.Replaced = onto.Replaced
	return read, nil
}

// further appends to another column of the version, of prices or known in advance.
func (p *appending) further(ctx context.Context, c store.Column, price bool, values *series.Table, own column) (column, error) {
	table, done, err := p.backend.Archive.Table(c.SHA256)
	if err != nil {
		return column{}, missing(p.base, err)
	}
	defer done()
	o := p.options
	onto := &series.Onto{Table: table, Replace: p.replace}
	o.Onto = onto
	pointer := "value"
	if price {
		o.Value, o.AssetName = c.Column, own.asset
	} else {
		pointer, onto.Beside = "x", values
	}
	read, err := p.append(ctx, c.SHA256, func(budget *series.Budget) (*series.Table, *series.Audit, error) {
		o.Budget = budget
		if price {
			return file.Read(p.path, o)
		}
		t, audit, err := file.ReadX(p.path, o, c.Column, own.audit, own.asset)
		if err == nil {
			err = sameOwners(t, table, values, c.Column)
		}
		return t, audit, err
	})
	if e, ok := errors.AsType[*problem.Problem](err); ok && e.Kind() == problem.Invalid {
		for i, f := range e.Faults {
			if f.Pointer == "value" || f.Pointer == "" {
				e.Faults[i].Pointer = pointer
			}
		}
		e.Detail = fmt.Sprintf("the column %q of the dataset: %s", c.Column, e.Detail)
		return read, e
	}
	if err != nil {
		return read, err
	}
	read.audit.Column, read.audit.AppendedTo, read.audit.Replaced = c.Column, p.base.Version, onto.Replaced
	return read, nil
}

// append reads a table that goes on from a stored one, and stores it.
func (p *appending) append(ctx context.Context, base string, read func(*series.Budget) (*series.Table, *series.Audit, error)) (column, error) {
	return p.a.storeRead(ctx, read, func(t *series.Table) (archive.Stored, error) { return p.backend.Archive.Append(t, base) })
}

// sameOwners refuses to mix a column that is known in advance for all assets, whose only asset has its name, with one that has
// numbers of each asset.
func sameOwners(t, before, values *series.Table, name string) error {
	_, asset := values.Index(name)
	_, is := t.Index(name)
	_, was := before.Index(name)
	if !asset && is && (!was || t.Len() > 1) {
		return &series.FieldError{Field: "x", Reason: fmt.Sprintf("the column %q has numbers of each asset in one of file and dataset, and of all assets in the other", name)}
	}
	return nil
}
