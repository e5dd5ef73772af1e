// Package parquet reads and writes tables of series as Parquet files. The library is imported as parquetgo throughout.
//
// # What is read
//
// Values are integers of 8 to 64 bits with a sign and without, FLOAT16, FLOAT, DOUBLE, and DECIMAL in integers or bytes; each is
// the nearest float64. Times are DATE, TIMESTAMP of any unit, INT96, integers and text. Names are text, integers and UUIDs.
// All encodings of the format are read, but for levels in BIT_PACKED, and all compressions but LZO. The index of a pandas data
// frame is known by its metadata, the zone of a column by those or by Arrow's schema in ARROW:schema. A column of another type
// can be left out; otherwise the file is refused, with the column, its type and what to do.
//
// # Damage
//
// A file that [Write] wrote carries a [Seal], a checksum of all its bytes: [Read] refuses the file when any of them has
// changed. A file of another program has checksums of the contents of its pages if that program wrote them (pyarrow does
// when write_page_checksum is set); they are compared wherever they are. The format has none for the headers of pages and
// for the footer, which name the types, units, encodings and places of the values. Damage there is refused when it
// contradicts the rest of the file, and cannot be noticed when it does not.
package parquet
