import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readExemplars, type UnreadExemplar } from "./read.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lmsys-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rows = 20_000;

/** Rows in the columns of LMSYS-chat-1M, all in one row group, as Arrow writes them. */
function lmsysFile(): ArrayBuffer {
  const numbers = Array.from({ length: rows }, (_, n) => n);
  const answer = "It stands at the mouth of the river. ".repeat(20);
  const conversation = (n: number) => [
    { role: "user", content: `When was lighthouse number ${n} of the northern coast first lit?` },
    { role: "assistant", content: answer },
  ];
  return parquetWriteBuffer({
    rowGroupSize: rows,
    columnData: [
      { name: "conversation_id", data: numbers.map((n) => `c${n}`), type: "STRING" },
      { name: "model", data: numbers.map(() => "any"), type: "STRING" },
      { name: "conversation", data: numbers.map(conversation), type: "JSON" },
      { name: "turn", data: numbers.map(() => 1), type: "INT32" },
      { name: "language", data: numbers.map(() => "English"), type: "STRING" },
      { name: "redacted", data: numbers.map((n) => n % 100 === 0), type: "BOOLEAN" },
    ],
  });
}

it("reads a Parquet file of one row group row by row, and stops reading when it is left", async () => {
  const path = join(folder, "train.parquet");
  await writeFile(path, Buffer.from(lmsysFile()));
  const unread: UnreadExemplar[] = [];
  let count = 0;
  for await (const { question, source, language } of readExemplars(path, { onUnread: (row) => unread.push(row) })) {
    if (count++ === 0) expect({ question, source, language }).toMatchObject({ source: "lmsys", language: "English" });
  }
  expect(count + unread.length).toBe(rows);
  for await (const { question } of readExemplars(path, { onUnread: () => {} })) {
    expect(question).toMatch(/^When was lighthouse/);
    break;
  }
});

it("names a Parquet file that is cut off", async () => {
  const path = join(folder, "cut.parquet");
  const whole = Buffer.from(lmsysFile());
  await new Promise<void>((resolve) => createWriteStream(path).end(whole.subarray(0, whole.length / 2), resolve));
  await expect(Array.fromAsync(readExemplars(path))).rejects.toThrow(/cut\.parquet/);
});
