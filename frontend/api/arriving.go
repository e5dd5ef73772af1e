package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
	"foliocast/internal/series/format"
	"foliocast/internal/unpack"
)

// arriving is a file that arrives: the body of a request, the one file of its form, or what a source sends. It is unpacked as it is read.
type arriving struct {
	size   int64         // of the body, as announced; -1 when it is not
	format format.Format // or empty, of a body that is no dataset
	body   *uploadReader // as it arrives
	form   *multipart.Reader
	file   *uploadReader // what comes out of the body
	ends   []func()
	failed func(error) error // says why it could not be read to its end; nil for that of a request
}

// formRoom is how many bytes a form may have besides its file.
const formRoom = 64 << 10

// Names of what a form is and has.
const (
	formMedia = "multipart/form-data"
	fileField = "file"
)

// formatMedia are the media types of uploads that say the format.
func formatMedia() []string {
	return []string{format.CSV.ContentType(), format.JSON.ContentType(), format.JSONLines, format.Parquet.ContentType(), format.Arrow.ContentType(), format.ArrowStream}
}

// fileMedia are the media types of files of any format.
func fileMedia() []string {
	return []string{"application/octet-stream", "application/gzip", "application/x-gzip", "application/zstd"}
}

// plain is the body of a request as it comes, with at most so many bytes.
func plain(g *gin.Context, most int64) *arriving {
	body := &uploadReader{body: http.MaxBytesReader(g.Writer, g.Request.Body, most)}
	return &arriving{size: g.Request.ContentLength, body: body, file: body}
}

// arriving finds the file in the request of an upload, of which it reads no more than the beginning.
func (a *API) arriving(in *UploadInput) (*arriving, error) {
	f := plain(in.request, a.limits.Mapped+formRoom)
	if err := a.open(f, in); err != nil {
		f.end()
		return nil, a.broken(f, err)
	}
	return f, nil
}

func (a *API) open(f *arriving, in *UploadInput) error {
	media, with, err := mime.ParseMediaType(in.ContentType)
	isForm := media == formMedia
	if err != nil || !isForm && !slices.Contains(slices.Concat(formatMedia(), fileMedia()), media) {
		return problem.New(problem.UnsupportedMedia, "a dataset is uploaded as "+strings.Join(slices.Concat(formatMedia(), fileMedia(), []string{formMedia}), " or "),
			problem.Fault{Pointer: "Content-Type", Detail: "must be one of them"})
	}
	names := []string{in.Filename}
	if !isForm {
		if f.format, err = in.formatOf(media, append(names, nameIn(in.Disposition))); err != nil {
			return err
		}
		if f.size > a.most(f) {
			return a.tooLarge()
		}
	}
	file, end, err := unpack.Body(f.body, in.Encoding)
	if err != nil {
		return err
	}
	f.ends = append(f.ends, end)
	if isForm {
		if with["boundary"] == "" {
			return problem.New(problem.Malformed, "the form cannot be read", problem.Fault{Pointer: "Content-Type", Detail: "names no boundary"})
		}
		f.form = multipart.NewReader(file, with["boundary"])
		part, err := f.part()
		if err != nil {
			return err
		}
		partMedia, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if f.format, err = in.formatOf(partMedia, append(names, part.FileName())); err != nil {
			return err
		}
		file = part
	}
	return a.unpack(f, file)
}

// unpack makes what a file becomes the file that is read.
func (a *API) unpack(f *arriving, packed io.Reader) error {
	file, end, err := unpack.File(packed)
	if err != nil {
		return err
	}
	f.ends = append(f.ends, end)
	f.file = &uploadReader{body: http.MaxBytesReader(nil, io.NopCloser(file), a.most(f))}
	return nil
}

// end ends the decoders.
func (f *arriving) end() {
	for _, end := range f.ends {
		end()
	}
}

// most is how many bytes the file may have, unpacked.
func (a *API) most(f *arriving) int64 {
	if f.format == format.Arrow {
		return a.limits.Mapped
	}
	return a.limits.Upload
}

// part is the file of a form.
func (f *arriving) part() (*multipart.Part, error) {
	part, err := f.form.NextPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil, problem.New(problem.Invalid, "the form has no file", problem.Fault{Pointer: fileField, Detail: "is missing"})
	case err != nil:
		return nil, err
	case part.FormName() != fileField:
		return nil, unknownField(part)
	}
	return part, nil
}

// last checks that a form has nothing after its file, when that has been read.
func (f *arriving) last() error {
	if f.form == nil {
		return nil
	}
	part, err := f.form.NextPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case part.FormName() == fileField:
		return problem.New(problem.Invalid, "a form has one file", problem.Fault{Pointer: fileField, Detail: "appears twice"})
	}
	return unknownField(part)
}

func unknownField(part *multipart.Part) error {
	name := part.FormName()
	if !problem.Storable(name) {
		name = ""
	}
	return problem.New(problem.Invalid, "a form has one file, and no other fields: options are parameters of the address, such as ?value=close",
		problem.Fault{Pointer: name, Detail: "is not a field of the form"})
}

// nameIn is the name of the file in a Content-Disposition, or empty.
func nameIn(disposition string) string {
	if _, with, err := mime.ParseMediaType(disposition); err == nil {
		return with["filename"]
	}
	return ""
}

// formatOf finds the format of the file by all that is said of it, which must agree.
func (u *ReadInput) formatOf(media string, names []string) (format.Format, error) {
	var said []format.Format
	if u.Format != "" {
		said = append(said, format.Format(u.Format))
	}
	if f, err := format.OfContent(media); err == nil {
		said = append(said, f)
	}
	for _, name := range names {
		if f, err := format.OfPacked(name); err == nil {
			said = append(said, f)
		}
	}
	if len(said) == 0 {
		return "", problem.New(problem.Invalid, "the format of the file is not known",
			problem.Fault{Pointer: "format", Detail: "must be csv, json, parquet or arrow, where neither the Content-Type nor the ending of the file's name says it"})
	}
	for _, f := range said[1:] {
		if f != said[0] {
			return "", problem.New(problem.Invalid, "the request names two formats of its file",
				problem.Fault{Pointer: "format", Detail: "is both " + string(said[0]) + " and " + string(f) + ", by the parameter, the Content-Type and the file's name"})
		}
	}
	return said[0], nil
}
