package foliocast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"foliocast/docs/data"
	"foliocast/foliocast/up"
	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

const (
	demoTime  = 5 * time.Minute // bounds the whole demonstration
	demoRanks = 2               // that it runs
)

// demoFlags are the flags of foliocast demo.
type demoFlags struct {
	data, pictures string
	keep           bool
}

func (a *app) demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use: "demo", Short: "Forecast two portfolios with the whole system, and draw them",
		Long: `Start every part of Foliocast on free ports in a temporary directory, forecast two portfolios, draw
them, and stop everything. The first are four stock indices: nothing beats the last value there, and
the risk is what there is to know. The second are the unemployed of five industries by month: their
seasons come back, and a model that knows them is far better than the last value.

It leaves nothing behind. With --keep the system goes on running, and the command says where its web
console is and how to stop it.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.where.state != "" && !f.keep {
				return usagef("--state-dir needs --keep: without it, nothing is left behind")
			}
			portfolios, err := f.portfolios()
			if err != nil {
				return err
			}
			if f.pictures != "" {
				if err := os.MkdirAll(f.pictures, 0o777); err != nil {
					return usagef("--pictures: %w", err)
				}
			}
			ctx, cancel := context.WithTimeoutCause(c.Context(), demoTime, fmt.Errorf("the demonstration took longer than %s", demoTime))
			defer cancel()
			err = a.demo(ctx, f, portfolios)
			if errors.Is(err, context.DeadlineExceeded) && c.Context().Err() == nil {
				return context.Cause(ctx)
			}
			return err
		},
	}
	c.Flags().StringVar(&f.data, "data", "", "CSV `file` of prices to forecast in place of the indices")
	c.Flags().StringVar(&f.pictures, "pictures", "", "`directory` to write the pictures into, as SVG")
	c.Flags().BoolVar(&f.keep, "keep", false, "leave the system running, in the directory of --state-dir or a new one")
	return c
}

// portfolio is what the demonstration forecasts.
type portfolio struct {
	dataset string // its name
	file    []byte // as CSV
	about   string
	horizon int
}

func (f demoFlags) portfolios() ([]portfolio, error) {
	indices := portfolio{"eustockmarkets", data.Indices(), "four stock indices, by day", 20}
	if f.data != "" {
		text, err := os.ReadFile(f.data)
		if err != nil {
			return nil, usagef("read the data of the demonstration: %w: name the file with --data", err)
		}
		indices = portfolio{"prices", text, filepath.Base(f.data), 20}
	}
	return []portfolio{indices, {"unemployed", data.Unemployed(), "the unemployed of five industries of the United States, in thousands, by month", 12}}, nil
}

// demonstrated is a portfolio with its forecast, as the JSON form shows it.
type demonstrated struct {
	Dataset string     `json:"dataset"`
	Answer  job.Answer `json:"answer"`
	Picture string     `json:"picture,omitzero"` // the path of the file

	about  string
	report report.Report
}

// demo runs the whole demonstration. It cleans up, however it ends, but for what it keeps.
func (a *app) demo(ctx context.Context, f demoFlags, portfolios []portfolio) error {
	begin := time.Now()
	say := func(s string) { a.note("%6.1f s  %s", time.Since(begin).Seconds(), s) }
	dir, err := os.MkdirTemp("", "foliocast-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	say(fmt.Sprintf("starting PostgreSQL, three services and mpirun -np %d", demoRanks))
	system, err := a.demoSystem(ctx, f, dir, say)
	if err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept {
			say("stopping everything")
			system.stop()
			say("stopped: nothing is left behind")
		}
	}()
	shown, err := a.guest(dir, system.run).demonstrate(ctx, system.state, portfolios, say)
	if err != nil {
		return err
	}
	if f.pictures != "" {
		if err := a.demoPictures(f.pictures, shown); err != nil {
			return err
		}
	}
	if err := a.showDemo(f, system, shown); err != nil {
		return err
	}
	kept = f.keep
	return nil
}

// demoSystem is what runs for the demonstration.
type demoSystem struct {
	state string
	run   up.Run
	stop  func()
}

// demoSystem starts everything: in this process, or in one that goes on.
func (a *app) demoSystem(ctx context.Context, f demoFlags, dir string, say func(string)) (s demoSystem, err error) {
	ports, err := up.FreePorts()
	if err != nil {
		return s, err
	}
	if !f.keep {
		s.state = filepath.Join(dir, "state")
		cluster, err := up.Start(ctx, up.Config{State: s.state, NP: demoRanks, Ports: ports, Throwaway: true, Version: cli.Version(), Say: say})
		if err != nil {
			return s, err
		}
		s.run, s.stop = cluster.Run(), cluster.Stop
		return s, nil
	}
	made := a.where.state == ""
	if s.state = a.where.state; made {
		if s.state, err = os.MkdirTemp("", "foliocast-"); err != nil {
			return s, err
		}
	}
	s.stop = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), downTime)
		defer cancel()
		if _, err := up.Down(ctx, s.state); err != nil {
			say("it still runs: " + err.Error())
		} else if made {
			_ = os.RemoveAll(s.state)
		}
	}
	quiet := *a
	quiet.json = false // what the child reports is passed on in our own form
	s.run, err = quiet.startDetached(ctx, s.state, upFlags{np: demoRanks, portBase: ports.Auth, hang: up.DefaultHang}, true, say)
	if err != nil && made {
		_ = os.RemoveAll(s.state)
	}
	return s, err
}

// guest is this program with the demonstration's addresses and a session of
// its own.
func (a *app) guest(dir string, run up.Run) *app {
	settings := map[string]string{"XDG_CONFIG_HOME": dir,
		"FOLIOCAST_URL": run.URL("frontend"), "FOLIOCAST_AUTH_URL": run.URL("authsvc"), "FOLIOCAST_QUEUE_URL": run.URL("queue")}
	return &app{in: a.in, out: a.out, err: a.err, version: a.version, json: a.json, env: func(name string) string { return settings[name] }}
}

// demonstrate does what a person would: sign in, add the data, submit, wait.
func (a *app) demonstrate(ctx context.Context, state string, portfolios []portfolio, say func(string)) (all []demonstrated, err error) {
	admin, err := up.ReadAdmin(state)
	if err != nil {
		return nil, err
	}
	who, err := a.login(ctx, admin.Username, admin.Password, admin.Device)
	if err != nil {
		return nil, err
	}
	say("signed in as " + who.Username)
	s, err := a.services()
	if err != nil {
		return nil, err
	}
	for _, p := range portfolios {
		d, err := s.frontend.UploadDataset(ctx, p.dataset, bytes.NewReader(p.file), mediaType("csv"), client.Reading{})
		if err != nil {
			return nil, err
		}
		say(fmt.Sprintf("uploaded %s: %d assets, %d values, %s to %s", p.dataset, d.Audit.Assets, d.Audit.Values, d.Audit.From, d.Audit.To))
		j, err := submit(ctx, s.frontend, "demo "+p.dataset, job.Spec{Dataset: d.Name, Assets: []string{"*"}, Model: "auto", Horizon: p.horizon, Levels: []float64{80, 95}})
		if err != nil {
			return nil, err
		}
		say(fmt.Sprintf("submitted job %s: all assets, equal weights, model auto, %d steps, levels 80 and 95", j.ID, p.horizon))
		if j, err = watch(ctx, s.frontend, j.ID, a.progress(false)); err != nil {
			return nil, err
		}
		say(fmt.Sprintf("the job is %s", j.State))
		if j.State != job.Done {
			return nil, &jobEnded{job: j}
		}
		answer, err := s.frontend.Answer(ctx, j.ID)
		if err != nil {
			return nil, err
		}
		one := demonstrated{Dataset: p.dataset, Answer: answer, about: p.about, report: report.Report{Job: j, Answer: answer}}
		// The past is fetched now: the system may be gone when it is drawn.
		series, note, err := pastOf(ctx, s.frontend, j)("")
		if err != nil {
			return nil, err
		}
		one.report.Past = fixedPast(series, note)
		all = append(all, one)
	}
	return all, nil
}

// showDemo prints the forecasts, and how to go on with a system that is kept.
func (a *app) showDemo(f demoFlags, s demoSystem, all []demonstrated) error {
	document := map[string]any{"portfolios": all}
	console := s.run.URL("frontend") + "/"
	if f.keep {
		document["console"], document["state"] = console, s.state
	}
	var fault error
	err := a.show(document, func(w io.Writer) {
		for _, one := range all {
			if err := a.showPortfolio(w, one); err != nil {
				fault = err
				return
			}
		}
		if !f.keep {
			return
		}
		state := cli.Quoted(s.state)
		line(w, "\nFoliocast goes on running. Its web console is at %s", console)
		line(w, "Its user and password are in %s", up.AdminPath(s.state))
		line(w, "Use it from here: foliocast login --state %s", state)
		line(w, "Stop it:          foliocast down --state %s", state)
		line(w, "Its data are then still in %s, until you remove it.", s.state)
	})
	return errors.Join(fault, err)
}
