package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
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
	"foliocast/internal/series/format"
	"foliocast/internal/serve"
)

// checkTime bounds reading and checking an upload that has arrived.
const checkTime = 10 * time.Minute

func (a *API) registerUpload(api huma.API) {
	body, document := fileBody()
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/datasets/{name}", OperationID: "upload-dataset",
		Summary: "Upload a file as the next version of a dataset",
		Description: "Answers 201 with the new version, or 200 with the newest version when its content is the same. The body is the file, or a form (multipart/form-data) with one file in the field file. " +
			"A file that is packed with gzip or Zstandard is unpacked. Where the media type does not say the format, as application/octet-stream, the parameter format does, or the ending of the file's name.",
		RequestBody: body, DefaultStatus: http.StatusCreated,
		BodyReadTimeout: a.limits.UploadTime, Metadata: map[string]any{serve.Streamed: true, serve.Also: []int{http.StatusOK}},
	}, auth.DatasetsWrite, a.limits.UploadTime+checkTime, a.upload)
	document()
}

// fileBody is the body of an operation that takes a file. The caller documents the form and the records after the operation is registered:
// otherwise the router would read the body, to check it by their schemas.
func fileBody() (body *huma.RequestBody, document func()) {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	content := map[string]*huma.MediaType{}
	for _, m := range slices.Concat(formatMedia(), fileMedia()) {
		if m != format.JSON.ContentType() {
			content[m] = &huma.MediaType{Schema: file}
		}
	}
	return &huma.RequestBody{Required: true, Content: content}, func() {
		value := &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeNumber}, {Type: huma.TypeString}, {Type: huma.TypeBoolean}, {Type: "null"}}}
		content[format.JSON.ContentType()] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: value}}}
		content[formMedia] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{fileField: file},
			Required: []string{fileField}, AdditionalProperties: false}}
	}
}

// ReadInput is the name of a dataset, and how to read a file of it. It is exported for the router.
type ReadInput struct {
	DatasetRef
	Format     string   `query:"format" enum:"csv,json,parquet,arrow" doc:"Format of the file, where neither the Content-Type nor its name says it"`
	ID         string   `query:"id" maxLength:"200" doc:"Name of the column with the assets, if it is not one of the usual names"`
	Time       string   `query:"time" maxLength:"200" doc:"Name of the column with the times"`
	Value      string   `query:"value" maxLength:"200" doc:"Name of the column with the values"`
	Freq       string   `query:"freq" pattern:"^[A-Za-z0-9@:;,|/-]{1,200}$" patternDescription:"the name of a frequency" doc:"Frequency that the times have, where they do not show it, as pandas writes it, or the name of an exchange"`
	AssetName  string   `query:"asset_name" maxLength:"256" doc:"Name of the asset, if the file has one and does not name it"`
	Columns    []string `query:"columns,explode" maxItems:"1000" doc:"Names of the columns of values to read, or patterns such as eu_*; all when absent"`
	Drop       []string `query:"drop,explode" maxItems:"1000" doc:"Names of columns to leave out, or patterns"`
	X          []string `query:"x,explode" maxItems:"32" doc:"Names of columns that are known in advance, such as prices and promotions, for jobs to name in x. The rows after the last value of an asset have their future values"`
	NumberRows bool     `query:"number_rows" doc:"Number the rows in place of a column of times"`
	TimeFormat string   `query:"time_format" maxLength:"100" doc:"Format of the times: yyyymmdd, yyyymm, yyyyww, year, epoch, epoch-ms, epoch-us, epoch-ns, excel, step, or a pattern of strftime such as %d/%m/%Y"`
	Timezone   string   `query:"timezone" maxLength:"100" doc:"Time zone of times that name none, in which days begin, like Europe/Berlin or +09:00"`
	Decimal    string   `query:"decimal" maxLength:"10" doc:"Decimal mark of numbers in text: a point or a comma"`
	Thousands  string   `query:"thousands" maxLength:"10" doc:"Mark between the thousands of numbers in text: a point, a comma, an apostrophe, a space, or none"`
	Duplicates string   `query:"duplicates" maxLength:"10" doc:"Policy for rows that repeat the asset and the time of an earlier row: fail, first, last, mean or sum; fail when absent"`
}

// UploadInput is a file with what is said of it. It leaves the body to the operation, which streams it to a file. It is exported
// for the router.
type UploadInput struct {
	ReadInput
	ContentType string `header:"Content-Type"`
	Encoding    string `header:"Content-Encoding" maxLength:"40" doc:"zstd, gzip, or none"`
	Disposition string `header:"Content-Disposition" maxLength:"1000" doc:"The name of the file, as in attachment; filename=prices.csv.gz"`
	Filename    string `query:"filename" maxLength:"1000" doc:"Name of the file, whose ending says its format, also before .gz or .zst" example:"prices.csv.gz"`

	request *gin.Context
}

