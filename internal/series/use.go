package series

// Use is what a reader reads a column for.
type Use string

// The uses of columns, with what to do when the type of the column does not fit.
const (
	AsValue Use = "a value: convert it to numbers, or leave it out with --drop"
	AsWords Use = "a value: convert it to numbers, or leave it out with --drop; if it names the assets, say so with --id-column"
	AsTime  Use = "a time: convert it to dates, timestamps or text, or say with --time-column which column has the times"
	AsName  Use = "the name of an asset: convert it to text or integers, or say with --id-column which column names the assets"
)

// Misfit is the error for a column whose type, in the words of its format, does not fit its use.
func (u Use) Misfit(column, typ string) *RejectError {
	return Reject("column %q: type %s cannot be %s", column, typ, string(u))
}
