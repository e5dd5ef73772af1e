package console

import (
	"cmp"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"foliocast/frontend/client"
	"foliocast/internal/problem"
	"foliocast/internal/series/format"
)

// uploadForm takes a file as the next version of a dataset.
type uploadForm struct {
	Name     string
	Reading  client.Reading
	File     string // its name
	Sentence string
	Faults   faults
	Lines    []problem.Fault // what is wrong with the file
}

// Options are the fields that say how to read the file, for what it leaves open.
func (f uploadForm) Options() []field {
	r := f.Reading
	return []field{
		newField("id", "Column with the assets", r.ID, "If it is not one of the usual names", f.Faults.At("id")),
		newField("time", "Column with the times", r.Time, "", f.Faults.At("time")),
		newField("value", "Column with the values", r.Value, "", f.Faults.At("value")),
		newField("freq", "Frequency", r.Freq, "As pandas writes it, or an exchange such as XNYS", f.Faults.At("freq")),
		newField("time_format", "Format of the times", r.TimeFormat, "yyyymmdd, epoch, excel, or a pattern such as %d/%m/%Y", f.Faults.At("time_format")),
		newField("timezone", "Time zone", r.Timezone, "Like Europe/Berlin or +09:00", f.Faults.At("timezone")),
		newField("decimal", "Decimal mark", r.Decimal, "A point or a comma", f.Faults.At("decimal")),
		newField("thousands", "Mark between thousands", r.Thousands, "", f.Faults.At("thousands")),
		newField("duplicates", "Repeated rows", r.Duplicates, "fail, first, last, mean or sum", f.Faults.At("duplicates")),
		newField("x", "Columns known in advance", strings.Join(r.X, ", "), "Separated by commas", f.Faults.At("x")),
	}
}

// Open reports whether an option is given or wrong, so that the page shows them.
func (f uploadForm) Open() bool {
	for _, o := range f.Options() {
		if o.Value != "" || len(o.Errors) > 0 {
			return true
		}
	}
	return false
}

// take keeps a field of the form.
func (f *uploadForm) take(name, value string) {
	r := &f.Reading
	switch name {
	case "name":
		f.Name = value
	case "x":
		for one := range strings.SplitSeq(value, ",") {
			if one = strings.TrimSpace(one); one != "" {
				r.X = append(r.X, one)
			}
		}
	}
	for known, field := range map[string]*string{"id": &r.ID, "time": &r.Time, "value": &r.Value, "freq": &r.Freq, "time_format": &r.TimeFormat,
		"timezone": &r.Timezone, "decimal": &r.Decimal, "thousands": &r.Thousands, "duplicates": &r.Duplicates} {
		if known == name {
			*field = value
		}
	}
}

// Bounds of the fields that come before the file.
const (
	mostFields = 32
	fieldBytes = 4 << 10
)

// upload streams a file to the API as it arrives: the fields of the form come before it.
func upload(v *visit) error {
	form := uploadForm{}
	file, err := form.read(v.g.Request)
	if err != nil {
		return err
	}
	if file == nil {
		form.Sentence = "choose a file"
		return v.showDatasets(http.StatusUnprocessableEntity, form)
	}
	kind, err := format.OfPacked(form.File)
	if err != nil {
		form.Sentence = "the name of the file must end with .csv, .parquet or .arrow, and may end with .gz or .zst after that"
		return v.showDatasets(http.StatusUnsupportedMediaType, form)
	}
	name := cmp.Or(form.Name, nameOf(form.File))
	before, _ := v.data.Version(v.context(), name, 0) // if there is one
	made, err := v.data.UploadDataset(v.context(), name, file, kind.ContentType(), form.Reading)
	if err != nil {
		p := problemOf(err)
		if p.Status == http.StatusUnauthorized || p.Status >= http.StatusInternalServerError {
			return err
		}
		form.Sentence, form.Faults = p.Detail, faultsOf(p)
		if len(form.Faults["name"]) > 0 { // else the name of a file is not that of the next
			form.Name = name
		}
		for _, f := range p.Faults {
			if !fieldOfUpload(f.Pointer) {
				form.Lines = append(form.Lines, f)
			}
		}
		return v.showDatasets(p.Status, form)
	}
	done := "uploaded"
	if made.Version == before.Version {
		done = "same"
	}
	return v.see("/datasets/" + url.PathEscape(made.Name) + "?version=" + strconv.Itoa(made.Version) + "&done=" + done)
}

// fieldOfUpload reports whether a fault points at a field of the form.
func fieldOfUpload(pointer string) bool {
	if pointer == "name" {
		return true
	}
	for _, o := range (uploadForm{}).Options() {
		if o.Name == pointer {
			return true
		}
	}
	return false
}

// read reads the fields before the file, and returns the file, which is nil without one.
func (f *uploadForm) read(r *http.Request) (io.Reader, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, problem.New(problem.Malformed, "a file is sent as multipart/form-data").Because(err)
	}
	for range mostFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, problem.New(problem.Malformed, "the form did not arrive whole").Because(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				return nil, nil
			}
			f.File = path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
			return part, nil
		}
		value, err := fieldOf(part)
		if err != nil {
			return nil, err
		}
		f.take(part.FormName(), value)
	}
	return nil, problem.New(problem.Malformed, "the form has too many fields")
}

func fieldOf(part *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, fieldBytes+1))
	switch {
	case err != nil:
		return "", problem.New(problem.Malformed, "the form did not arrive whole").Because(err)
	case len(text) > fieldBytes:
		return "", problem.New(problem.TooLarge, "a field of the form is too long")
	case !problem.Storable(string(text)):
		return "", problem.New(problem.Invalid, "the form has a character that cannot be kept")
	}
	return strings.TrimSpace(string(text)), nil
}

// nameOf makes the name of a dataset of that of a file.
func nameOf(file string) string {
	file = format.Unpacked(file)
	name := strings.ToLower(strings.TrimSuffix(file, path.Ext(file)))
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, name)
	name = strings.TrimLeft(name, "._-")
	return name[:min(len(name), 64)]
}
