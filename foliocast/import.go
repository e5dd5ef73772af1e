package foliocast

import (
	"context"
	"io"
	"os"
	"strings"

	"foliocast/frontend/client"
	"foliocast/internal/series/format"
)

// origin is where the service fetches a file.
type origin struct {
	url, endpoint, region string
	key                   bool // of the environment
}

// source is the origin for the service.
func (o origin) source() (client.Source, error) {
	s := client.Source{URL: o.url}
	access := client.S3{Endpoint: o.endpoint, Region: o.region}
	if o.key {
		access.AccessKeyID, access.SecretAccessKey, access.SessionToken = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")
		if access.AccessKeyID == "" || access.SecretAccessKey == "" {
			return s, usagef("--aws-key needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
		}
	}
	if access != (client.S3{}) {
		if !strings.HasPrefix(o.url, "s3://") {
			return s, usagef("--s3-endpoint, --s3-region and --aws-key go with an address that begins with s3://")
		}
		s.S3 = &access
	}
	return s, nil
}

// importDataset lets the service fetch a file.
func (a *app) importDataset(ctx context.Context, name string, from origin, kind string, reading client.Reading) error {
	from.url = strings.TrimSpace(from.url)
	source, err := from.source()
	if err != nil {
		return err
	}
	if kind != "" {
		known, err := format.OfPacked("file." + kind)
		if err != nil {
			return usagef("%q is not a format: give --format csv, json, parquet or arrow", kind)
		}
		kind = string(known)
	}
	s, err := a.services()
	if err != nil {
		return err
	}
	d, err := s.frontend.ImportDataset(ctx, name, source, kind, reading)
	if err != nil {
		return err
	}
	return a.show(d, func(w io.Writer) { printAudit(w, d) })
}
