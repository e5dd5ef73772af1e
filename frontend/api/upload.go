package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
	"foliocast/internal/series/arrow"
	"foliocast/internal/series/format"
	"foliocast/internal/serve"
)

// checkTime bounds reading and checking an upload that has arrived.
const checkTime = 10 * time.Minute

func (a *API) registerUpload(api huma.API) {
	content := map[string]*huma.MediaType{}
	for _, m := range uploadMedia() {
		content[m] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/datasets/{name}", OperationID: "upload-dataset",
		Summary:     "Upload a file as the next version of a dataset",
		Description: "Answers 201 with the new version, or 200 with the newest version when its content is the same.",
		RequestBody: &huma.RequestBody{Required: true, Content: content}, DefaultStatus: http.StatusCreated,
		BodyReadTimeout: a.limits.UploadTime, Metadata: map[string]any{serve.Streamed: true, serve.Also: []int{http.StatusOK}},
	}, auth.DatasetsWrite, a.limits.UploadTime+checkTime, a.upload)
}

// uploadInput leaves the body to the operation, which streams it to a file.
type uploadInput struct {
	DatasetRef
	ContentType string   `header:"Content-Type"`
	ID          string   `query:"id" maxLength:"200" doc:"Name of the column with the assets, if it is not one of the usual names"`
	Time        string   `query:"time" maxLength:"200" doc:"Name of the column with the times"`
	Value       string   `query:"value" maxLength:"200" doc:"Name of the column with the values"`
	Freq        string   `query:"freq" pattern:"^[A-Za-z0-9@:;,|/-]{1,200}$" patternDescription:"the name of a frequency" doc:"Frequency that the times have, where they do not show it, as pandas writes it, or the name of an exchange"`
	AssetName   string   `query:"asset_name" maxLength:"256" doc:"Name of the asset, if the file has one and does not name it"`
	Columns     []string `query:"columns,explode" maxItems:"1000" doc:"Names of the columns of values to read, or patterns such as eu_*; all when absent"`
	Drop        []string `query:"drop,explode" maxItems:"1000" doc:"Names of columns to leave out, or patterns"`
	X           []string `query:"x,explode" maxItems:"32" doc:"Names of columns that are known in advance, such as prices and promotions, for jobs to name in x. The rows after the last value of an asset have their future values"`
	NumberRows  bool     `query:"number_rows" doc:"Number the rows in place of a column of times"`
	TimeFormat  string   `query:"time_format" maxLength:"100" doc:"Format of the times: yyyymmdd, yyyymm, yyyyww, year, epoch, epoch-ms, epoch-us, epoch-ns, excel, step, or a pattern of strftime such as %d/%m/%Y"`
	Timezone    string   `query:"timezone" maxLength:"100" doc:"Time zone of times that name none, in which days begin, like Europe/Berlin or +09:00"`
	Decimal     string   `query:"decimal" maxLength:"10" doc:"Decimal mark of numbers in text: a point or a comma"`
	Thousands   string   `query:"thousands" maxLength:"10" doc:"Mark between the thousands of numbers in text: a point, a comma, an apostrophe, a space, or none"`
	Duplicates  string   `query:"duplicates" maxLength:"10" doc:"Policy for rows that repeat the asset and the time of an earlier row: fail, first, last, mean or sum; fail when absent"`

	request *gin.Context
}

// options are the options of the reader that the parameters stand for.
func (u *uploadInput) options() series.Options {
	return series.Options{ID: u.ID, Time: u.Time, Value: u.Value, Freq: series.Freq(u.Freq), AssetName: u.AssetName, Columns: u.Columns,
		Drop: u.Drop, X: u.X, NumberRows: u.NumberRows, TimeFormat: u.TimeFormat, Timezone: u.Timezone, Decimal: u.Decimal, Thousands: u.Thousands,
		Duplicates: u.Duplicates}
}

// Resolve keeps the request, whose body the operation reads.
func (u *uploadInput) Resolve(ctx huma.Context) []error {
	u.request = humagin.Unwrap(ctx)
	return nil
}

// maxShrink is how many times smaller than an upload its stored form may be: a long text
// has a name and a time for each value of eight bytes. A file that cannot fit into its
// owner's quota is refused before it is sent.
const maxShrink = 20

// datasetAnswer is a version with the status of its upload.
type datasetAnswer struct {
	Status   int
	Location string `header:"Location"`
	Body     client.Version
}

func (a *API) upload(ctx context.Context, b *Backend, in *uploadInput) (*datasetAnswer, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	suffix, err := suffixOf(in.ContentType)
	if err != nil {
		return nil, err
	}
	end, err := a.beginUpload(who.Subject)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := a.bytesLeft(ctx, b, who, max(in.request.Request.ContentLength, 0)/maxShrink); err != nil {
		return nil, err
	}
	file, err := b.Archive.Temp(suffix)
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := a.receive(in.request, file, suffix); err != nil {
		return nil, err
	}
	v, added, err := a.store(ctx, b, in, file.Name(), who)
	if err != nil {
		return nil, err
	}
	out := &datasetAnswer{Status: http.StatusOK, Location: versionPath(v)}
	if added {
		out.Status = http.StatusCreated
		a.log.Info("new version of a dataset", "dataset", v.Name, "version", v.Version, "bytes", v.Bytes)
	}
	out.Body, err = datasetOf(v)
	return out, err
}

