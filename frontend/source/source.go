// Package source fetches the file that a dataset is imported from: from an address over HTTP, or from an object store that speaks
// the protocol of Amazon S3. It bounds how long a source may take, and connects where a policy allows. It does not read the file,
// nor say how large it may be.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"foliocast/frontend/client"
	"foliocast/frontend/egress"
	"foliocast/internal/problem"
)

const (
	mostRedirects = 5
	headerTime    = 30 * time.Second // from the request to the answer's header
	pauseTime     = 15 * time.Second // without a byte, as an upload may pause
)

// Fetcher fetches files. Safe for concurrent use.
type Fetcher struct {
	policy egress.Policy
	pause  time.Duration
	follow *http.Client // follows redirects
	direct *http.Client
}

// New returns a fetcher that connects where the policy allows. It asks the resolver for addresses; nil is that of the machine.
func New(p egress.Policy, resolver *net.Resolver) *Fetcher {
	transport := &http.Transport{ // no proxy: it would connect where the policy does not look
		DialContext: p.Dialer(resolver).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: headerTime, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns: 20, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, DisableCompression: true, // a file may be packed, and stays so
	}
	return &Fetcher{
		policy: p, pause: pauseTime,
		follow: &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirects {
				return fmt.Errorf("it redirects more than %d times", mostRedirects)
			}
			r.Header.Del("Referer") // the address before may have a secret in its parameters
			if err := p.Check(r.URL.String()); err != nil {
				return fmt.Errorf("it redirects to an address that %w", err)
			}
			return nil
		}},
		direct: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// Close closes the connections that wait for the next file.
func (f *Fetcher) Close() { f.direct.CloseIdleConnections() }

// File is a file that arrives, with what its source says of it.
type File struct {
	io.ReadCloser                     // whose errors are problems
	Size                        int64 // as announced; -1 when it is not
	Type, Encoding, Disposition string
	Name                        string // the last part of the address
}

// Open asks a source for its file. The file arrives while it is read, as long as ctx allows. The error is a problem.
func (f *Fetcher) Open(ctx context.Context, s client.Source) (*File, error) {
	if strings.HasPrefix(s.URL, "s3://") {
		return f.openObject(ctx, s)
	}
	if s.S3 != nil {
		return nil, invalid("/s3", "only goes with an address that begins with s3://")
	}
	if err := f.policy.Check(s.URL); err != nil {
		return nil, invalid("/url", err.Error())
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, invalid("/url", "cannot be read")
	}
	resp, end, err := f.send(ctx, f.follow, u, nil)
	if err != nil {
		return nil, invalid("/url", reason(err))
	}
	if resp.StatusCode != http.StatusOK {
		end(nil)
		return nil, invalid("/url", "leads to a server that answered "+status(resp))
	}
	return f.file(resp, u.Path, "/url", end), nil
}

// send sends a request for a file. The caller calls end when the answer is read.
func (f *Fetcher) send(ctx context.Context, by *http.Client, u *url.URL, prepare func(*http.Request) error) (*http.Response, context.CancelCauseFunc, error) {
	ctx, end := context.WithCancelCause(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err == nil {
		req.Header.Set("User-Agent", "foliocast-import")
		if prepare != nil {
			err = prepare(req)
		}
	}
	if err != nil {
		end(nil)
		return nil, nil, err
	}
	resp, err := by.Do(req)
	if err != nil {
		end(nil)
		return nil, nil, err
	}
	return resp, end, nil
}

// file is the file of an answer.
func (f *Fetcher) file(resp *http.Response, name, pointer string, end context.CancelCauseFunc) *File {
	b := &body{from: resp.Body, size: resp.ContentLength, pointer: pointer, pause: f.pause, end: end}
	b.idle = time.AfterFunc(f.pause, func() { end(errPause) })
	b.idle.Stop() // it runs while a read waits
	return &File{b, resp.ContentLength, resp.Header.Get("Content-Type"), resp.Header.Get("Content-Encoding"), resp.Header.Get("Content-Disposition"), path.Base(name)}
}

var errPause = errors.New("it pauses")

// body is the body of an answer, which must keep arriving.
type body struct {
	from    io.ReadCloser
	size, n int64
	pointer string
	pause   time.Duration
	idle    *time.Timer
	end     context.CancelCauseFunc
}

func (b *body) Read(p []byte) (int, error) {
	b.idle.Reset(b.pause)
	n, err := b.from.Read(p)
	b.idle.Stop()
	b.n += int64(n)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	why := "broke off"
	if errors.Is(err, errPause) {
		why = fmt.Sprintf("paused for %v", b.pause)
	} else if netErr, is := errors.AsType[net.Error](err); is && netErr.Timeout() {
		why = "did not arrive in time"
	}
	of := ""
	if b.size > 0 {
		of = fmt.Sprintf(" of %d", b.size)
	}
	return n, problem.New(problem.Invalid, "the file did not arrive whole from its source",
		problem.Fault{Pointer: b.pointer, Detail: fmt.Sprintf("has a file that %s after %d%s bytes", why, b.n, of)}).Because(err)
}

func (b *body) Close() error {
	b.idle.Stop()
	b.end(nil)
	return b.from.Close()
}

// invalid is the problem of a source, with one fault.
func invalid(pointer, detail string) error {
	return problem.New(problem.Invalid, "the file cannot be fetched from its source", problem.Fault{Pointer: pointer, Detail: detail})
}

// status is the status of an answer in words.
func status(resp *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}

// reason says why a request failed, without its address, which may have a secret.
func reason(err error) string {
	if refused, ok := errors.AsType[*egress.RefusedError](err); ok {
		return "cannot be connected to: " + refused.Error()
	}
	if unknown, ok := errors.AsType[*net.DNSError](err); ok {
		if unknown.IsNotFound {
			return "names a host that is not known"
		}
		return "names a host that cannot be looked up now"
	}
	if of, ok := errors.AsType[*url.Error](err); ok {
		if of.Timeout() {
			return "leads to a server that did not answer in time"
		}
		err = of.Err
	}
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "")
	return "cannot be fetched: " + text[:min(len(text), 300)]
}

// Label is an address without what may be a secret: user, parameters and fragment.
func Label(address string) string {
	if strings.HasPrefix(address, "s3://") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
