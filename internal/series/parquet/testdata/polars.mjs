// Writes the files polars-*.parquet: npm install nodejs-polars@0.26.1, then node polars.mjs.
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
for (const compression of ['uncompressed', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'])
  rows(100).writeParquet(`polars-${compression}.parquet`, { compression });

// A column without any value, and unsigned numbers.
pl.DataFrame({
  ds: pl.Series('ds', [0, 1, 2].map(i => new Date(Date.UTC(2024, 0, 1 + i))), pl.Date),
  nothing: pl.Series('nothing', [null, null, null], pl.Float64),
  u32: pl.Series('u32', [4294967295, 0, 3000000000], pl.UInt32),
  u64: pl.Series('u64', [18446744073709551615n, 0n, 1n], pl.UInt64),
  i8: pl.Series('i8', [-128, null, 127], pl.Int8),
}).writeParquet('polars-types.parquet', { compression: 'zstd' });

// Hours of New York around the end of summer time, instants of 05:00Z to 08:00Z; the zone stands in ARROW:schema.
pl.DataFrame({
  ds: pl.Series('ds', [5, 6, 7, 8].map(h => new Date(Date.UTC(2024, 10, 3, h))), pl.Datetime('us')),
  y: [1, 2, 3, 4],
}).withColumn(pl.col('ds').cast(pl.Datetime('us', 'America/New_York'))).writeParquet('polars-zone.parquet', { compression: 'uncompressed' });
