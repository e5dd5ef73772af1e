package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"foliocast/frontend/nixtla"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// flatDatasets begins the names of the datasets that requests in the flat form make.
const flatDatasets = "nixtla-"

func isFlat(dataset string) bool { return strings.HasPrefix(dataset, flatDatasets) }

type flatStored = store.Job

// flatCall is a request that has become a job.
type flatCall struct {
	job     job.ID
	dataset string
	plan    *nixtla.Plan
}

// flatBody is a body in a file, as it was sent.
type flatBody struct {
	file     *os.File
	encoding string
	key      flatKey
}

// smallFlat is the size, in bytes, to which bodies do not count as uploads.
const smallFlat = 64 << 10

// receiveFlat streams a body to a file.
func (a *API) receiveFlat(b *Backend, in *flatInput, who auth.Principal, op nixtla.Operation) (*flatBody, error) {
	if size := in.request.Request.ContentLength; size < 0 || size > smallFlat {
		end, err := a.beginUpload(who.Subject)
		if err != nil {
			return nil, err
		}
		defer end()
	}
	file, err := b.Archive.Temp(".json")
	if err != nil {
		return nil, err
	}
	body := &flatBody{file: file, encoding: in.Encoding}
	if err := a.receive(plain(in.request, a.limits.Upload), file); err != nil {
		body.remove()
		return nil, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q ", who.Subject, op, in.Encoding)
	if _, err = file.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(sum, file)
	}
	if err != nil {
		body.remove()
		return nil, fmt.Errorf("read a body: %w", err)
	}
	body.key = flatKey(sum.Sum(nil))
	return body, nil
}

func (f *flatBody) remove() {
	_ = os.Remove(f.file.Name())
	_ = f.file.Close()
}

// startFlat makes a dataset and a job of a body. It goes on when the caller hangs up, who may ask again.
func (a *API) startFlat(ctx context.Context, b *Backend, who auth.Principal, op nixtla.Operation, body *flatBody) (flatCall, error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer stop()
	if err := a.jobsLeft(ctx, b, who, 1); err != nil {
		return flatCall{}, err
	}
	c, err := a.storeFlat(ctx, b, who, op, body)
	if err != nil {
		return flatCall{}, err
	}
	in := createInput{Checked: Checked{Body: c.plan.Spec}}
	in.Body.Dataset = c.dataset
	in.examine(ctx, b)
	err = in.failed
	if len(in.faults) > 0 {
		err = problem.New(problem.Invalid, "the request has faults", in.faults...)
	}
	if err == nil {
		var j store.Job
		j, _, err = in.create(ctx, b, who)
		c.job = j.ID
	}
	if err != nil {
		a.removeFlat(ctx, b, c.dataset)
		return flatCall{}, err
	}
	a.log.Info("new job", "job_id", c.job, "owner", who.Name, "dataset", c.dataset, "operation", op)
	return c, nil
}

// storeFlat reads a body and stores the dataset that it makes.
func (a *API) storeFlat(ctx context.Context, b *Backend, who auth.Principal, op nixtla.Operation, body *flatBody) (flatCall, error) {
	release, err := b.Archive.Share(ctx) // until the version names the files
	if err != nil {
		return flatCall{}, err
	}
	defer release()
	unique, err := uuid.NewV7()
	if err != nil {
		return flatCall{}, fmt.Errorf("generate a name: %w", err)
	}
	c := flatCall{dataset: flatDatasets + unique.String()}
	var own store.Column
	var further []store.Column
	err = a.reader.read(ctx, func(budget *series.Budget) error {
		if c.plan, err = a.planFlat(op, body, budget); err != nil {
			return err
		}
		return c.plan.Tables(budget, func(name string, t *series.Table, audit *series.Audit) error {
			defer t.Close()
			stored, err := b.Archive.Put(t)
			if err != nil {
				return err
			}
			read := column{Stored: stored, audit: audit}
			row, err := read.row()
			if name == "" {
				own = row
			} else {
				further = append(further, row)
			}
			return err
		})
	})
	if err != nil {
		return flatCall{}, flatRejection(err)
	}
	size := own.Bytes
	for _, x := range further {
		size += x.Bytes
	}
	if err := a.bytesLeft(ctx, b, who, size); err != nil {
		return flatCall{}, err
	}
	_, _, err = b.Store.AddVersion(ctx, store.Version{Dataset: job.Dataset{Name: c.dataset, Column: own.Column, SHA256: own.SHA256, Bytes: own.Bytes},
		Owner: who.Name, Audit: own.Audit, Further: further})
	return c, err
}

// planFlat unpacks and reads a body.
func (a *API) planFlat(op nixtla.Operation, body *flatBody, budget *series.Budget) (*nixtla.Plan, error) {
	if _, err := body.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read a body: %w", err)
	}
	text, err := nixtla.Unpack(body.file, body.encoding, a.limits.Upload, budget.Hold)
	if err != nil {
		return nil, err
	}
	held := budget.Held()
	const number = 16 // bytes of a number that is read, and while its list grows
	if err := budget.Hold(number * int64(bytes.Count(text, []byte(",")))); err != nil {
		return nil, err
	}
	plan, err := nixtla.New(op, text)
	budget.Release(held)
	return plan, err
}

// flatRejection is the problem of series that cannot be read.
func flatRejection(err error) error {
	if reject, ok := errors.AsType[*series.RejectError](err); ok {
		return problem.New(problem.Invalid, "the series cannot be taken", problem.Fault{Pointer: "/series", Detail: reject.Error()}).Because(err)
	}
	if field, ok := errors.AsType[*series.FieldError](err); ok {
		return problem.New(problem.Invalid, "the series cannot be taken", problem.Fault{Pointer: "/" + field.Field, Detail: field.Reason})
	}
	return err
}

// flatResult reads the answer of a job that has ended.
func (a *API) flatResult(ctx context.Context, b *Backend, op nixtla.Operation, j store.Job) (*nixtla.Result, error) {
	switch j.State {
	case job.Cancelled:
		return nil, problem.Newf(problem.Invalid, "job %s was cancelled", j.ID)
	case job.Dead:
		return nil, problem.Newf(problem.Internal, "job %s died: %s", j.ID, flatReason(j))
	case job.Failed:
		return nil, problem.Newf(problem.Invalid, "job %s failed: %s", j.ID, flatReason(j))
	}
	r, found, err := b.Store.Result(ctx, j.ID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, noResult(j)
	}
	answer, err := job.ParseAnswer(r.Answer)
	if err != nil {
		return nil, fmt.Errorf("read the answer of job %s: %w", j.ID, err)
	}
	source := answerSource{b.Store, j, r, answer, ""}
	result, err := nixtla.Collect(op, j.ID, j.Spec, source.assets(ctx))
	if bad, ok := errors.AsType[*nixtla.BadAnswerError](err); ok {
		return nil, problem.Newf(problem.NotFound, "job %s has no such result: %s", j.ID, bad.Reason)
	}
	return result, err
}

var pieceName = regexp.MustCompile(`asset "(\d+)(\.\d+){3}"`)

// flatReason is why a job failed, in the words of the request.
func flatReason(j store.Job) string {
	if j.Error == nil {
		return "nothing says why"
	}
	return strings.TrimSuffix(pieceName.ReplaceAllString(j.Error.Detail, "series $1"), ", and on_error is fail")
}
