package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/klauspost/compress/gzhttp"

	"foliocast/internal/forecasttable"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
)

// ResultHeaders say how a result is sent. It is exported for the router.
type ResultHeaders struct {
	AcceptEncoding string `header:"Accept-Encoding" doc:"gzip and zstd are possible, except for Parquet, which is packed by itself"`
	IfNoneMatch    string `header:"If-None-Match" doc:"Entity tags of what the client has: a result that has not changed since is a 304"`
	Range          string `header:"Range" example:"bytes=1000-" doc:"A part of the result, which comes as it is, without Content-Encoding. Several parts at once are all of it"`
	IfRange        string `header:"If-Range" doc:"The entity tag that the result must have for Range to count"`
}

// sending is a result on its way to a client.
type sending struct {
	source answerSource
	format forecasttable.Format
	asked  ResultHeaders
	tag    string // the entity tag of the result as it is
	part   *part  // what the client asks for, or nil for all
}

// newSending prepares to send a result. The same job, run and table have the same bytes from the same version of this service, so that a
// part of them can be sent later.
func newSending(ctx context.Context, version string, source answerSource, format forecasttable.Format, asked ResultHeaders) (*sending, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %q %q", version, source.job.ID, source.result.Run, format, source.table))
	s := &sending{source: source, format: format, asked: asked, tag: fmt.Sprintf(`"%x"`, sum[:12])}
	if asked.Range == "" || asked.IfRange != "" && asked.IfRange != s.tag {
		return s, nil
	}
	size := &window{left: maxSize}
	if err := source.write(ctx, size, format); err != nil {
		return nil, err
	}
	part, asks := partOf(asked.Range, size.sent)
	if !asks {
		return s, nil
	}
	if part.bytes == 0 {
		return nil, problem.Newf(problem.OutOfRange, "the result has %d bytes, and none of those that Range asks for", size.sent).
			With("Content-Range", fmt.Sprintf("bytes */%d", size.sent))
	}
	s.part = &part
	return s, nil
}

// packed wraps a handler: the client gets what it writes in the Content-Encoding that it prefers.
var packed = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(1), gzhttp.SuffixETag("-gzip"), gzhttp.KeepAcceptRanges(),
		gzhttp.ContentTypeFilter(func(media string) bool { return media != forecasttable.Parquet.MediaType() }))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap
}()

// send answers the request. An error is of a body that did not get out whole.
func (s *sending) send(hctx huma.Context) (failed error) {
	g := humagin.Unwrap(hctx)
	h := g.Writer.Header()
	h.Set("Content-Type", s.format.MediaType())
	h.Set("Content-Disposition", serve.Attachment("job-"+string(s.source.job.ID)+"."+string(s.format)))
	h.Set("ETag", s.tag)
	h.Set("Accept-Ranges", "bytes")
	h.Add("Vary", "Accept")
	if tag, has := s.held(); has {
		h.Set("ETag", tag)
		h.Add("Vary", "Accept-Encoding")
		h.Del("Content-Type")
		h.Del("Content-Disposition")
		hctx.SetStatus(http.StatusNotModified)
		return nil
	}
	packed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			return
		}
		out := bufio.NewWriterSize(w, 64<<10)
		failed = errors.Join(s.write(hctx.Context(), w, out), out.Flush())
	})).ServeHTTP(g.Writer, g.Request)
	return failed
}

// write writes the body, or the part of it that was asked for.
func (s *sending) write(ctx context.Context, w http.ResponseWriter, out io.Writer) error {
	if s.part == nil {
		return s.source.write(ctx, out, s.format)
	}
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.part.from, s.part.from+s.part.bytes-1, s.part.of))
	w.Header().Set("Content-Length", strconv.FormatInt(s.part.bytes, 10))
	w.WriteHeader(http.StatusPartialContent)
	win := &window{out: out, skip: s.part.from, left: s.part.bytes}
	err := s.source.write(ctx, win, s.format)
	if win.left == 0 {
		return nil // the rest was not wanted
	}
	return errors.Join(err, fmt.Errorf("%d bytes are missing at the end of the part", win.left))
}

// held finds the entity tag by which the client has the result already, as it is or in an encoding that it still takes.
func (s *sending) held() (string, bool) {
	for tag := range strings.SplitSeq(s.asked.IfNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == s.tag {
			return s.tag, true
		}
		for _, encoding := range []string{"gzip", "zstd"} {
			if tag == s.tag[:len(s.tag)-1]+"-"+encoding+`"` && strings.Contains(strings.ToLower(s.asked.AcceptEncoding), encoding) {
				return tag, true
			}
		}
	}
	return "", false
}

// part is a part of a body of so many bytes.
type part struct{ from, bytes, of int64 }

// partOf reads the header Range (RFC 9110, section 14.1.2). It reports false for what a server may ignore: another unit, several ranges,
// and what is no range at all. A part that begins behind the body has no bytes.
func partOf(header string, size int64) (part, bool) {
	text, is := strings.CutPrefix(header, "bytes=")
	first, last, found := strings.Cut(strings.TrimSpace(text), "-")
	if !is || !found {
		return part{}, false
	}
	from, faulty := strconv.ParseUint(first, 10, 63)
	to, wrong := uint64(maxSize), error(nil)
	if last != "" {
		to, wrong = strconv.ParseUint(last, 10, 63)
	}
	switch {
	case first == "" && last != "" && wrong == nil: // the last bytes, as many as that
		n := min(int64(to), size)
		return part{size - n, n, size}, true
	case faulty != nil || wrong != nil || to < from:
		return part{}, false
	}
	return part{int64(from), max(0, min(int64(to)+1, size)-int64(from)), size}, true
}

// maxSize is more than any body has.
const maxSize = 1 << 62

// window passes on what lies in a part of what is written, and ends the writing behind it.
type window struct {
	out              io.Writer // nil to count
	skip, left, sent int64
}

// errEnough ends the writing of a body behind the part that was asked for.
var errEnough = errors.New("the part is complete")

func (w *window) Write(b []byte) (int, error) {
	n := len(b)
	if w.left == 0 {
		return 0, errEnough
	}
	cut := min(w.skip, int64(n))
	w.skip -= cut
	b = b[cut:]
	b = b[:min(w.left, int64(len(b)))]
	w.left -= int64(len(b))
	w.sent += int64(len(b))
	if w.out != nil {
		if _, err := w.out.Write(b); err != nil {
			return 0, err
		}
	}
	return n, nil
}