// options are the options of the reader that the parameters stand for.
func (u *ReadInput) options() series.Options {
	return series.Options{ID: u.ID, Time: u.Time, Value: u.Value, Freq: series.Freq(u.Freq), AssetName: u.AssetName, Columns: u.Columns,
		Drop: u.Drop, X: u.X, NumberRows: u.NumberRows, TimeFormat: u.TimeFormat, Timezone: u.Timezone, Decimal: u.Decimal, Thousands: u.Thousands,
		Duplicates: u.Duplicates}
}

// Resolve keeps the request, whose body the operation reads.
func (u *UploadInput) Resolve(ctx huma.Context) []error {
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
	ETag     string `header:"ETag" doc:"Of the version, to append rows to it"`
	Body     client.Version
}

func (a *API) upload(ctx context.Context, b *Backend, in *UploadInput) (*datasetAnswer, error) {
	return a.take(ctx, b, a.uploaded(ctx, b, in), func(path string, who auth.Principal) (store.Version, bool, error) {
		return a.store(ctx, b, &in.ReadInput, path, who, "")
	})
}

// uploaded opens the file in a request, unless it cannot fit into the caller's quota.
func (a *API) uploaded(ctx context.Context, b *Backend, in *UploadInput) func(auth.Principal) (*arriving, error) {
	return func(who auth.Principal) (*arriving, error) {
		if err := a.bytesLeft(ctx, b, who, max(in.request.Request.ContentLength, 0)/maxShrink); err != nil {
			return nil, err
		}
		return a.arriving(in)
	}
}

// take receives the file that open opens, and answers with the version that keep makes of it.
func (a *API) take(ctx context.Context, b *Backend, open func(auth.Principal) (*arriving, error), keep func(path string, who auth.Principal) (store.Version, bool, error)) (*datasetAnswer, error) {
	who, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	end, err := a.beginUpload(who.Subject)
	if err != nil {
		return nil, err
	}
	defer end()
	arriving, err := open(who)
	if err != nil {
		return nil, err
	}
	defer arriving.end()
	file, err := b.Archive.Temp("." + string(arriving.format))
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := a.receive(arriving, file); err != nil {
		return nil, err
	}
	release, err := b.Archive.Share(ctx) // until the version names the files
	if err != nil {
		return nil, err
	}
	defer release()
	v, added, err := keep(file.Name(), who)
	if err != nil {
		return nil, err
	}
	out := &datasetAnswer{Status: http.StatusOK, Location: versionPath(v), ETag: etag(v.Version)}
	if added {
		out.Status = http.StatusCreated
		a.added.Inc()
		a.stored.Add(float64(v.Bytes))
		a.log.Info("new version of a dataset", "dataset", v.Name, "version", v.Version, "bytes", v.Bytes, "stored_bytes", v.Disk)
	}
	out.Body, err = datasetOf(v)
	return out, err
}

func versionPath(v store.Version) string {
	return "/v1/datasets/" + v.Name + "/versions/" + strconv.Itoa(v.Version)
}

// store reads, checks and stores a file: its values, those of its further columns of prices, and the columns that are known in
// advance. The source is where the service has fetched it, or empty.
func (a *API) store(ctx context.Context, b *Backend, in *ReadInput, path string, who auth.Principal, source string) (store.Version, bool, error) {
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
	read.audit.Source = source
	return a.addVersion(ctx, b, who, store.Version{Dataset: job.Dataset{Name: in.Name}, Source: source, Further: append(further, x...)}, read)
}

// addVersion adds a version whose values are those of a column.
func (a *API) addVersion(ctx context.Context, b *Backend, who auth.Principal, v store.Version, read column) (store.Version, bool, error) {
	own, err := read.row()
	if err != nil {
		return store.Version{}, false, err
	}
	disk := own.Disk
	for _, c := range v.Further {
		disk += c.Disk
	}
	if err := a.bytesLeft(ctx, b, who, disk); err != nil {
		return store.Version{}, false, err
	}
	v.Dataset.Column, v.Dataset.SHA256, v.Dataset.Bytes, v.Disk = own.Column, own.SHA256, own.Bytes, own.Disk
	v.Owner, v.Audit = who.Name, own.Audit
	return b.Store.AddVersion(ctx, v)
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
			place = cmp.Or(reject.Unit, "line") + " " + strconv.FormatInt(f.Line, 10)
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
