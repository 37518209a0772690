import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkIngest, ingest } from "./ingest.ts";
import { leftOutLines, leftOutWithin } from "./left-out.ts";
import { sampleCorpus } from "./sample-corpus.ts";

let folder = "";
let docs = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "left-out-"));
  docs = join(folder, "docs");
  await mkdir(docs);
  await writeFile(join(docs, "image.bin"), Buffer.alloc(64, 7));
  await writeFile(join(docs, "page.md"), "# Same\n\nThe same text.\n");
  await writeFile(join(docs, "same.md"), "# Same\n\nThe same text.\n");
  await writeFile(join(docs, "records.jsonl"), `${"{broken\n".repeat(12)}{"text":"words"}\n{"text":" "}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

describe("what would be lost", () => {
  it("is what an ingest says, and nothing is written", async () => {
    const report = await checkIngest({ from: docs });
    expect(await readdir(folder)).toEqual(["docs"]);
    expect(report).toEqual(await ingest({ from: docs, to: join(folder, "store.sqlite") }));
    expect([report.written, report.skipped.duplicate, report.skipped.malformed]).toEqual([2, 1, 12]);
    expect(leftOutLines(leftOutWithin(report.leftOut, [docs]))).toEqual([
      "Left out of the documents:",
      `  12 malformed: docs/records.jsonl:1, ${[2, 3, 4, 5, 6, 7, 8, 9, 10].map((line) => `:${line}`).join(", ")}, …`,
      "  1 unknown-format: docs/image.bin",
      "  1 empty: docs/records.jsonl:14",
      "  1 duplicate: docs/same.md:1",
    ]);
  });

  it("is said of documents of which none gives a passage, where an ingest stops", async () => {
    const report = await checkIngest({ from: [join(docs, "records.jsonl")], fields: { text: "none" } });
    expect([report.written, report.skipped.malformed]).toEqual([0, 14]);
  });

  it("is said by a look at the first documents too, but for those that are equal", async () => {
    const { documents, passages, leftOut, isPartial } = await sampleCorpus(docs);
    expect([documents, passages.length, isPartial]).toEqual([4, 3, false]);
    const counts = leftOut.map(({ reason, count }) => [reason, count]);
    expect(counts).toEqual([
      ["unknown-format", 1],
      ["malformed", 12],
      ["empty", 1],
    ]);
    expect(await sampleCorpus(docs, { documents: 1 })).toMatchObject({ documents: 1, isPartial: true });
  });
});

it("places are told from what was given, wherever it lies", () => {
  const list = [{ reason: "empty", count: 3, places: ["/home/me/docs/a.md:3", "notes/b.md", "../up/c.md"] }];
  const [entry] = leftOutWithin(list, ["/home/me/docs/**/*.md", "notes", "../up/c.md"]);
  expect(entry?.places).toEqual(["docs/a.md:3", "notes/b.md", "c.md"]);
});
