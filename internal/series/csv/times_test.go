package csv_test

import (
	"fmt"
	"strings"
	"testing"

	"foliocast/internal/series"
	"foliocast/internal/series/csv"
	"foliocast/internal/series/seriestest"
)

// column makes a wide file of one asset from its times.
func column(header string, times ...string) string {
	var b strings.Builder
	b.WriteString(header + ";A\n")
	for k, at := range times {
		fmt.Fprintf(&b, "%s;%d\n", at, k+1)
	}
	return b.String()
}

// run is the integers from a first to a last.
func run(from, to int) []string {
	var all []string
	for n := from; n <= to; n++ {
		all = append(all, fmt.Sprint(n))
	}
	return all
}

// TestTimesOfColumns reads times that only their column as a whole explains. The wanted times are those of Python:
// date.fromisocalendar for weeks, datetime(1899, 12, 30) + timedelta for serial numbers, datetime.fromtimestamp for epochs.
func TestTimesOfColumns(t *testing.T) {
	t.Parallel()
	excelDays := []string{"45078", "45079", "45082", "45083", "45084", "45085", "45086"} // Thursday, June 1st, 2023
	tests := map[string]struct {
		text    string
		options series.Options
		want    string // from the first time to the last
	}{
		"days":                     {column("ds", "20240102", "20240103"), series.Options{}, "2024-01-02 to 2024-01-03"},
		"days of steps":            {column("step", "20240131", "20240201"), series.Options{}, "2024-01-31 to 2024-02-01"},
		"days without a name":      {column("X", "20240102", "20240104", "20240105"), series.Options{}, "2024-01-02 to 2024-01-05"},
		"days before 1970":         {column("<DATE>", "19031231", "19040101"), series.Options{}, "1903-12-31 to 1904-01-01"},
		"months":                   {column("date", "202311", "202312", "202401"), series.Options{}, "2023-11-01 to 2024-01-01"},
		"months of one year":       {column("yyyymm", "202301", "202302", "202303"), series.Options{}, "2023-01-01 to 2023-03-01"},
		"weeks over a year":        {column("date", "202050", "202051", "202052", "202053", "202101"), series.Options{}, "2020-12-07 to 2021-01-04"},
		"weeks by their name":      {column("week", "202405", "202406"), series.Options{}, "2024-01-29 to 2024-02-05"},
		"weeks as asked":           {column("date", "202405", "202406"), series.Options{TimeFormat: "yyyyww"}, "2024-01-29 to 2024-02-05"},
		"years":                    {column("Year", "2019", "2020", "2021"), series.Options{}, "2019-01-01 to 2021-01-01"},
		"years as steps":           {column("date", "2019", "2020", "2021"), series.Options{}, "2019 to 2021"},
		"years as asked":           {column("date", "2019", "2020", "2021"), series.Options{TimeFormat: "year"}, "2019-01-01 to 2021-01-01"},
		"hours":                    {column("date", "2024013122", "2024013123", "2024020100"), series.Options{}, "2024-01-31 22:00:00 to 2024-02-01 00:00:00"},
		"minutes":                  {column("ds", "202401312358", "202401312359", "202402010000"), series.Options{}, "2024-01-31 23:58:00 to 2024-02-01 00:00:00"},
		"seconds":                  {column("time", "20240131235958", "20240131235959", "20240201000000"), series.Options{}, "2024-01-31 23:59:58 to 2024-02-01 00:00:00"},
		"epoch":                    {column("timestamp", "1685577600", "1685664000"), series.Options{}, "2023-06-01T00:00:00Z to 2023-06-02T00:00:00Z"},
		"epoch in milliseconds":    {column("open_time", "1706464800000", "1706464860000"), series.Options{}, "2024-01-28T18:00:00Z to 2024-01-28T18:01:00Z"},
		"epoch in microseconds":    {column("ts_date", "1706464800000001", "1706464860000000"), series.Options{}, "2024-01-28T18:00:00.000001Z to 2024-01-28T18:01:00Z"},
		"epoch in nanoseconds":     {column("datetime", "1706464800000000000", "1706464860000000000"), series.Options{}, "2024-01-28T18:00:00Z to 2024-01-28T18:01:00Z"},
		"epoch as asked":           {column("date", "0", "86400"), series.Options{TimeFormat: "epoch"}, "1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z"},
		"epoch as steps":           {column("date", "1685577600", "1685664000"), series.Options{TimeFormat: "step"}, "1685577600 to 1685664000"},
		"Excel, business days":     {column("Date", excelDays...), series.Options{}, "2023-06-01 to 2023-06-09"},
		"Excel, month ends":        {column("Datum", "45322", "45351", "45382"), series.Options{}, "2024-01-31 to 2024-03-31"},
		"Excel, first of months":   {column("month", "36526", "36557", "36586"), series.Options{}, "2000-01-01 to 2000-03-01"},
		"Excel, weeks":             {column("week", "45078", "45085", "45092"), series.Options{}, "2023-06-01 to 2023-06-15"},
		"Excel, as asked":          {column("date", "45078", "45079"), series.Options{TimeFormat: "excel"}, "2023-06-01 to 2023-06-02"},
		"Excel, times of day":      {column("date", "45293.5", "45293.75", "45294"), series.Options{TimeFormat: "excel"}, "2024-01-02 12:00:00 to 2024-01-03 00:00:00"},
		"steps":                    {column("ds", run(40, 90)...), series.Options{}, "40 to 90"},
		"many steps":               {column("time", run(25_000, 25_010)...), series.Options{}, "25000 to 25010"},
		"steps like days":          {column("ds", run(110_101, 110_110)...), series.Options{}, "110101 to 110110"},
		"steps beyond":             {column("step", "18999999", "20000000", "21000001"), series.Options{}, "18999999 to 21000001"},
		"dates and clocks":         {"<DATE>,<TIME>,<CLOSE>\n20240102,093000,1\n20240102,093500,2\n", series.Options{}, "2024-01-02 09:30:00 to 2024-01-02 09:35:00"},
		"clocks before dates":      {"Time;Date;A\n9:30 AM;1/13/2024;1\n1:00 PM;1/13/2024;2\n", series.Options{}, "2024-01-13 09:30:00 to 2024-01-13 13:00:00"},
		"dates with points":        {"date\ttime\tA\n2024.01.02\t00:05\t1\n2024.01.02\t00:10\t2\n", series.Options{}, "2024-01-02 00:05:00 to 2024-01-02 00:10:00"},
		"months of a week":         {column("Week", "2024-01", "2024-02"), series.Options{TimeFormat: "%Y-%m"}, "2024-01-01 to 2024-02-01"},
		"month first":              {column("Week", "04/30/2021", "05/07/2021", "05/14/2021"), series.Options{}, "2021-04-30 to 2021-05-14"},
		"day first":                {column("date", "01/02/2021", "02/02/2021", "13/02/2021"), series.Options{}, "2021-02-01 to 2021-02-13"},
		"day first, late":          {column("date", "1/1/2021", "2/1/2021", "31/1/2021", "1/2/2021"), series.Options{}, "2021-01-01 to 2021-02-01"},
		"day first, with hours":    {column("date", "12/01/2021 23:00", "13/01/2021 00:00"), series.Options{}, "2021-01-12 23:00:00 to 2021-01-13 00:00:00"},
		"month first, with dashes": {column("date", "12-31-2020", "01-01-2021"), series.Options{}, "2020-12-31 to 2021-01-01"},
		"month first, as asked":    {column("date", "01/02/2021", "01/03/2021"), series.Options{TimeFormat: "%m/%d/%Y"}, "2021-01-02 to 2021-01-03"},
		"day first, as asked":      {column("date", "01/02/2021", "01/03/2021"), series.Options{TimeFormat: "%d/%m/%Y"}, "2021-02-01 to 2021-03-01"},
		"day and month equal":      {column("date", "1/1/2021", "2/2/2021"), series.Options{}, "2021-01-01 to 2021-02-02"},
		"two digits as asked":      {column("date", "31.12.69", "01.01.70"), series.Options{TimeFormat: "%d.%m.%y"}, "1969-12-31 to 1970-01-01"},
		"day of the year as asked": {column("date", "2023365", "2024001"), series.Options{TimeFormat: "%Y%j"}, "2023-12-31 to 2024-01-01"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, audit := seriestest.ReadText(t, test.text, test.options)
			seriestest.Equal(t, "times", audit.From+" to "+audit.To, test.want)
		})
	}
}

