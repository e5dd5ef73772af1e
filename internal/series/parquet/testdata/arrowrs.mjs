// Writes the files arrowrs-*.parquet: npm install apache-arrow@21.2.0 parquet-wasm@0.8.0, then node arrowrs.mjs.
import { writeFileSync } from 'node:fs';
import * as a from 'apache-arrow';
import * as pw from 'parquet-wasm/node';

// Rows k = 0 .. 99 on the days from 2024-01-01: name A below 50 and B from there; y = k*k/4, null where k%3 = 1; z = k%4.
const k = [...Array(100).keys()];
const table = new a.Table({
  unique_id: a.vectorFromArray(k.map(i => i < 50 ? 'A' : 'B'), new a.Dictionary(new a.Utf8(), new a.Int8())),
  ds: a.vectorFromArray(k.map(i => new Date(Date.UTC(2024, 0, 1 + i))), new a.DateDay()),
  y: a.vectorFromArray(k.map(i => i % 3 === 1 ? null : i * i / 4), new a.Float64()),
  z: a.vectorFromArray(k.map(i => i % 4), new a.Float16()),
  big: a.vectorFromArray(k.map(i => i * 1000003), new a.Int32()),
});
const save = (name, properties) =>
  writeFileSync(`arrowrs-${name}.parquet`, pw.writeParquet(pw.Table.fromIPCStream(a.tableToIPC(table, 'stream')), properties.build()));

save('lz4', new pw.WriterPropertiesBuilder().setCompression(pw.Compression.LZ4)); // the codec of Hadoop, not LZ4_RAW
save('deltas', new pw.WriterPropertiesBuilder().setWriterVersion(pw.WriterVersion.V2).setCompression(pw.Compression.ZSTD).setDictionaryEnabled(false)
  .setColumnEncoding('unique_id', pw.Encoding.DELTA_BYTE_ARRAY).setColumnEncoding('ds', pw.Encoding.DELTA_BINARY_PACKED)
  .setColumnEncoding('y', pw.Encoding.BYTE_STREAM_SPLIT).setColumnEncoding('big', pw.Encoding.DELTA_BINARY_PACKED));
