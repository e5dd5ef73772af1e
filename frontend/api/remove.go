package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func (a *API) registerRemove(api huma.API) {
	const inFlight = " Answers 409 while jobs that are queued or running use it."
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/datasets/{name}", OperationID: "remove-dataset",
		Summary:     "Remove all versions of a dataset",
		Description: "Jobs that have ended and their results stay." + inFlight}, auth.DatasetsWrite, requestTime, a.removeDataset)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/datasets/{name}/versions/{version}", OperationID: "remove-version",
		Summary:     "Remove one version of a dataset",
		Description: "Its number is not used again. Jobs that have ended and their results stay." + inFlight}, auth.DatasetsWrite, requestTime, a.removeVersion)
	operation(a, api, huma.Operation{Method: http.MethodDelete, Path: "/v1/jobs/{id}/record", OperationID: "remove-job",
		Summary:     "Remove a job that has ended, with its result",
		Description: "Answers 409 while the job is queued or running: cancel it first."}, auth.JobsWrite, requestTime, a.removeJob)
}

// DryRun asks what a request would do. It is exported for the router.
type DryRun struct {
	DryRun bool `query:"dry_run" doc:"Change nothing, and say what would be removed"`
}

type removeDatasetInput struct {
	DatasetRef
	DryRun
}

func (a *API) removeDataset(ctx context.Context, b *Backend, in *removeDatasetInput) (*bodied[client.Removed], error) {
	return a.removeVersions(ctx, b, in.Name, 0, in.DryRun.DryRun)
}

type removeVersionInput struct {
	VersionRef
	DryRun
}

func (a *API) removeVersion(ctx context.Context, b *Backend, in *removeVersionInput) (*bodied[client.Removed], error) {
	return a.removeVersions(ctx, b, in.Name, in.Version, in.DryRun.DryRun)
}

func (a *API) removeVersions(ctx context.Context, b *Backend, name string, version int, dry bool) (*bodied[client.Removed], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r, err := b.Store.RemoveVersions(ctx, name, version, dry)
	if err != nil {
		return nil, err
	}
	if !dry {
		a.log.Info("versions of a dataset removed", "dataset", name, "versions", r.Versions, "subject", who.Subject)
		// What is left over is collected later.
		if _, _, err := b.Archive.Collect(ctx, b.Store.Files); err != nil {
			a.log.Warn("cannot remove the files of a dataset yet", "dataset", name, "err", err)
		}
	}
	return &bodied[client.Removed]{client.Removed{Dataset: name, Versions: r.Versions, Bytes: r.Bytes, DryRun: dry}}, nil
}

type removeJobInput struct {
	JobRef
	DryRun
}

func (a *API) removeJob(ctx context.Context, b *Backend, in *removeJobInput) (*bodied[client.Removed], error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.Store.RemoveJob(ctx, in.id(), in.DryRun.DryRun); err != nil {
		return nil, err
	}
	if !in.DryRun.DryRun {
		a.log.Info("job removed", "job_id", in.id(), "subject", who.Subject)
	}
	return &bodied[client.Removed]{client.Removed{Job: in.id(), DryRun: in.DryRun.DryRun}}, nil
}

// present refuses to run a job again whose data were removed.
func present(ctx context.Context, b *Backend, in *JobRef) error {
	j, err := b.Store.Job(ctx, in.id())
	if err != nil {
		return err
	}
	if _, err := b.Store.Version(ctx, j.Dataset.Name, j.Dataset.Version); problem.Is(err, problem.NotFound) {
		return problem.Newf(problem.Conflict, "job %s cannot run again: version %d of dataset %s was removed", j.ID, j.Dataset.Version, j.Dataset.Name)
	} else if err != nil {
		return err
	}
	if j.Rates == nil {
		return nil
	}
	_, err = b.Store.Version(ctx, j.Rates.Name, j.Rates.Version)
	if problem.Is(err, problem.NotFound) {
		return problem.Newf(problem.Conflict, "job %s cannot run again: version %d of dataset %s was removed", j.ID, j.Rates.Version, j.Rates.Name)
	}
	return err
}
