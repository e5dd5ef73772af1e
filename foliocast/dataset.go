package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

func (a *app) datasetCommand() *cobra.Command {
	return cli.Group("dataset", "Upload and list the price series that jobs forecast",
		a.datasetAdd(), a.datasetList(), a.datasetShow(), a.datasetRemove(), a.datasetSynth())
}

func (a *app) datasetList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the datasets with their newest versions", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all := client.Datasets{Items: []client.Version{}}
			for {
				page, err := s.frontend.Datasets(c.Context(), all.Next, 0)
				if err != nil {
					return err
				}
				all.Items = append(all.Items, page.Items...)
				if all.Next = page.Next; page.Next == "" {
					break
				}
			}
			return a.show(all, func(w io.Writer) { datasetTable(w, all.Items) })
		},
	}
}

func datasetTable(w io.Writer, items []client.Version) {
	var rows [][]string
	for _, d := range items {
		rows = append(rows, []string{d.Name, strconv.Itoa(d.Version), strconv.Itoa(d.Audit.Assets), strconv.FormatInt(d.Audit.Values, 10),
			d.Audit.From, d.Audit.To, d.Audit.Freq, d.Owner, when(d.CreatedAt)})
	}
	table(w, []texttable.Column{texttable.Left("DATASET"), texttable.Right("VERSION"), texttable.Right("ASSETS"), texttable.Right("VALUES"), texttable.Left("FROM"), texttable.Left("TO"), texttable.Left("FREQ"), texttable.Left("OWNER"), texttable.Left("CREATED")}, rows)
}

func (a *app) datasetShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME[@VERSION]", Short: "Show a version of a dataset with its assets", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			name, version, ok := job.DatasetName(args[0])
			if !ok {
				return usagef("%q is neither the name of a dataset nor name@version", args[0])
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			d, err := findVersion(c.Context(), s.frontend, name, version)
			if err != nil {
				return err
			}
			assets, err := allAssets(c.Context(), s.frontend, d.Dataset)
			if err != nil {
				return err
			}
			shown := struct {
				client.Version
				Assets []client.AssetInfo `json:"assets"`
			}{d, assets}
			return a.show(shown, func(w io.Writer) {
				printAudit(w, d)
				line(w, "uploaded by %s at %s, SHA-256 %s\n", d.Owner, when(d.CreatedAt), d.SHA256)
				var rows [][]string
				for _, i := range assets {
					rows = append(rows, []string{i.Asset, strconv.Itoa(i.Values), strconv.Itoa(i.Filled), i.From, i.To, i.Freq})
				}
				table(w, []texttable.Column{texttable.Left("ASSET"), texttable.Right("VALUES"), texttable.Right("FILLED"), texttable.Left("FROM"), texttable.Left("TO"), texttable.Left("FREQ")}, rows)
			})
		},
	}
}

// findVersion finds a version of a dataset; 0 is the newest.
func findVersion(ctx context.Context, c *client.Client, name string, version int) (client.Version, error) {
	before, limit := 0, 1
	if version > 0 {
		before = version + 1
	}
	page, err := c.Versions(ctx, name, before, limit)
	if err != nil {
		return client.Version{}, err
	}
	if len(page.Items) == 0 || version > 0 && page.Items[0].Version != version {
		return client.Version{}, notFoundf("dataset %s has no version %d", name, version)
	}
	return page.Items[0], nil
}

func allAssets(ctx context.Context, c *client.Client, d job.Dataset) ([]client.AssetInfo, error) {
	all := []client.AssetInfo{}
	for offset := 0; ; {
		page, err := c.Assets(ctx, d.Name, d.Version, offset, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if offset = page.Next; offset == 0 {
			return all, nil
		}
	}
}
