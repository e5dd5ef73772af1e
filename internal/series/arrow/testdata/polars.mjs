// Writes the files polars-*: npm install nodejs-polars@0.26.1, then node polars.mjs.
import { writeFileSync } from 'node:fs';
import pl from 'nodejs-polars';

// Rows k = 0 .. n-1 on the days from 2024-01-01: name A below n/2 and B from there; y = k*k/4, null where k%3 = 1; z = k%4.
const rows = n => {
  const k = [...Array(n).keys()];
  return pl.DataFrame({
    unique_id: k.map(i => i < n / 2 ? 'A' : 'B'),
    ds: pl.Series('ds', k.map(i => new Date(Date.UTC(2024, 0, 1 + i))), pl.Datetime('ms')),
    y: pl.Series('y', k.map(i => i % 3 === 1 ? null : i * i / 4), pl.Float64),
    z: pl.Series('z', k.map(i => i % 4), pl.Float32),
    big: pl.Series('big', k.map(i => i * 1000003), pl.Int64),
  });
};
for (const compression of ['uncompressed', 'lz4', 'zstd']) {
  rows(100).writeIPC(`polars-${compression}.arrow`, { compression });
  writeFileSync(`polars-${compression}.arrows`, rows(100).writeIPCStream({ compression }));
}
// Names as categories, and unsigned numbers; the stream has the schema and the dictionary before the records.
const frame = pl.DataFrame({
  unique_id: pl.Series('unique_id', ['B', 'A', 'B', 'A'], pl.Utf8).cast(pl.Categorical),
  ds: pl.Series('ds', [0, 0, 1, 1].map(i => new Date(Date.UTC(2024, 0, 1 + i))), pl.Date),
  u32: pl.Series('u32', [4294967295, 0, 3000000000, 1], pl.UInt32),
  u64: pl.Series('u64', [18446744073709551615n, 0n, 9007199254740993n, 1n], pl.UInt64),
  i8: pl.Series('i8', [-128, null, 127, 1], pl.Int8),
});
frame.writeIPC('polars-types.arrow', { compression: 'uncompressed' });
writeFileSync('polars-types.arrows', frame.writeIPCStream({ compression: 'uncompressed' }));
// Hours of New York around the end of summer time, instants of 05:00Z to 08:00Z.
pl.DataFrame({
  ds: pl.Series('ds', [5, 6, 7, 8].map(h => new Date(Date.UTC(2024, 10, 3, h))), pl.Datetime('us')),
  y: [1, 2, 3, 4],
}).withColumn(pl.col('ds').cast(pl.Datetime('us', 'America/New_York'))).writeIPC('polars-zone.arrow', { compression: 'uncompressed' });
