import type { AsyncBuffer, ColumnMetaData, DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { assembleLists } from "hyparquet/src/assemble.js";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { getMaxDefinitionLevel, getTreePath, isFlatColumn } from "hyparquet/src/schema.js";
import { compressors } from "hyparquet-compressors";

/** Bytes read at a page's place: enough for the header, and for the whole page where it is small. */
const headBytes = 1 << 16;
/** Values of a page put into rows at a time: a page may hold a million, whose lists would take 100 bytes each. */
const valuesAtOnce = 8192;

/** The values of one leaf column of one row group, in row order. */
export interface ColumnRows {
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
export function openColumn(file: AsyncBuffer, schema: SchemaTree, metadata: ColumnMetaData): ColumnRows {
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
