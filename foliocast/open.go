package foliocast

import (
	"context"
	"io"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/job"
)

// openTime is how long a browser has to fail. One that runs longer has opened the page.
const openTime = 2 * time.Second

// consolePages are pages of the console that need no id, by the word that names them.
func consolePages() map[string]string {
	return map[string]string{"overview": "/", "jobs": "/jobs", "new": "/jobs/new", "datasets": "/datasets", "queues": "/queues", "users": "/users", "tokens": "/tokens", "services": "/services", "api": "/docs"}
}

func (a *app) openCommand() *cobra.Command {
	return &cobra.Command{
		Use: "open [PAGE [NAME]]", Short: "Open a page of the web console in a browser",
		Long: `Open a page of the web console in a browser, and print its address. PAGE is overview, as
without one, jobs, new (the form for a job), datasets, queues, users, tokens (yours), services or api;
job with the id of a job or its beginning; batch with that of a batch, for its jobs; or dataset with
a name or name@version.

The browser is that of the variable BROWSER, or of the desktop. Without a display, and where no
browser starts, only the address is printed.`,
		Example: "  foliocast open job 019a1b2c\n  foliocast open dataset prices@3",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			path, err := pagePath(c.Context(), s, args)
			if err != nil {
				return err
			}
			address := s.at.Frontend + path
			opened := a.browse(c.Context(), address)
			return a.show(map[string]any{"address": address, "opened": opened}, func(w io.Writer) { line(w, "%s", address) })
		},
	}
}

// pagePath is the path of the page that the arguments of open name.
func pagePath(ctx context.Context, s services, args []string) (string, error) {
	if len(args) == 0 {
		return "/", nil
	}
	if path, known := consolePages()[args[0]]; known && len(args) == 1 {
		return path, nil
	}
	if len(args) == 2 {
		switch args[0] {
		case "job":
			id, err := jobID(ctx, s.frontend, args[1])
			return "/jobs/" + url.PathEscape(string(id)), err
		case "batch":
			id, err := batchID(ctx, s.frontend, args[1])
			return "/jobs?batch=" + url.QueryEscape(string(id)), err
		case "dataset":
			name, version, ok := job.DatasetName(args[1])
			if !ok {
				return "", usagef("%q is neither the name of a dataset nor name@version", args[1])
			}
			path := "/datasets/" + url.PathEscape(name)
			if version > 0 {
				path += "?version=" + strconv.Itoa(version)
			}
			return path, nil
		}
	}
	return "", usagef("%q is not a page: it must be overview, jobs, new, datasets, queues, users, tokens, services or api, or job, batch or dataset with an id or a name", strings.Join(args, " "))
}

// browse opens an address in a browser, and reports whether that seems to have worked. No shell reads the address.
func (a *app) browse(ctx context.Context, address string) bool {
	for _, command := range a.browsers() {
		words := strings.Fields(command)
		if len(words) == 0 {
			continue
		}
		named := false
		for i, word := range words {
			if strings.Contains(word, "%s") {
				words[i], named = strings.ReplaceAll(word, "%s", address), true
			}
		}
		if !named {
			words = append(words, address)
		}
		if started(ctx, words) {
			return true
		}
	}
	return false
}

// browsers are the commands to try.
func (a *app) browsers() []string {
	if own := a.env("BROWSER"); own != "" {
		return strings.Split(own, ":")
	}
	switch {
	case runtime.GOOS == "darwin":
		return []string{"open"}
	case a.env("WSL_DISTRO_NAME") != "":
		return []string{"wslview"}
	case a.env("DISPLAY") != "" || a.env("WAYLAND_DISPLAY") != "":
		return []string{"xdg-open"}
	}
	return nil
}

// started runs a command that may go on when this process has ended, and reports whether it did not fail at once.
func started(ctx context.Context, words []string) bool {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if cmd.Start() != nil {
		return false
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err == nil
	case <-time.After(openTime):
	case <-ctx.Done():
	}
	return true
}
