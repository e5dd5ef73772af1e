// Package parquet reads and writes tables of series as Parquet files. The library is imported as parquetgo throughout.
//
// # Damage
//
// A file that [Write] wrote carries a [Seal], a checksum of all its bytes: [Read] refuses the file when any of them has
// changed. A file of another program has checksums of the contents of its pages if that program wrote them (pyarrow does
// when write_page_checksum is set); they are compared wherever they are. The format has none for the headers of pages and
// for the footer, which name the types, units, encodings and places of the values. Damage there is refused when it
// contradicts the rest of the file, and cannot be noticed when it does not.
package parquet
