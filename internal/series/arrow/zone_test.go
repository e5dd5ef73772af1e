package arrow

import (
	"bytes"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/seriestest"
)

func TestStoredZone(t *testing.T) {
	t.Parallel()
	const text = "ds,A\n2024-03-14T00:00:00+09:00,1\n2024-03-15T00:00:00+09:00,2\n2024-03-16T00:00:00+09:00,3\n"
	table, _ := seriestest.ReadText(t, text, series.Options{})
	for name, o := range map[string]series.Options{"Asia/Tokyo": {Timezone: "Asia/Tokyo"}, "+09:00": {}} {
		if o.Timezone != "" {
			var err error
			if table, err = table.WithZone(o.Timezone); err != nil {
				t.Fatal(err)
			}
		} else {
			table, _ = seriestest.ReadText(t, text, o)
		}
		stored := seriestest.Written(t, Write, table)
		got, audit, err := Read(stored, series.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seriestest.Equal(t, "zone", audit.Zone, name)
		seriestest.Equal(t, "times", got.End(0).String(), "2024-03-16T00:00:00+09:00")
		if again := seriestest.Written(t, Write, got); !bytes.Equal(again, stored) {
			t.Errorf("%s: the same table was stored in other bytes", name)
		}
	}
	got, _, err := Read(seriestest.Written(t, Write, table), series.Options{Timezone: "America/New_York"})
	if err != nil {
		t.Fatal(err)
	}
	seriestest.Equal(t, "told in New York", got.End(0).String(), "2024-03-15T11:00:00-04:00")
}

func TestStoredZoneIsChecked(t *testing.T) {
	t.Parallel()
	table, _ := seriestest.ReadText(t, "ds,A\n2024-03-14T00:00:00+09:00,1\n", series.Options{})
	stored := bytes.ReplaceAll(seriestest.Written(t, Write, table), []byte("+09:00"), []byte("+99:00"))
	_, _, err := Read(stored, series.Options{})
	seriestest.Equal(t, "fault", seriestest.Rejection(t, err).Faults[0].Reason, `the stored file has the unknown zone "+99:00"`)
}
