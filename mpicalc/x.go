package main

import (
	"errors"
	"fmt"

	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/mpicalc/portfolio"
)

// readX reads the columns of a file that are known in advance, those of o.X. The table and the audit are those of its values.
func readX(path string, o series.Options, audit *series.Audit, table *series.Table) ([]portfolio.Column, error) {
	asset := ""
	if table.Len() == 1 {
		asset = table.Names()[0]
	}
	var columns []portfolio.Column
	for _, name := range o.X {
		x, _, err := file.ReadX(path, o, name, audit, asset)
		if field, ok := errors.AsType[*series.FieldError](err); ok {
			return nil, fmt.Errorf("--x: column %q: %s", name, field.Reason)
		}
		if err != nil {
			return nil, inputFault(path, err)
		}
		columns = append(columns, portfolio.Column{Name: name, Table: x})
	}
	return columns, nil
}
