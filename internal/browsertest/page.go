package browsertest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// limit is how long one step on a page may take.
const limit = time.Minute

// Page is a tab with cookies and a storage of its own. Its methods end the test when they cannot do what they say. What is particular to
// a test, such as clicks, goes through [Page.Do] and [Eval].
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	faults   []string
	requests []string
}

// Page opens an empty tab, which is closed when the test ends.
func (b *Browser) Page(t testing.TB) *Page {
	t.Helper()
	p := &Page{t: t}
	var cancel context.CancelFunc
	p.ctx, cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	t.Cleanup(cancel)
	p.Do(command(network.Enable, network.EnableParams{}), command(runtime.Enable, cdp.Empty{}), command(log.Enable, cdp.Empty{}))
	return p
}

// command is an action that runs a command of the protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, t, c, params)
		return none, err
	}
}

// Do does something on the page by the actions of chromedp.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	for _, a := range actions {
		run(p, a)
	}
}

// run runs an action, and returns its value.
func run[T any](p *Page, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := p.ctx, context.CancelFunc(func() {})
	if chromedp.FromContext(p.ctx).Target != nil { // the first action opens the tab, which lasts as long as its context
		ctx, cancel = context.WithTimeout(p.ctx, limit)
	}
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("browser: %v; the page reports %q, and shows\n%s", err, p.Faults(), p.shown())
	}
	return v
}

// shown is what the page shows, as text, after a step has failed.
func (p *Page) shown() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('main, body').innerText.slice(0, 2000)"))
	if err != nil {
		return err.Error()
	}
	return text
}

// Eval is the value of an expression of JavaScript or, where that is a promise, what it promises.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	return run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Open opens an address and waits until the page is loaded.
func (p *Page) Open(address string) { p.t.Helper(); p.Do(chromedp.Navigate(address)) }

// OpenFile opens a file of this machine.
func (p *Page) OpenFile(path string) {
	p.t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Open((&url.URL{Scheme: "file", Path: path}).String())
}

// Scheme makes the person prefer a colour scheme: light or dark.
func (p *Page) Scheme(name string) {
	p.t.Helper()
	p.Do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}))
}

// Resize gives the window a size, in CSS pixels.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// tallest is the height of a page, in pixels, of which the browser makes a picture.
const tallest = 16_384

// Screenshot writes a picture of the whole page, or of the window for one that is too tall, as PNG. It is for people: tests do not
// compare pixels.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	shot := chromedp.FullScreenshot(100)
	if Eval[int](p, "document.documentElement.scrollHeight") > tallest {
		shot = chromedp.CaptureScreenshot()
	}
	if err := os.WriteFile(path, run(p, shot), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// Faults are the errors that the page has written to the console, its uncaught exceptions, and the requests that failed, since the tab
// was opened.
func (p *Page) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// Requests are the addresses that the tab has asked for, with those of the pages. What lies inside a page, as data: does, is left out.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// hear notes what happens on the page. It must not block, nor run actions.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			fault += " " + text([]*runtime.RemoteObject{thrown})
		}
		p.faults = append(p.faults, fault)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.faults = append(p.faults, "console: "+text(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.faults = append(p.faults, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			p.faults = append(p.faults, "a request failed: "+e.ErrorText)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			p.requests = append(p.requests, e.Request.URL)
		}
	}
}

// text is what was written to the console.
func text(values []*runtime.RemoteObject) string {
	var all []string
	for _, v := range values {
		if v.Description != "" {
			all = append(all, v.Description)
		} else {
			all = append(all, string(v.Value))
		}
	}
	return strings.Join(all, " ")
}