// TestTimesInDoubt refuses times that can be more than one thing, and says what to do.
func TestTimesInDoubt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		options series.Options
		reason  string
	}{
		"no such day":                {column("step", "20200131", "20200132"), series.Options{}, `column "step": 20200131 is a day, but 20200132 is not: say --time-format, yyyymmdd or step`},
		"days and a step":            {column("date", "7", "20200201"), series.Options{}, "20200201 is a day, but 7 is not"},
		"no days at all":             {column("date", "20201301", "20201399"), series.Options{}, "20201301 looks like a date, but there is no such day"},
		"weeks of no year":           {column("date", "202351", "202352", "202353", "202401"), series.Options{}, "202401 may be a month or a week of a year"},
		"weeks within a year":        {column("date", "202410", "202411", "202412", "202413"), series.Options{}, "say --time-format, yyyymm, yyyyww (weeks of ISO 8601) or step"},
		"weeks from zero":            {column("date", "202352", "202400", "202401"), series.Options{}, "may be a month or a week"},
		"a week that the year lacks": {column("week", "202352", "202353"), series.Options{TimeFormat: "yyyyww"}, `line 3, column "week": 202353 is not a week of ISO 8601`},
		"days before their year":     {column("date", "9122024", "10122024", "11122024"), series.Options{}, "9122024 may be a day with its year last: say --time-format, %d%m%Y or step"},
		"months before their year":   {column("date", "12312024", "1012025"), series.Options{}, "1012025 may be a day with its year last: say --time-format, %m%d%Y or step"},
		"days of the year":           {column("date", "2024001", "2024002"), series.Options{}, "2024001 may be a day of a year: say --time-format, %Y%j or step"},
		"Excel or steps":             {column("date", "45078", "45079", "45080"), series.Options{}, "45078 may be a serial number of Excel or a step: say --time-format, excel or step"},
		"days of two digits":         {column("date", "231229", "240102", "240103"), series.Options{}, "240103 may be a day of a year of two digits: say --time-format, %y%m%d or step"},
		"such days, unnamed":         {column("X", "231229", "240102", "240103"), series.Options{}, "240103 may be a day of a year of two digits"},
		"days since 1970":            {column("date", "19478", "19479", "19482"), series.Options{}, "19478 may be a date in a form that is not read, such as days since 1970: write dates like 2024-01-31, or say --time-format step"},
		"weeks with a dash":          {column("week", "2024-01", "2024-02"), series.Options{}, `"2024-01" may be a week or a month: write weeks like 2024-W05, or say --time-format`},
		"months, unnamed":            {column("t", "202401", "202402", "202403"), series.Options{}, "202403 may be a month or a week of a year"},
		"Excel, unnamed":             {column("time", "45292", "45293", "45294", "45295", "45296", "45299"), series.Options{}, "45292 may be a serial number of Excel or a step"},
		"an epoch without a name":    {column("X", "1685577600", "1685664000"), series.Options{}, "1685577600 may be a number of seconds since 1970"},
		"an epoch of 1970":           {column("unix", "86400", "172800"), series.Options{}, "not all within the years 1990 to 2100"},
		"day or month":               {column("date", "01/02/2021", "01/03/2021"), series.Options{}, `line 2, column "date": it is not clear which number is the day, because no date of the file has a number above 12 that tells: say --time-format`},
		"both orders":                {column("date", "13/02/2021", "02/14/2021"), series.Options{}, "line 3, column \"date\": the day and the month are in another order than in line 2"},
		"dates of two forms":         {column("date", "2021-01-31", "01/02/2021"), series.Options{}, "it is not clear which number is the day, and line 2 has a date of another form"},
		"two digits":                 {column("date", "01.02.21", "02.02.21"), series.Options{}, `a year needs four digits: "01.02.21"`},
		"zones of many places":       {column("date", "2024-01-28 18:00 CET"), series.Options{}, "not a date"},
		"a pattern not kept":         {column("date", "31/12/2020", "2021-01-01"), series.Options{TimeFormat: "%d/%m/%Y"}, `line 3, column "date": not written as --time-format says: "2021-01-01"`},
		"a date for an epoch":        {column("date", "2021-01-01"), series.Options{TimeFormat: "epoch"}, `"2021-01-01" is not a number of seconds since 1970`},
		"a date for a day":           {column("date", "20210101", "20210230"), series.Options{TimeFormat: "yyyymmdd"}, "line 3, column \"date\": 20210230 is not a day like 20240131"},
		"no such format":             {column("date", "1"), series.Options{TimeFormat: "unix"}, `time_format: "unix" is neither a pattern such as %d/%m/%Y nor one of step, yyyymmdd`},
		"no such directive":          {column("date", "1"), series.Options{TimeFormat: "%Y-%Q"}, `time_format: the pattern "%Y-%Q" has %Q`},
		"no year":                    {column("date", "1"), series.Options{TimeFormat: "%d/%m"}, "has no year"},
		"a step too far":             {column("step", "1", "9007199254740993"), series.Options{}, "line 3, column \"step\": 9007199254740993 is beyond 2^53"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := csv.Read([]byte(test.text), test.options)
			if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got error %v, want one that says %q", err, test.reason)
			}
		})
	}
}

// TestCertainTimesAreSaid looks for what numbers were taken for.
func TestCertainTimesAreSaid(t *testing.T) {
	t.Parallel()
	_, audit := seriestest.ReadText(t, column("ds", "20240102", "20240103"), series.Options{})
	seriestest.Equal(t, "notes", audit.Notes, []string{`the numbers of column "ds" are read as times, each as a day like 20240131`})
	_, audit = seriestest.ReadText(t, column("ds", "1", "2"), series.Options{})
	seriestest.Equal(t, "notes of steps", audit.Notes, nil)
}
