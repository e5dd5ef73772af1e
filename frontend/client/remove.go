package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Removed is what a request has removed, or would have.
type Removed struct {
	Dataset  string `json:"dataset,omitzero"`
	Versions []int  `json:"versions,omitempty" nullable:"false"`
	Bytes    int64  `json:"bytes,omitzero" doc:"Of the files of the versions; files that other versions have, too, stay"`
	Job      job.ID `json:"job,omitzero"`
	DryRun   bool   `json:"dry_run,omitzero" doc:"Nothing was removed"`
}

// RemoveDataset removes a version of a dataset, or all versions for 0. With dry it removes
// nothing. The error is a problem of kind Conflict while jobs in flight use it.
func (c *Client) RemoveDataset(ctx context.Context, name string, version int, dry bool) (Removed, error) {
	path := datasetPath(name)
	if version > 0 {
		path += "/versions/" + strconv.Itoa(version)
	}
	return c.remove(ctx, path, dry)
}

// RemoveJob removes a job that has ended, with its result. With dry it removes nothing. The
// error is a problem of kind Conflict while the job is queued or running.
func (c *Client) RemoveJob(ctx context.Context, id job.ID, dry bool) (Removed, error) {
	return c.remove(ctx, jobPath(id)+"/record", dry)
}

func (c *Client) remove(ctx context.Context, path string, dry bool) (Removed, error) {
	q := url.Values{}
	if dry {
		q.Set("dry_run", "true")
	}
	var r Removed
	_, err := c.call(ctx, problem.Call{Method: http.MethodDelete, Into: &r}, path+query(q), 0)
	return r, err
}
