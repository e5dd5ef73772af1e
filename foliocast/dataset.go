package foliocast

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
)

func (a *app) datasetCommand() *cobra.Command {
	return cli.Group("dataset", "Upload and list the price series that jobs forecast",
		a.datasetAdd(), a.datasetAppend(), tabular(a.datasetList()), tabular(a.datasetShow()), a.datasetRemove(), a.datasetSynth())
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
			return a.list(all, datasetSheet(all.Items))
		},
	}
}

func datasetSheet(items []client.Version) sheet {
	s := newSheet("dataset,version,assets,values,from,to,freq,owner,created", "column,zone,rows,filled,bytes,sha256")
	for _, d := range items {
		s.add(d.Name, d.Version, d.Audit.Assets, d.Audit.Values, d.Audit.From, d.Audit.To, d.Audit.Freq, d.Owner, d.CreatedAt,
			d.Column, d.Audit.Zone, d.Audit.Rows, d.Audit.Filled, d.Bytes, d.SHA256)
	}
	return s
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
			table := newSheet("asset,values,filled,from,to,freq", "")
			for _, i := range assets {
				table.add(i.Asset, i.Values, i.Filled, i.From, i.To, i.Freq)
			}
			return a.view(shown, table, func(w io.Writer) {
				printAudit(w, d)
				line(w, "uploaded by %s at %s, SHA-256 %s\n", d.Owner, when(d.CreatedAt), d.SHA256)
				a.table(w, table)
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
