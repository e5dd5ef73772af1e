// Writes the files arrowjs-*: npm install apache-arrow@21.2.0, then node arrowjs.mjs.
import { writeFileSync } from 'node:fs';
import * as a from 'apache-arrow';

const save = (name, columns) => {
  const table = new a.Table(columns);
  writeFileSync(`arrowjs-${name}.arrow`, a.tableToIPC(table, 'file'));
  writeFileSync(`arrowjs-${name}.arrows`, a.tableToIPC(table, 'stream'));
};
const of = (type, values) => a.vectorFromArray(values, type);
const day = k => new Date(Date.UTC(2024, 0, 1 + k));

// Every type that can be a value, with a null in the middle; names from a dictionary.
save('types', {
  unique_id: of(new a.Dictionary(new a.Utf8(), new a.Int8()), ['A', 'A', 'A']),
  ds: of(new a.DateDay(), [day(0), day(1), day(2)]),
  f16: of(new a.Float16(), [1.5, null, -0.25]),
  f32: of(new a.Float32(), [1.5, null, -0.25]),
  i8: of(new a.Int8(), [-128, null, 127]),
  u8: of(new a.Uint8(), [255, null, 0]),
  i16: of(new a.Int16(), [-32768, null, 1]),
  u16: of(new a.Uint16(), [65535, null, 1]),
  i32: of(new a.Int32(), [-2147483648, null, 1]),
  u32: of(new a.Uint32(), [4294967295, null, 1]),
  i64: of(new a.Int64(), [-9007199254740993n, null, 1n]),
  u64: of(new a.Uint64(), [18446744073709551615n, null, 1n]),
  rates: of(new a.Dictionary(new a.Float64(), new a.Int16()), [0.5, null, 2.25]),
  none: of(new a.Null(), [null, null, null]),
  flag: of(new a.Bool(), [true, null, false]),
  text: of(new a.Utf8(), ['x', null, 'y']),
  clock: of(new a.TimeMillisecond(), [1, null, 2]),
  list: of(new a.List(a.Field.new('item', new a.Float64(), true)), [[1], null, [2]]),
  parts: of(new a.Struct([a.Field.new('a', new a.Float64(), true)]), [{ a: 1 }, null, { a: 2 }]),
  at_s: of(new a.TimestampSecond(), [day(0), day(1), day(2)]),
  at_ms: of(new a.TimestampMillisecond('Asia/Tokyo'), [day(0), day(1), day(2)]),
  at_us: of(new a.TimestampMicrosecond('UTC'), [day(0), day(1), day(2)]),
  at_ns: of(new a.TimestampNanosecond(), [day(0), day(1), day(2)]),
  at_date: of(new a.DateMillisecond(), [day(0), day(1), day(2)]),
  at_text: of(new a.Dictionary(new a.Utf8(), new a.Int32()), ['2024-01-01', '2024-01-02', '2024-01-03']),
});
