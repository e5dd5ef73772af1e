package series

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Options change how a file is read. The zero value takes the usual column names and infers the frequency, and refuses what
// can be read in more than one way.
type Options struct {
	// ID, Time and Value name the columns of the assets, of the times and of the values in place of the usual names. Case does
	// not matter, nor does the spelling of a column of prices: see [PriceColumn]. Without a column of assets, Value is the only
	// column of a wide file that is read.
	ID, Time, Value string
	// Freq is the frequency that the times have, for where they do not show it. Times that contradict it are refused.
	Freq Freq
	// Timezone is the zone of times that have none, and the zone in which instants are told, by its name in the IANA database
	// or its offset from UTC: Europe/Berlin, +09:00. Of a local time that the zone's clocks show twice in autumn, the first row
	// in the order of time has the earlier instant.
	Timezone string
	// AssetName is the name of the asset, for a file that has one asset and does not name it.
	AssetName string
	// Columns names the columns of values to read, and Drop columns that are left out. A name may have the wildcards of
	// [path.Match]. Case does not matter.
	Columns, Drop []string
	// X names the columns that are known in advance, such as prices and promotions. They are no values, and are read each on its
	// own. The rows after the last value of an asset have their future values, and are not missing.
	X []string
	// NumberRows numbers the rows from 1 in place of a column of times; in a long file, the rows of each asset.
	NumberRows bool
	// Decimal is the mark before the decimals of numbers in text, "." or ",". Thousands is the mark between thousands: ".",
	// ",", "'", " " for any kind of space, or "none". Empty leaves both to the numbers of the file.
	Decimal, Thousands string
	// TimeFormat says how the column of times is written: one of [TimeFormats], or a pattern of strftime such as %d/%m/%Y.
	TimeFormat string
	// Duplicates is the policy for rows that repeat the asset and the time of an earlier row: one of [DuplicateRules]. Empty
	// is fail.
	Duplicates string
	// Records says that the rows are records, which findings call so in place of lines. It is for readers.
	Records bool
	// Onto is the table that the rows of the file are appended to, or nil.
	Onto *Onto
	// Budget bounds the memory and the time of the reading. It is nil for a file that the program reads for itself.
	Budget *Budget
}

// unit is the word for what the lines of findings count.
func (o Options) unit() string {
	if o.Records {
		return Record
	}
	return "line"
}

// maxX is how many columns may be known in advance.
const maxX = 32

// DuplicateRules are the values of [Options.Duplicates].
func DuplicateRules() []string { return []string{"fail", "first", "last", "mean", "sum"} }

// check returns the error for an option that has no meaning.
func (o Options) check() error {
	switch {
	case !o.Freq.Valid():
		return o.Freq.Check()
	case o.NumberRows && o.Time != "":
		return &FieldError{"number_rows", "the rows are numbered where there is no column of times, and " + strconv.Quote(o.Time) + " is named as one"}
	case o.NumberRows && o.Onto != nil:
		return &FieldError{"number_rows", "appended rows need times that go on from those of the dataset"}
	case o.NumberRows && o.TimeFormat != "":
		return &FieldError{"number_rows", "numbered rows have no format of times"}
	case len(o.X) > maxX:
		return &FieldError{"x", fmt.Sprintf("may name at most %d columns, names %d", maxX, len(o.X))}
	case slices.ContainsFunc(o.X, func(name string) bool { return nameFault(name) != "" }):
		return &FieldError{"x", "a name of a column must be text without control characters, and not empty"}
	case o.AssetName != "" && nameFault(o.AssetName) != "":
		return &FieldError{"asset_name", nameFault(o.AssetName)}
	case o.Duplicates != "" && !slices.Contains(DuplicateRules(), o.Duplicates):
		return &FieldError{"duplicates", strconv.Quote(o.Duplicates) + " is not one of " + strings.Join(DuplicateRules(), ", ")}
	}
	if err := o.checkTimeFormat(); err != nil {
		return err
	}
	return o.checkMarks()
}

// CheckStored returns the error for an option that does not apply to a file in the stored form: it has series, and no longer
// the columns and texts that the option is about.
func (o Options) CheckStored() error {
	for _, f := range []struct {
		field string
		set   bool
	}{
		{"id", o.ID != ""}, {"time", o.Time != ""}, {"value", o.Value != ""}, {"asset_name", o.AssetName != ""}, {"columns", len(o.Columns) > 0},
		{"drop", len(o.Drop) > 0}, {"number_rows", o.NumberRows}, {"decimal", o.Decimal != ""}, {"thousands", o.Thousands != ""},
		{"time_format", o.TimeFormat != ""}, {"duplicates", o.Duplicates != ""},
	} {
		if f.set {
			return &FieldError{f.field, "the file is in the stored form, which has been read already: give the option where it is made"}
		}
	}
	if len(o.X) > 0 {
		return &FieldError{"x", "the file is in the stored form, which has the values alone: give the file that it was made from"}
	}
	return nil
}

// checkMarks returns the error for a mark in numbers that cannot be one.
func (o Options) checkMarks() error {
	switch {
	case !slices.Contains([]string{"", ".", ","}, o.Decimal):
		return &FieldError{"decimal", strconv.Quote(o.Decimal) + ` is neither "." nor ","`}
	case !slices.Contains([]string{"", ".", ",", "'", " ", "none"}, o.Thousands):
		return &FieldError{"thousands", strconv.Quote(o.Thousands) + ` is not one of ".", ",", "'", " " and "none"`}
	case o.Thousands != "" && o.Thousands == o.Decimal:
		return &FieldError{"thousands", strconv.Quote(o.Thousands) + " is already the decimal mark"}
	}
	return nil
}
