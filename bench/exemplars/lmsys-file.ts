import { open } from "node:fs/promises";
import { seededRandom } from "@rag-instruct/core";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";

const text = (name: string): SchemaElement => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  repetition_type: "OPTIONAL",
});
const flag = (name: string): SchemaElement => ({ name, type: "BOOLEAN", repetition_type: "OPTIONAL" });
const number = (name: string): SchemaElement => ({ name, type: "DOUBLE", repetition_type: "OPTIONAL" });
const listOf = (name: string, fields: SchemaElement[]): SchemaElement[] => [
  { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...group("element", fields),
];
/** A structure of these fields, of which structures within come with their own. */
function group(name: string, fields: SchemaElement[], count = fields.length): SchemaElement[] {
  return [{ name, repetition_type: "OPTIONAL", num_children: count }, ...fields];
}

const categories = ["harassment", "hate", "self-harm", "sexual", "sexual/minors", "violence", "violence/graphic"];
const columns = ["conversation_id", "model", "conversation", "turn", "language", "openai_moderation", "redacted"];
const moderation = listOf("openai_moderation", [
  ...group("categories", categories.map(flag)),
  ...group("category_scores", categories.map(number)),
  flag("flagged"),
]);
// The element's own count is of its three members, not of all their fields.
moderation[2]!.num_children = 3;
const schema: SchemaElement[] = [
  { name: "root", num_children: columns.length },
  text("conversation_id"),
  text("model"),
  ...listOf("conversation", [text("content"), text("role")]),
  { name: "turn", type: "INT64", repetition_type: "OPTIONAL" },
  text("language"),
  ...moderation,
  flag("redacted"),
];

const words =
  "the of harbour light who which river tower year first built stone and in was map coast old bridge why".split(" ");
const random = seededRandom(7, "LMSYS-chat-1M");
const prose = Array.from({ length: 200_000 }, () => words[random.integer(words.length)]).join(" ");
const categoriesOf = Object.fromEntries(categories.map((name) => [name, false]));

/** Prose of about this many words. */
function say(count: number): string {
  const start = random.integer(prose.length - 6 * count);
  return prose.slice(start, start + 5 * count);
}

/** One row: two to six turns, questions of some dozen words and answers of some hundred, and a moderation for each. */
function rowAt(row: number): Record<string, unknown> {
  const turns = 1 + random.integer(3);
  const conversation = Array.from({ length: 2 * turns }, (_, i) => ({
    content: i % 2 === 0 ? `Question ${row}: ${say(8 + random.integer(40))}?` : say(60 + random.integer(200)),
    role: i % 2 === 0 ? "user" : "assistant",
  }));
  return {
    conversation_id: `c${row}`,
    model: `model-${random.integer(25)}`,
    conversation,
    turn: BigInt(turns),
    language: random.integer(4) === 0 ? "German" : "English",
    openai_moderation: conversation.map(() => ({
      categories: categoriesOf,
      category_scores: Object.fromEntries(categories.map((name, i) => [name, (row % 997) / 1e6 + i / 1e7])),
      flagged: row % 50 === 0,
    })),
    redacted: row % 100 === 0,
  };
}

/**
 * Writes a file in the columns of LMSYS-chat-1M, a row group at a time. Where nothing else is said they have 1,000 rows: an assumption about
 * the original, from the default of the `datasets` library; the files themselves were not looked at.
 */
export async function writeLmsysFile(path: string, rows: number, rowsInGroup = 1000): Promise<void> {
  const file = await open(path, "w");
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema, statistics: false });
  const handOver = async () => {
    await file.write(bytes.getBytes().slice());
    bytes.index = 0;
  };
  for (let first = 0; first < rows; first += rowsInGroup) {
    const group = Array.from({ length: Math.min(rowsInGroup, rows - first) }, (_, i) => rowAt(first + i));
    await parquet.write({
      columnData: columns.map((name) => ({ name, data: group.map((row) => row[name]) })),
      rowGroupSize: rowsInGroup,
    });
    await handOver();
  }
  await parquet.finish();
  await handOver();
  await file.close();
}
