package series

import (
	"fmt"
	"strings"
	"time"

	"foliocast/internal/series/timetext"
)

// Builder makes a table from the rows that a format reader finds. The reader tells it the names of the columns and learns
// what they are from the [Layout]. Then it adds all rows:
//
//   - of the long form one by one, with [Builder.Asset] and [Builder.Add];
//   - of the wide form first their times, with [Builder.AddTime], then the values of each column, with [Builder.SetValues].
//
// Rows that cannot be read go to [Builder.Unreadable] and reject the file. At the end the reader calls [Builder.Table],
// once.
type Builder struct {
	Layout
	// Kind is how the file counts time. The reader sets it when the type of the column says so; for times in text,
	// [Builder.ParseTime] sets it.
	Kind Kind
	// Midnights says that the times are timestamps without a zone. If all of them are midnight they become dates, for
	// which programs without a type for dates write such timestamps.
	Midnights bool
	// Dialect goes into the audit.
	Dialect string

	options Options
	source  source
	rows    *longRows
	times   []int64 // of a wide file
	counts  []int64 // the rows of each asset, where there is no column of times
	first   int64   // the line of the text that set the kind, or 0
	zone    *time.Location
	offsets zoneFinder
	text    textTimes
	rounded map[int]int64 // how many values of a column are not those of the file
	paid    int           // for how many assets the budget has been asked
	rowsIn  int64         // for how many rows
	steps   uint          // calls of Err
	failed  error         // see [Builder.Err]
}

// NewBuilder makes a builder for a file with the columns. It returns a [RejectError] for columns that do not make a
// table, and a [FieldError] for options that do not fit the file.
func NewBuilder(columns []Column, o Options) (*Builder, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, Reject("the file has no columns")
	}
	if err := checkColumns(len(columns), o.Budget); err != nil {
		return nil, err
	}
	l, err := newLayout(columns, o)
	if err != nil {
		return nil, err
	}
	b := &Builder{Layout: l, options: o, source: source{audit: &Audit{Notes: l.notes, Column: l.column, Columns: l.prices}, long: l.Long, ahead: len(o.X) > 0, unit: o.unit()}}
	if strings.Contains(o.TimeFormat, "%") {
		b.text.pattern, _ = timetext.Compile(o.TimeFormat)
	} else {
		b.text.form = o.TimeFormat
	}
	b.text.weeks = l.Time >= 0 && b.called(weekNames...)
	b.Midnights = o.TimeFormat == "excel"
	if l.Long {
		b.rows = newLongRows()
	}
	return b, nil
}

// Grow makes room for the given number of further rows. Of a wide file, the budget counts the values of the rows as well, which
// the reader may allocate afterwards. The errors are those of [Budget.Hold], and a [RejectError] for too many rows or cells.
func (b *Builder) Grow(rows int) error {
	n := int64(rows)
	if b.rowsIn += n; b.rowsIn > MaxRows {
		return Reject("the file has %d rows or more, and may have %d", b.rowsIn, int64(MaxRows))
	}
	if b.Long {
		if err := b.options.Budget.Hold(n * longRow); err != nil {
			return err
		}
		b.rows.grow(rows)
		return nil
	}
	columns := int64(len(b.Assets)) + 1
	if b.rowsIn*columns > MaxCells {
		return Reject("the file has %d rows or more of %d columns, and may have %d cells", b.rowsIn, columns, int64(MaxCells))
	}
	if err := b.options.Budget.Hold(n * columns * wideCell); err != nil {
		return err
	}
	b.times = grown(b.times, rows)
	return nil
}

// Err is the error that ends the reading: the context of the budget has ended, or its memory. A reader asks for it before each
// row, and [Builder.Table] returns it, too.
func (b *Builder) Err() error {
	if b.steps++; b.steps%4096 == 0 && b.failed == nil {
		b.failed = b.options.Budget.Err()
	}
	return b.failed
}

// Asset returns the number of an asset. A new name gets a new number, and the next row must be of that asset. For a text that
// cannot be a name, Asset returns the reason.
func (b *Builder) Asset(name []byte) (int32, string) {
	i, reason := b.rows.asset(name)
	if n := len(b.rows.names); n > b.paid && b.failed == nil {
		const some = 1024
		b.paid += some
		b.failed = b.options.Budget.Hold(some * perAsset)
	}
	return i, reason
}

// Add adds a row of a long file: an asset by its number, a time in the unit of the kind, and a value, NaN where it is
// missing. Line is the row's line, or its number from 1 in a format without lines. If the file has no column of times, the
// time is ignored.
func (b *Builder) Add(line int64, asset int32, at int64, value float64) {
	b.source.lines.add(len(b.rows.values), line)
	if b.Time < 0 {
		at = b.numberOf(asset)
	}
	if b.rows.mixes(asset) && b.failed == nil {
		b.failed = b.options.Budget.Hold(b.rowsIn * mixedRow)
	}
	b.rows.add(asset, at, value)
}

// AddTime adds a row of a wide file by its line and its time, as in [Builder.Add].
func (b *Builder) AddTime(line, at int64) {
	b.source.lines.add(len(b.times), line)
	if b.Time < 0 {
		at = int64(len(b.times)) + 1
	}
	b.times = append(b.times, at)
}

