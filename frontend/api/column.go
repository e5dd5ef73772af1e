package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"foliocast/frontend/archive"
	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/file"
)

// choose returns the version with the given column as its dataset; "" stands for the version's own. For a column that the
// version does not have, it returns the reason, which names the columns that it has.
func choose(v store.Version, column string) (store.Version, string) {
	if column == "" || v.Column != "" && series.SameColumn(v.Column, column) {
		return v, ""
	}
	same := func(c store.Column) bool { return c.Column == column }
	if !slices.ContainsFunc(v.Further, same) {
		same = func(c store.Column) bool { return series.SameColumn(c.Column, column) }
	}
	for _, c := range v.Further {
		if same(c) {
			v.Dataset = job.Dataset{Name: v.Name, Version: v.Version, Column: c.Column, SHA256: c.SHA256, Bytes: c.Bytes}
			return v, ""
		}
	}
	if v.Column == "" {
		return v, fmt.Sprintf("must be absent: dataset %s@%d does not say which column of its file its values are those of", v.Name, v.Version)
	}
	return v, fmt.Sprintf("dataset %s@%d has no column %q, only %s", v.Name, v.Version, column, strings.Join(columnsOf(v), ", "))
}

// columnsOf are the names of a version's columns, its own first.
func columnsOf(v store.Version) []string {
	names := []string{v.Column}
	for _, c := range v.Further {
		names = append(names, c.Column)
	}
	return names
}

// column is a column of an upload whose values are stored.
type column struct {
	archive.Stored
	audit *series.Audit
	asset string // of a wide file that has one
}

// storeColumn reads a file as the options say and stores its values.
func (a *API) storeColumn(ctx context.Context, b *Backend, path string, o series.Options) (column, error) {
	return a.storeRead(ctx, func(budget *series.Budget) (*series.Table, *series.Audit, error) {
		o.Budget = budget
		return file.Read(path, o)
	}, b.Archive.Put)
}

// storeRead reads a table, when it is its turn, and stores its values.
func (a *API) storeRead(ctx context.Context, read func(*series.Budget) (*series.Table, *series.Audit, error), put func(*series.Table) (archive.Stored, error)) (c column, err error) {
	err = a.reader.read(ctx, func(budget *series.Budget) error {
		table, audit, err := read(budget)
		if err != nil {
			return rejection(err)
		}
		defer table.Close()
		stored, err := put(table)
		if err != nil {
			return err
		}
		c = column{Stored: stored, audit: audit}
		if audit.Form == "wide" && table.Len() == 1 {
			c.asset = table.Names()[0]
		}
		return nil
	})
	return c, err
}

// storeFurther stores the other columns of prices of the file that c is from. The asset of a wide file is called as in c. A
// column that cannot be read is left out, and a note in the audit of c says why.
func (a *API) storeFurther(ctx context.Context, b *Backend, path string, o series.Options, c *column) ([]store.Column, error) {
	var further []store.Column
	for _, name := range c.audit.Columns {
		if name == c.audit.Column {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.Value, o.AssetName = name, c.asset
		other, err := a.storeColumn(ctx, b, path, o)
		if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.Invalid {
			c.audit.Notes = append(c.audit.Notes, unreadable(name, p))
			continue
		}
		if err != nil {
			return nil, err
		}
		row, err := other.row()
		if err != nil {
			return nil, err
		}
		further = append(further, row)
	}
	return further, nil
}

// storeX stores the columns of the file of c that are known in advance.
func (a *API) storeX(ctx context.Context, b *Backend, path string, o series.Options, c column) ([]store.Column, error) {
	var columns []store.Column
	for _, name := range o.X {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := a.storeOneX(ctx, b, path, o, name, c)
		if p, ok := errors.AsType[*problem.Problem](err); ok && p.Kind() == problem.Invalid {
			for i := range p.Faults {
				p.Faults[i].Pointer = "x"
			}
			p.Detail = fmt.Sprintf("the column %q, which is known in advance: %s", name, p.Detail)
		}
		if err != nil {
			return nil, err
		}
		columns = append(columns, row)
	}
	return columns, nil
}

// storeOneX reads and stores one of them.
func (a *API) storeOneX(ctx context.Context, b *Backend, path string, o series.Options, name string, beside column) (store.Column, error) {
	one, err := a.storeRead(ctx, func(budget *series.Budget) (*series.Table, *series.Audit, error) {
		o.Budget = budget
		return file.ReadX(path, o, name, beside.audit, beside.asset)
	}, b.Archive.Put)
	if err != nil {
		return store.Column{}, err
	}
	return one.row()
}

// unreadable is the note on a further column that cannot be read.
func unreadable(name string, p *problem.Problem) string {
	reason := p.Detail
	if len(p.Faults) > 0 {
		reason = p.Faults[0].Pointer + " " + p.Faults[0].Detail
	}
	return fmt.Sprintf("jobs cannot choose the column %s, which cannot be read: %s", name, strings.TrimSpace(reason))
}

// row is the column as the store has it.
func (c *column) row() (store.Column, error) {
	text, err := json.Marshal(c.audit)
	if err != nil {
		return store.Column{}, fmt.Errorf("encode an audit: %w", err)
	}
	return store.Column{Column: c.audit.Column, SHA256: c.SHA256, Bytes: c.Bytes, Disk: c.Disk, Audit: text}, nil
}

// furtherOf are the further columns of a version as the wire has them: those of prices, which the audit lists, and those that
// are known in advance.
func furtherOf(v store.Version, prices []string) (further, x []client.Column, err error) {
	for _, c := range v.Further {
		w := client.Column{Column: c.Column, SHA256: c.SHA256, Bytes: c.Bytes, StoredBytes: c.Disk}
		if err := json.Unmarshal(c.Audit, &w.Audit); err != nil {
			return nil, nil, fmt.Errorf("read the audit of column %s of %s@%d: %w", c.Column, v.Name, v.Version, err)
		}
		if slices.Contains(prices, c.Column) {
			further = append(further, w)
		} else {
			x = append(x, w)
		}
	}
	return further, x, nil
}
