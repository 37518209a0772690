import type { AsyncBuffer, ColumnMetaData, DecodedArray, FileMetaData, RowGroup, SchemaTree } from "hyparquet";
import { parquetSchema } from "hyparquet";
import { assembleNested } from "hyparquet/src/assemble.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { openColumn } from "./parquet-column.ts";

/** Rows put together at a time: enough to keep the decoder busy, few enough to hold beside a vector column. */
const rowsAtOnce = 1024;

/** Whether a leaf column is read, by the names from the top-level column to the leaf. */
export type WantsColumn = (path: readonly string[]) => boolean;

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
  // A group that has lost all its leaves is none itself.
  return tree.element.num_children ? [] : [tree.path];
}