// SetValues sets the values of a column of a wide file, one for each time that was added, NaN where it is missing. The
// columns are set in the order of [Layout.Assets]. The slice becomes the table's.
func (b *Builder) SetValues(values []float64) {
	if len(values) != len(b.times) {
		panic(fmt.Sprintf("series: %d values for %d times", len(values), len(b.times)))
	}
	name := b.names[len(b.source.columns)]
	b.source.columns = append(b.source.columns, column{name: name, times: b.times, values: values})
}

// ParseTime reads a time in text. The first one sets the kind, and the others must be of the same kind. For any other text,
// ParseTime returns the reason why it is wrong.
func (b *Builder) ParseTime(line int64, text []byte) (int64, string) {
	t, reason := b.text.parse(line, text)
	if reason != "" {
		return 0, reason
	}
	if b.first == 0 {
		b.first, b.Kind = line, t.Kind
	}
	if t.Kind != b.Kind {
		return 0, b.otherKind(t.Kind, text)
	}
	if t.Kind == Instant {
		b.offsets.see(t.N, t.Zone)
	}
	return t.N, ""
}

// otherKind is the reason why a time of another kind than the first is wrong.
func (b *Builder) otherKind(k Kind, text []byte) string {
	return fmt.Sprintf("%s is %s, and %s %d has %s", Quote(string(text)), k.withArticle(), b.options.unit(), b.first, b.Kind.withArticle())
}

// Unreadable reports a row that cannot be read because of the given column, or as a whole when column is -1.
func (b *Builder) Unreadable(line int64, column int, reason string) {
	at := Finding{Line: line, Reason: reason}
	if column >= 0 {
		at.Column = b.Columns[column]
	}
	b.source.audit.Unreadable.add(at)
}

// Rejected reports whether rows were unreadable, so that there will be no table.
func (b *Builder) Rejected() bool { return b.source.audit.Unreadable.Count > 0 }

// Table makes the table and its audit. It returns a [RejectError], with the audit, for a file with rows that are unreadable
// or duplicate, or without any value.
func (b *Builder) Table() (*Table, *Audit, error) {
	b.source.kind, b.source.rows = b.Kind, int64(len(b.times))
	b.source.audit.Dialect = b.Dialect
	if b.failed == nil {
		b.failed = b.options.Budget.Err()
	}
	if b.failed != nil {
		return nil, nil, b.failed
	}
	if b.Long {
		b.source.rows = int64(len(b.rows.values))
		b.source.columns = b.rows.columns()
	}
	if err := b.settle(); err != nil && !b.Rejected() {
		return nil, nil, err
	}
	switch {
	case b.source.rows > MaxRows:
		return nil, nil, Reject("the file has %d rows, and may have %d", b.source.rows, int64(MaxRows))
	case b.source.rows == 0 && !b.Rejected():
		return nil, nil, Reject("the file has no rows")
	}
	b.noteRounded()
	if b.Midnights && b.options.Timezone == "" && (b.options.Onto == nil || b.options.Onto.Table.kind == Date) {
		b.source.dropMidnights()
	}
	if err := b.setZone(); err != nil {
		return nil, nil, err
	}
	if err := b.options.Budget.Hold(b.source.toAssemble()); err != nil {
		return nil, nil, err
	}
	return assemble(&b.source, b.options)
}

// numberOf counts the rows of an asset.
func (b *Builder) numberOf(asset int32) int64 {
	for len(b.counts) <= int(asset) {
		b.counts = append(b.counts, 0)
	}
	b.counts[asset]++
	return b.counts[asset]
}

// settle decides what only all rows together show: what the times mean, and which columns are not assets.
func (b *Builder) settle() error {
	if !b.Long {
		if err := b.dropRowNumbers(); err != nil {
			return err
		}
	}
	if b.Time >= 0 {
		b.settleOrders()
	}
	if b.options.TimeFormat != "" && b.Kind != Step && b.first == 0 && b.source.rows > 0 {
		return &FieldError{"time_format", fmt.Sprintf("column %q has a type of times, which leaves nothing open", b.Columns[b.Time])}
	}
	if b.Kind == Step && b.Time >= 0 && !b.Rejected() && len(b.source.columns) > 0 {
		if err := b.settleIntegers(); err != nil {
			return err
		}
	}
	if b.zone == nil {
		b.zone = b.text.zone
	}
	if b.Long {
		return b.checkIDs()
	}
	return b.checkGuess()
}

// dropMidnights turns times into dates if all of them are midnight.
func (s *source) dropMidnights() {
	for i, c := range s.columns {
		if i > 0 && sameSlice(c.times, s.columns[i-1].times) {
			continue
		}
		for _, t := range c.times {
			if t%microsPerDay != 0 {
				return
			}
		}
	}
	s.kind = Date
	var read, days []int64
	for i := range s.columns {
		c := &s.columns[i]
		if read == nil || !sameSlice(c.times, read) {
			read, days = c.times, make([]int64, len(c.times))
			for k, t := range read {
				days[k] = t / microsPerDay
			}
		}
		c.times = days
	}
}
