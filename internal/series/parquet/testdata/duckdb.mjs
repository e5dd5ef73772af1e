// Writes the files duckdb-*.parquet: npm install @duckdb/node-api@1.5.6-r.1, then node duckdb.mjs.
import { DuckDBInstance } from '@duckdb/node-api';

const db = await (await DuckDBInstance.create()).connect();
const copy = (query, name, options) => db.run(`COPY (${query}) TO 'duckdb-${name}.parquet' (FORMAT parquet${options ? ', ' + options : ''})`);

// Three rows of every type, with a null in the middle of most.
await copy(`SELECT * FROM (VALUES
  ('A', DATE '2024-01-01', 1::TINYINT, 255::UTINYINT, -2::SMALLINT, 65535::USMALLINT, -3::INTEGER, 3000000000::UINTEGER,
   -9007199254740993::BIGINT, 18446744073709551615::UBIGINT, 1.5::FLOAT, 2.5::DOUBLE,
   -12.3::DECIMAL(4,1), 1234567.89::DECIMAL(9,2), 90071992547409.93::DECIMAL(18,2), -1234567890123456789012345678.9012::DECIMAL(38,4),
   true, TIME '09:30:00', TIMESTAMP_S '2024-01-01 09:30:00', TIMESTAMP_MS '2024-01-01 09:30:00.5', TIMESTAMP '2024-01-01 09:30:00.123456',
   TIMESTAMP_NS '2024-01-01 09:30:00.123456789', TIMESTAMPTZ '2024-01-01 09:30:00+09:00', '2024-01-01', [1.0, 2.0], {'a': 1}, 'x'::BLOB, INTERVAL 1 DAY,
   UUID '00000000-0000-0000-0000-000000000001'),
  ('A', DATE '2024-01-02', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, TIMESTAMP_S '2024-01-01 10:30:00', TIMESTAMP_MS '2024-01-01 10:30:00.5', TIMESTAMP '2024-01-01 10:30:00.123456',
   TIMESTAMP_NS '2024-01-01 10:30:00.123456789', TIMESTAMPTZ '2024-01-01 10:30:00+09:00', '2024-01-02', NULL, NULL, NULL, NULL, NULL),
  ('A', DATE '2024-01-03', -128, 0, 32767, 1, 2147483647, 4294967295,
   9223372036854775807, 1, -0.25, 1e300,
   0.1, -0.01, 0.03, 0.0001,
   false, TIME '16:00:00', TIMESTAMP_S '2024-01-01 11:30:00', TIMESTAMP_MS '2024-01-01 11:30:00.5', TIMESTAMP '2024-01-01 11:30:00.123456',
   TIMESTAMP_NS '2024-01-01 11:30:00.123456789', TIMESTAMPTZ '2024-01-01 11:30:00+09:00', '2024-01-03', [3.0], {'a': 2}, 'y'::BLOB, INTERVAL 2 DAY,
   UUID '00000000-0000-0000-0000-000000000002'))
  t(unique_id, ds, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, dec4, dec9, dec18, dec38,
    flag, clock, at_s, at_ms, at_us, at_ns, at_tz, day, list, struct, blob, length, key)`, 'types');

// Names of three types.
await copy(`SELECT DATE '2024-01-01' AS ds, * FROM (VALUES
  (18446744073709551615::UBIGINT, 3000000000::UINTEGER, UUID '00112233-4455-6677-8899-aabbccddeeff', 1.0::DOUBLE),
  (9007199254740993, 1, UUID 'ffffffff-ffff-ffff-ffff-ffffffffffff', 2.0)) t(u64, u32, key, y)`, 'names');

// Rows k = 0 .. n-1 on the days from 2024-01-01: name A below n/2 and B from there; y = k*k/4, null where k%3 = 1; z = k%4.
const rows = n => `SELECT CASE WHEN k < ${n}/2 THEN 'A' ELSE 'B' END AS unique_id, DATE '2024-01-01' + k::INTEGER AS ds,
  CASE WHEN k % 3 = 1 THEN NULL ELSE k*k/4 END AS y, (k % 4)::FLOAT AS z, k*1000003 AS big FROM range(${n}) t(k)`;
for (const codec of ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw']) await copy(rows(100), codec, `CODEC ${codec}`);
for (const n of [1, 2, 8, 255, 257]) await copy(rows(n), `rows${n}`);
for (const n of [3, 600]) await copy(rows(n), `v2-rows${n}`, `PARQUET_VERSION v2`);

// Deltas of more than 32 bits between numbers of 32 bits: row k has -2^31 or 2^31-1-k, and k or 2^32-1-k; none where k%5 = 4.
await copy(`SELECT DATE '2024-01-01' + k::INTEGER AS ds, CASE WHEN k % 5 = 4 THEN NULL WHEN k % 2 = 0 THEN -2147483648 ELSE 2147483647 - k END::INTEGER AS i32,
  CASE WHEN k % 5 = 4 THEN NULL WHEN k % 2 = 0 THEN k ELSE 4294967295 - k END::UINTEGER AS u32 FROM range(300) t(k)`, 'deltas', `PARQUET_VERSION v2`);
