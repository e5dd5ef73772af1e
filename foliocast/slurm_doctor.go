package foliocast

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"foliocast/foliocast/slurm"
	"foliocast/internal/certs"
)

func (a *app) slurmDoctor() *cobra.Command {
	var f slurmFlags
	var fromNode bool
	c := &cobra.Command{
		Use:   "doctor [batch | pilot]",
		Short: "Say what keeps jobs from running under Slurm, and what to do",
		Long: `Say what keeps jobs from running under Slurm, and what to do. Give it the flags of
the job that you mean to submit. It checks Slurm and its nodes, Open MPI, mpicalc
here and on a free node, and the services. It changes nothing, and takes about a
minute at most. A batch job needs no services, so doctor batch does not check them.
The exit code is 0 when nothing keeps the job from running, else 1.`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"batch", "pilot"},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.complete(a); err != nil {
				return err
			}
			if err := f.ask.Validate(); err != nil {
				return &usageError{err: err}
			}
			asked, err := a.slurmAsked(f, fromNode)
			if err != nil {
				return err
			}
			if slices.Contains(args, "batch") {
				asked.Services, asked.Probe = nil, nil
			}
			facts := slurm.Examine(c.Context(), asked)
			if c.Context().Err() != nil {
				return &interrupted{}
			}
			return a.showFindings(slurm.Diagnose(facts))
		},
	}
	f.add(c.Flags())
	f.warning(c.Flags())
	c.Flags().BoolVar(&fromNode, "from-node", false, "ask the services from a node too, in a short job")
	return c
}

// slurmAsked is what the doctor looks at.
func (a *app) slurmAsked(f slurmFlags, fromNode bool) (slurm.Asked, error) {
	services, over, err := a.slurmServices()
	if err != nil {
		return slurm.Asked{}, err
	}
	asked := slurm.Asked{Ask: f.ask, Mpicalc: f.mpicalc, Version: a.version, Services: services, Over: over}
	if fromNode {
		self, err := os.Executable()
		if err != nil {
			return asked, err
		}
		asked.Probe = []string{self, "slurm", "probe"}
		for _, s := range services {
			asked.Probe = append(asked.Probe, s.Service, s.URL)
		}
		if known, err := a.slurmAddresses(); err == nil && known.CAFile != "" {
			asked.Probe = append(asked.Probe, "--ca-file", known.CAFile)
		}
	}
	return asked, nil
}

// slurmServices are the services that a pilot needs, and the way to them.
func (a *app) slurmServices() ([]slurm.Reach, http.RoundTripper, error) {
	known, err := a.slurmAddresses()
	if err != nil {
		return nil, nil, err
	}
	secure, err := a.secure(known)
	if err != nil {
		return nil, nil, err
	}
	return []slurm.Reach{
		{Service: "authsvc", URL: known.Auth},
		{Service: "queue", URL: known.Queue},
		{Service: "frontend", URL: known.Frontend},
	}, certs.Transport(secure), nil
}

// slurmAddresses are those of any other command.
func (a *app) slurmAddresses() (addresses, error) {
	v, err := a.vault()
	if err != nil {
		return addresses{}, err
	}
	return a.addresses(v)
}

// showFindings prints what the doctor found.
func (a *app) showFindings(findings []slurm.Finding) error {
	healthy := slurm.Healthy(findings)
	sheet := newSheet("status,check,found,advice", "")
	for _, f := range findings {
		sheet.add(f.Status, f.Check, f.Found, f.Advice)
	}
	err := a.view(map[string]any{"ok": healthy, "findings": findings}, sheet, func(w io.Writer) {
		for _, f := range findings {
			line(w, "%-8s %-10s %s", f.Status, f.Check, f.Found)
			if f.Advice != "" {
				line(w, "%19s %s", "", f.Advice)
			}
		}
	})
	if err != nil || healthy {
		return err
	}
	return &reported{code: exitFailure, text: "the doctor found faults", textOnly: true}
}

// slurmProbe is what the doctor runs on a node.
func (a *app) slurmProbe() *cobra.Command {
	return &cobra.Command{
		Use: "probe [SERVICE URL]...", Hidden: true, Short: "Ask services for their health, and print one line of JSON",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args)%2 != 0 {
				return usagef("each service needs an address")
			}
			var services []slurm.Reach
			for i := 0; i < len(args); i += 2 {
				services = append(services, slurm.Reach{Service: args[i], URL: args[i+1]})
			}
			secure, err := a.secure(addresses{CAFile: cmp.Or(a.where.caFile, a.env("FOLIOCAST_TLS_CA_FILE"))})
			if err != nil {
				return err
			}
			host, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("name of this node: %w", err)
			}
			return json.NewEncoder(a.out).Encode(slurm.Probed{Host: host, Services: slurm.ReachAll(c.Context(), certs.Transport(secure), services)})
		},
	}
}
