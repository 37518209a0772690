import {
  type AsyncBuffer,
  type ColumnMetaData,
  type DecodedArray,
  type FileMetaData,
  type PageHeader,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from "hyparquet";
import { assembleLists, assembleNested } from "hyparquet/src/assemble.js";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { getMaxDefinitionLevel, getTreePath, isFlatColumn } from "hyparquet/src/schema.js";
import { compressors } from "hyparquet-compressors";

/** Rows put together at a time: enough to keep the decoder busy, few enough to hold beside a vector column. */
const rowsAtOnce = 1024;

/** Whether a leaf column is read, by the names from the top-level column to the leaf. */
type WantsColumn = (path: readonly string[]) => boolean;

/** The rows of a Parquet file as objects; every column chunk is read page by page, whatever the size of a row group. */
export async function* parquetRows(
  file: AsyncBuffer,
  metadata: FileMetaData,
  wants: WantsColumn,
): AsyncGenerator<Record<string, unknown>[]> {
  const schema = parquetSchema(metadata);
  const wanted = prune(schema, wants);
  for (const group of metadata.row_groups) yield* groupRows(file, { schema, wanted, group });
}

async function* groupRows(
  file: AsyncBuffer,
  { schema, wanted, group }: { schema: SchemaTree; wanted: SchemaTree; group: RowGroup },
): AsyncGenerator<Record<string, unknown>[]> {
  const paths = new Set(leavesOf(wanted).map((path) => path.join(".")));
  const chunks = group.columns.flatMap(({ meta_data }): ColumnMetaData[] => (meta_data ? [meta_data] : []));
  const columns = chunks
    .filter(({ path_in_schema }) => paths.has(path_in_schema.join(".")))
    .map((chunk) => openColumn(file, schema, chunk));
  for (let left = Number(group.num_rows); left > 0; left -= rowsAtOnce) {
    const count = Math.min(rowsAtOnce, left);
    const leaves = new Map<string, DecodedArray>();
    for (const { path, take } of columns) {
      const values = await take(count);
      if (values.length < count) throw new Error(`column ${path} ends before its row group does`);
      leaves.set(path, values);
    }
    yield toRows(wanted, leaves, count);
  }
}

function toRows({ children }: SchemaTree, leaves: Map<string, DecodedArray>, count: number): Record<string, unknown>[] {
  const rows = Array.from({ length: count }, (): Record<string, unknown> => ({}));
  for (const column of children) {
    const { name } = column.element;
    if (column.children.length > 0) assembleNested(leaves, column, DEFAULT_PARSERS);
    const values = leaves.get(name);
    if (!values) throw new Error(`column ${name} has no data`);
    for (let i = 0; i < count; i++) rows[i]![name] = values[i];
  }
  return rows;
}

/** The schema without the leaves that are not wanted. A repeated group stays whole, since its shape tells what kind of list it is. */
function prune(tree: SchemaTree, wants: WantsColumn): SchemaTree {
  if (tree.element.repetition_type === "REPEATED" && tree.children.length > 1) return tree;
  const children = tree.children
    .map((child) => prune(child, wants))
    .filter((child) => leavesOf(child).some((path) => wants(path)));
  return { ...tree, children };
}

function leavesOf(tree: SchemaTree): string[][] {
  if (tree.children.length > 0) return tree.children.flatMap(leavesOf);
  // A group without any leaf left is left out too.
  return tree.element.num_children ? [] : [tree.path];
}

/** Bytes read at a page's place: enough for the header, and for the whole page where it is small. */
const headBytes = 1 << 16;
/** Values of a page put into rows at a time: a page may hold a million, whose lists would take 100 bytes each. */
const valuesAtOnce = 8192;

/** The values of one leaf column of one row group, in row order. */
interface ColumnRows {
  /** Names from the top-level column to the leaf, joined by dots. */
  path: string;
  /** The next `count` rows, as nested lists; fewer at the end. */
  take(count: number): Promise<unknown[]>;
}

/** A decoded page of which the values before `entry` and `value` are in rows already. */
interface Page {
  definitionLevels: number[];
  repetitionLevels: number[];
  values: DecodedArray;
  entries: number;
  entry: number;
  value: number;
}

/** Reads one column chunk page by page, so that a chunk of any size takes the memory of a page. */
function openColumn(file: AsyncBuffer, schema: SchemaTree, metadata: ColumnMetaData): ColumnRows {
  const schemaPath = getTreePath(schema, metadata.path_in_schema);
  const decoder = {
    ...metadata,
    pathInSchema: metadata.path_in_schema,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    parsers: DEFAULT_PARSERS,
    compressors,
  };
  const deepest = getMaxDefinitionLevel(schemaPath);
  const isFlat = isFlatColumn(schemaPath);
  const { start, end } = rangeOf(metadata);
  let position = start;
  let dictionary: DecodedArray | undefined;
  let page: Page | undefined;
  // The last row of a nested column may go on in the next page, so it is held back until the chunk ends.
  let rows: unknown[] = [];

  async function nextPage(): Promise<Page | undefined> {
    while (position < end) {
      const { header, body, next } = await readPageBytes(file, position, end);
      position = next;
      if (header.type === "DICTIONARY_PAGE") {
        const reader = { view: new DataView(body.buffer, body.byteOffset, body.byteLength), offset: 0 };
        const { data = [] } = readPage(reader, header, decoder, undefined, undefined, 0);
        dictionary = convert(data, decoder);
      } else if (header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2") return decodePage(header, body);
    }
    return undefined;
  }
  function decodePage(header: PageHeader, body: Uint8Array): Page {
    const first = header.data_page_header;
    const { encoding, num_values } = (first ?? header.data_page_header_v2)!;
    const { definitionLevels, repetitionLevels, dataPage } = first
      ? readDataPage(
          decompressPage(body, Number(header.uncompressed_page_size), metadata.codec, compressors),
          first,
          decoder,
        )
      : readDataPageV2(body, header, decoder);
    const values = convertWithDictionary(dataPage, dictionary, encoding, decoder);
    return {
      definitionLevels: definitionLevels ?? [],
      repetitionLevels,
      values,
      entries: num_values,
      entry: 0,
      value: 0,
    };
  }
  function addRows(from: Page): void {
    const to = Math.min(from.entries, from.entry + valuesAtOnce);
    const definitionLevels = from.definitionLevels.slice(from.entry, to);
    const present =
      definitionLevels.length === 0 ? to - from.entry : definitionLevels.filter((level) => level === deepest).length;
    const values = from.values.slice(from.value, from.value + present);
    const repetitionLevels = from.repetitionLevels.slice(from.entry, to);
    const assembled = assembleLists(isFlat ? [] : rows, definitionLevels, repetitionLevels, values, schemaPath);
    if (assembled !== rows) rows = rows.concat(Array.from(assembled));
    from.entry = to;
    from.value += present;
  }
  return {
    path: metadata.path_in_schema.join("."),
    async take(count) {
      for (let isAtEnd = false; !isAtEnd && rows.length <= count; ) {
        if (!page || page.entry >= page.entries) page = await nextPage();
        if (page) addRows(page);
        else isAtEnd = true;
      }
      return rows.splice(0, count);
    },
  };
}

function rangeOf(metadata: ColumnMetaData): { start: number; end: number } {
  const data = Number(metadata.data_page_offset);
  const dictionary = Number(metadata.dictionary_page_offset ?? 0);
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  return { start, end: start + Number(metadata.total_compressed_size) };
}

async function readPageBytes(
  file: AsyncBuffer,
  position: number,
  end: number,
): Promise<{ header: PageHeader; body: Uint8Array; next: number }> {
  for (let length = headBytes; ; length *= 4) {
    const bytes = await file.slice(position, Math.min(end, position + length));
    const reader = { view: new DataView(bytes), offset: 0 };
    const header = headerOf(reader, position + length < end);
    if (!header) continue;
    const next = position + reader.offset + header.compressed_page_size;
    if (next > end) throw new Error(`a page at byte ${position} reaches beyond its column`);
    const whole = next - position <= bytes.byteLength ? bytes : await file.slice(position, next);
    return { header, body: new Uint8Array(whole, reader.offset, header.compressed_page_size), next };
  }
}

/** The header, or undefined where it goes on behind the bytes at hand. */
function headerOf(reader: { view: DataView; offset: number }, goesOn: boolean): PageHeader | undefined {
  try {
    return parquetHeader(reader);
  } catch (error) {
    if (error instanceof RangeError && goesOn) return undefined;
    throw error;
  }
}
