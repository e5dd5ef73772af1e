package foliocast

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const (
	shortestPrefix = 4 // characters of an id, which the service asks for, too
	mostCandidates = 5 // that an error lists
)

// candidate is a thing whose id begins as was typed.
type candidate struct{ id, about string }

// jobID is the job whose id is text, or begins so.
func jobID(ctx context.Context, c *client.Client, text string) (job.ID, error) {
	id, err := whole(text, "job", func(prefix string) (found []candidate, err error) {
		jobs, err := c.JobsByID(ctx, prefix, mostCandidates+1)
		for _, j := range jobs {
			found = append(found, candidate{string(j.ID), fmt.Sprintf("%s, %s, %s", j.State, specText(j.Spec), when(j.CreatedAt))})
		}
		return found, err
	})
	return job.ID(id), err
}

// jobIDs replaces beginnings of ids by the ids.
func jobIDs(ctx context.Context, c *client.Client, ids ...[]job.ID) error {
	for _, list := range ids {
		for i, id := range list {
			var err error
			if list[i], err = jobID(ctx, c, string(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// batchID is the batch whose id is text, or begins so; "" stays.
func batchID(ctx context.Context, c *client.Client, text string) (job.BatchID, error) {
	id, err := whole(text, "batch", func(prefix string) (found []candidate, err error) {
		batches, err := c.BatchesByID(ctx, prefix, mostCandidates+1)
		for _, b := range batches {
			found = append(found, candidate{string(b.ID), strings.TrimSpace(fmt.Sprintf("%s %d jobs, %s", b.Name, b.Size, when(b.CreatedAt)))})
		}
		return found, err
	})
	return job.BatchID(id), err
}

// whole completes the beginning of an id. What cannot be one, and what is a whole id, is left to the service.
func whole(text, kind string, find func(prefix string) ([]candidate, error)) (string, error) {
	if uuid.Validate(text) == nil || text == "" || strings.Trim(text, "0123456789abcdefABCDEF-") != "" {
		return text, nil
	}
	if len(text) < shortestPrefix {
		return "", usagef("%q is too short for the beginning of the id of a %s: it must have at least %d characters", text, kind, shortestPrefix)
	}
	found, err := find(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, one := range found {
		if !strings.HasPrefix(one.id, strings.ToLower(text)) {
			return "", problem.New(problem.Conflict, "this version of the data service cannot find the beginning of an id: name the whole id")
		}
		if i == mostCandidates {
			b.WriteString("\n  …")
			break
		}
		b.WriteString("\n  " + one.id + "  " + one.about)
	}
	switch len(found) {
	case 0:
		return "", notFoundf("the id of no %s begins with %s", kind, text)
	case 1:
		return found[0].id, nil
	}
	return "", usagef("%s is the beginning of more than one id: name more of the %s:%s", text, kind, b.String())
}
