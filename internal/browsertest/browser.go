// Package browsertest lets tests open pages in a real browser: a headless Chromium that can reach this machine only. It collects what
// goes wrong on a page and what it asks for, and lets axe-core look for barriers. It serves tests only.
//
// The browser is Debian's package chromium-headless-shell, which docker/install-deps.sh installs in the group browser.
package browsertest

import (
	"context"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// program is the name of the browser.
const program = "chromium-headless-shell"

// Browser is a running Chromium. It is safe for concurrent use.
type Browser struct {
	ctx context.Context
}

// Start starts a browser, which ends with the test. That takes a second and some hundred megabytes: a test with many pages opens them in
// one browser.
func Start(t testing.TB) *Browser {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is missing: install it with docker/install-deps.sh browser, or run make setup-test", program)
	}
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// Of all hosts, only this machine is found.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.Flag("renderer-process-limit", "2"),
		chromedp.Flag("js-flags", "--max-old-space-size=512"),
		chromedp.Flag("lang", "en-US"),
		chromedp.DisableGPU,
	)...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return &Browser{ctx}
}
