import type { SchemaElement } from "hyparquet-writer";

const columns = [
  text("id"),
  text("paradigm"),
  text("question"),
  text("answer"),
  listOf("options", [optionalText("element")]),
  listOf("documents", [
    { name: "element", repetition_type: "OPTIONAL", num_children: 6 },
    text("id"),
    text("title"),
    text("text"),
    text("role"),
    { name: "rank", type: "INT32", repetition_type: "OPTIONAL" },
    optionalText("relaxed"),
  ]),
  listOf("source_ids", [optionalText("element")]),
  optionalText("model"),
] satisfies (SchemaElement | SchemaElement[])[];

/** Names of the top-level columns, in order. */
export const parquetColumns = columns.map((column) => [column].flat()[0]!.name);

/** Everything an example holds: lists and structures as Arrow and the `datasets` library read them. */
export const parquetSchema: SchemaElement[] = [{ name: "root", num_children: columns.length }, ...columns.flat()];

function text(name: string): SchemaElement {
  return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" };
}

function optionalText(name: string): SchemaElement {
  return { ...text(name), repetition_type: "OPTIONAL" };
}

function listOf(name: string, element: SchemaElement[]): SchemaElement[] {
  return [
    { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...element,
  ];
}
