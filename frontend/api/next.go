package api

import (
	"context"
	"errors"

	"foliocast/frontend/client"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

type nextInput struct {
	DatasetRef
	Version int `query:"version" minimum:"1" maximum:"2147483647" doc:"The newest version when absent"`
	ColumnRef
	Horizon int    `query:"horizon" minimum:"1" maximum:"1000" default:"1" doc:"How many times"`
	Freq    string `query:"freq" pattern:"^[A-Za-z0-9@:;,|/-]{1,200}$" patternDescription:"the name of a frequency" doc:"Frequency, or the name of an exchange; that of the data when absent"`
}

func (a *API) nextTimes(ctx context.Context, b *Backend, in *nextInput) (*bodied[client.NextTimes], error) {
	v, err := findColumn(ctx, b, in.Name, in.Version, in.ColumnRef)
	if err != nil {
		return nil, err
	}
	table, done, err := b.Archive.Table(v.SHA256)
	if err != nil {
		return nil, missing(v, err)
	}
	defer done()
	newest, found := newestOf(table)
	if !found {
		return nil, problem.Newf(problem.Conflict, "dataset %s@%d has no value", v.Name, v.Version)
	}
	table, err = table.WithFreq(series.Freq(in.Freq), "", newest)
	if field, is := errors.AsType[*series.FieldError](err); is {
		return nil, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: field.Field, Detail: field.Reason})
	}
	if err != nil {
		return nil, err
	}
	out := client.NextTimes{Last: table.End(newest).String(), Freq: string(table.FreqOf(newest)), DS: []string{}}
	for _, t := range table.Next(newest, in.Horizon) {
		out.DS = append(out.DS, t.String())
	}
	return &bodied[client.NextTimes]{out}, nil
}

// newestOf is an asset with the newest value of all, if any has one.
func newestOf(table *series.Table) (newest int, found bool) {
	for i := range table.Len() {
		if table.Count(i) > 0 && (!found || table.End(i).Compare(table.End(newest)) > 0) {
			newest, found = i, true
		}
	}
	return newest, found
}
