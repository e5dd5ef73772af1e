package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Reading says how to read an upload that leaves it open. The zero value leaves everything to the file. The fields are those
// of series.Options, where they are explained.
type Reading struct {
	ID, Time, Value      string // names of columns
	Freq                 string
	AssetName            string
	Columns, Drop        []string // names of columns, or patterns of names
	X                    []string // names of columns
	NumberRows           bool
	TimeFormat, Timezone string
	Decimal, Thousands   string
	Duplicates           string
}

// query is the reading as parameters of a request.
func (r Reading) query() url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"id": r.ID, "time": r.Time, "value": r.Value, "freq": r.Freq, "asset_name": r.AssetName,
		"time_format": r.TimeFormat, "timezone": r.Timezone, "decimal": r.Decimal, "thousands": r.Thousands, "duplicates": r.Duplicates} {
		if value != "" {
			q.Set(key, value)
		}
	}
	for key, values := range map[string][]string{"columns": r.Columns, "drop": r.Drop, "x": r.X} {
		if len(values) > 0 {
			q[key] = values
		}
	}
	if r.NumberRows {
		q.Set("number_rows", "true")
	}
	return q
}

// UploadDataset sends a file as the next version of a dataset and returns that
// version, or the newest version when its content is the same. The
// content type is text/csv, application/vnd.apache.parquet,
// application/vnd.apache.arrow.file or application/vnd.apache.arrow.stream. A
// file that is rejected is a problem whose faults name the lines.
func (c *Client) UploadDataset(ctx context.Context, name string, body io.Reader, contentType string, reading Reading) (Version, error) {
	var d Version
	_, err := c.stream(ctx, problem.Call{Method: http.MethodPost, Body: body, Into: &d,
		Header: http.Header{"Content-Type": {contentType}}}, datasetPath(name)+query(reading.query()))
	return d, err
}

// ImportDataset lets the service fetch a file as the next version of a dataset. The format is csv, json, parquet or arrow; empty
// leaves it to the source. The rest is as with UploadDataset.
func (c *Client) ImportDataset(ctx context.Context, name string, from Source, format string, reading Reading) (Version, error) {
	q := reading.query()
	if format != "" {
		q.Set("format", format)
	}
	var d Version
	_, err := c.stream(ctx, problem.Call{Method: http.MethodPost, Body: from, Into: &d}, datasetPath(name)+"/import"+query(q))
	return d, err
}

// AppendDataset appends the rows of a file to a version of a dataset, and returns the next
// version, or the newest when nothing is new. Version is the newest that the caller saw: when
// there is a newer one, the error is a problem of kind Stale; 0 stands for any. With replace,
// rows may also give earlier values another value. The rest is as with UploadDataset.
func (c *Client) AppendDataset(ctx context.Context, name string, version int, body io.Reader, contentType string, reading Reading, replace bool) (Version, error) {
	q, tag := reading.query(), "*"
	if version > 0 {
		tag = strconv.Quote(strconv.Itoa(version))
	}
	if replace {
		q.Set("replace", "true")
	}
	var d Version
	_, err := c.stream(ctx, problem.Call{Method: http.MethodPatch, Body: body, Into: &d,
		Header: http.Header{"Content-Type": {contentType}, "If-Match": {tag}}}, datasetPath(name)+query(q))
	return d, err
}

// Datasets fetches a page of the datasets whose names come after the given one. A
// limit of 0 leaves it to the service.
func (c *Client) Datasets(ctx context.Context, after string, limit int) (Datasets, error) {
	q := url.Values{}
	if after != "" {
		q.Set("after", after)
	}
	var page Datasets
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/datasets"+query(limited(q, limit)), 0)
	return page, err
}

// Versions fetches a page of the versions of a dataset that are older than before;
// 0 begins at the newest. A limit of 0 leaves it to the service.
func (c *Client) Versions(ctx context.Context, name string, before, limit int) (Versions, error) {
	q := url.Values{}
	if before > 0 {
		q.Set("before", strconv.Itoa(before))
	}
	var page Versions
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, datasetPath(name)+query(limited(q, limit)), 0)
	return page, err
}

// Version fetches a version of a dataset; 0 is the newest.
func (c *Client) Version(ctx context.Context, name string, version int) (Version, error) {
	if version == 0 {
		page, err := c.Versions(ctx, name, 0, 1)
		if err != nil {
			return Version{}, err
		}
		if len(page.Items) == 0 { // removed since
			return Version{}, problem.Newf(problem.NotFound, "there is no dataset %s", name)
		}
		return page.Items[0], nil
	}
	var d Version
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &d}, datasetPath(name)+"/versions/"+strconv.Itoa(version), 0)
	return d, err
}

// Assets fetches a page of the assets of a version of a dataset, from number offset
// on. Version 0 is the newest; a limit of 0 leaves it to the service.
func (c *Client) Assets(ctx context.Context, name string, version, offset, limit int) (Assets, error) {
	return c.SketchedAssets(ctx, name, version, offset, limit, 0)
}

// SketchedAssets is Assets with at most so many of the last values of each.
func (c *Client) SketchedAssets(ctx context.Context, name string, version, offset, limit, values int) (Assets, error) {
	q := url.Values{}
	if values > 0 {
		q.Set("sketch", strconv.Itoa(values))
	}
	if version > 0 {
		q.Set("version", strconv.Itoa(version))
	}
	if offset > 0 {
		q.Set("offset", strconv.Itoa(offset))
	}
	var page Assets
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, datasetPath(name)+"/assets"+query(limited(q, limit)), 0)
	return page, err
}

// NextTimes fetches the times of so many steps after the data of a version, in a frequency or,
// for "", that of the data. Version 0 is the newest.
func (c *Client) NextTimes(ctx context.Context, name string, version, horizon int, freq string) (NextTimes, error) {
	q := url.Values{"horizon": {strconv.Itoa(horizon)}}
	if version > 0 {
		q.Set("version", strconv.Itoa(version))
	}
	if freq != "" {
		q.Set("freq", freq)
	}
	var n NextTimes
	_, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &n}, datasetPath(name)+"/next"+query(q), 0)
	return n, err
}

// DatasetFile writes the Arrow file of a version and a column of it to w; d may lack
// the rest. The caller compares its SHA-256 with the dataset's.
func (c *Client) DatasetFile(ctx context.Context, d job.Dataset, w io.Writer) error {
	q := url.Values{}
	if d.Column != "" {
		q.Set("column", d.Column)
	}
	_, err := c.stream(ctx, problem.Call{Method: http.MethodGet, Into: w},
		datasetPath(d.Name)+"/versions/"+strconv.Itoa(d.Version)+"/file"+query(q))
	return err
}

func datasetPath(name string) string { return "/v1/datasets/" + url.PathEscape(name) }

func limited(q url.Values, limit int) url.Values {
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return q
}

// query returns q with its question mark, or "" if q is empty.
func query(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