func versionPath(v store.Version) string {
	return "/v1/datasets/" + v.Name + "/versions/" + strconv.Itoa(v.Version)
}

const suffixArrow = "." + string(format.Arrow)

// uploadMedia lists the media types of uploads.
func uploadMedia() []string {
	return []string{format.CSV.ContentType(), format.Parquet.ContentType(), format.Arrow.ContentType(), format.ArrowStream}
}

// suffixOf returns the ending of a file's name for a content type.
func suffixOf(contentType string) (string, error) {
	if f, err := format.OfContent(contentType); err == nil {
		return "." + string(f), nil
	}
	return "", problem.New(problem.UnsupportedMedia, "a dataset is uploaded as "+strings.Join(uploadMedia(), " or "),
		problem.Fault{Pointer: "Content-Type", Detail: "must be one of them"})
}

// receive streams the body of a request to a file whose name has the suffix.
func (a *API) receive(g *gin.Context, file *os.File, suffix string) error {
	most := a.limits.Upload
	if suffix == suffixArrow {
		most = a.limits.Mapped
	}
	if g.Request.ContentLength > most {
		return a.tooLarge()
	}
	body := &uploadReader{body: http.MaxBytesReader(g.Writer, g.Request.Body, most)}
	n, err := io.Copy(file, body)
	var netErr net.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return a.tooLarge()
	case errors.As(err, &netErr) && netErr.Timeout():
		return problem.Newf(problem.Malformed, "the file did not arrive in time: an upload may take %v, and must keep arriving", a.limits.UploadTime)
	case err != nil && body.failed != nil:
		return problem.New(problem.Malformed, "the file did not arrive whole").Because(err)
	case err != nil:
		return fmt.Errorf("write an upload: %w", err)
	case n == 0:
		return problem.New(problem.Invalid, "the file is rejected: it is empty")
	case n > a.limits.Upload:
		stored, err := arrow.IsStored(file.Name())
		if err != nil {
			return fmt.Errorf("look at an upload: %w", err)
		}
		if !stored {
			return a.tooLarge()
		}
	}
	return nil
}

func (a *API) tooLarge() error {
	return problem.Newf(problem.TooLarge, "a dataset's file may have at most %d bytes, or %d in the Arrow form that mpicalc convert writes",
		a.limits.Upload, a.limits.Mapped)
}

// uploadReader tells a body that broke off from a disk that failed.
type uploadReader struct {
	body   io.Reader
	failed error
}

func (r *uploadReader) Read(b []byte) (int, error) {
	n, err := r.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}

// store reads, checks and stores a file: its values, those of its further columns of prices, and the columns that are known in
// advance.
func (a *API) store(ctx context.Context, b *Backend, in *uploadInput, path string, who auth.Principal) (store.Version, bool, error) {
	release, err := b.Archive.Share(ctx) // until the version names the files
	if err != nil {
		return store.Version{}, false, err
	}
	defer release()
	read, err := a.storeColumn(ctx, b, path, in.options())
	if err != nil {
		return store.Version{}, false, err
	}
	further, err := a.storeFurther(ctx, b, path, in.options(), &read)
	if err != nil {
		return store.Version{}, false, err
	}
	x, err := a.storeX(ctx, b, path, in.options(), read)
	if err != nil {
		return store.Version{}, false, err
	}
	own, err := read.row()
	if err != nil {
		return store.Version{}, false, err
	}
	bytes := own.Bytes
	for _, c := range append(further, x...) {
		bytes += c.Bytes
	}
	if err := a.bytesLeft(ctx, b, who, bytes); err != nil {
		return store.Version{}, false, err
	}
	return b.Store.AddVersion(ctx, store.Version{
		Dataset: job.Dataset{Name: in.Name, Column: own.Column, SHA256: own.SHA256, Bytes: own.Bytes},
		Owner:   who.Name, Audit: own.Audit, Further: append(further, x...)})
}

// rejection says what is wrong with a file, line by line.
func rejection(err error) error {
	if field, ok := errors.AsType[*series.FieldError](err); ok {
		return problem.New(problem.Invalid, "the file cannot be read as requested",
			problem.Fault{Pointer: field.Field, Detail: field.Reason})
	}
	reject, ok := errors.AsType[*series.RejectError](err)
	if _, busy := errors.AsType[*series.BusyError](err); busy || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if !ok {
		return fmt.Errorf("read an upload: %w", err)
	}
	faults := make([]problem.Fault, len(reject.Faults))
	for i, f := range reject.Faults {
		place := ""
		if f.Line > 0 {
			place = "line " + strconv.FormatInt(f.Line, 10)
			f.Line = 0
		}
		faults[i] = problem.Fault{Pointer: place, Detail: f.String()}
	}
	detail := fmt.Sprintf("the file is rejected: it has %d faults", reject.Total)
	if reject.Total == 1 {
		detail = "the file is rejected"
	}
	if listed := int64(len(faults)); listed < reject.Total {
		detail += fmt.Sprintf("; the first %d are listed", listed)
	}
	if reject.Advice != "" {
		detail += "; " + reject.Advice
	}
	return problem.New(problem.Invalid, detail, faults...)
}
