import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { readDelimited } from "./delimited.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;

async function cut(text: string, delimiter: "," | "\t", size: number) {
  async function* chunks() {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return (await Array.fromAsync(readDelimited(chunks(), { delimiter }))).flat();
}

describe("readDelimited", () => {
  it("reads quotes, doubled quotes, newlines in fields and CRLF, however the text is chunked", async () => {
    const text = 'id\ttext\ttitle\r\n1\t"""Aaron"" said\nhi\t!"\tA\n\n2\tan "inner" quote\tB "x"\n3\t""\t';
    for (let size = 1; size < 60; size++) {
      expect(await cut(text, "\t", size)).toEqual([
        { fields: ["id", "text", "title"], line: 1 },
        { fields: ["1", '"Aaron" said\nhi\t!', "A"], line: 2 },
        { fields: ["2", 'an "inner" quote', 'B "x"'], line: 5 },
        { fields: ["3", "", ""], line: 6 },
      ]);
    }
  });

  it("loses only the line whose quote is never closed", async () => {
    for (let size = 1; size < 30; size++) {
      expect(await cut('1\t"open\tx\n2\ty\n3\tz\n', "\t", size)).toEqual([
        { fields: undefined, line: 1 },
        { fields: ["2", "y"], line: 2 },
        { fields: ["3", "z"], line: 3 },
      ]);
    }
  });

  it("takes linear time over a quoted field of 60 MB", async () => {
    const field = "line of text\n".repeat(4_600_000);
    const rows = await cut(`1\t"${field}"\n2\tb\n`, "\t", 1 << 18);
    expect(rows.map(({ fields, line }) => [fields?.[1]?.length, line])).toEqual([
      [field.length, 1],
      [1, 4_600_002],
    ]);
  });

  it.skipIf(!python)("agrees with Python's csv module (RAG_INSTRUCT_PYTHON) on 2,000 random texts", async () => {
    const pieces = ["a", "word", '"', '""', "\t", "\t", "\n", "\r\n", "é", "日", " ", '\t"', '"\t', "\u2028"];
    const texts = Array.from({ length: 2000 }, (_, index) => {
      const random = seededRandom(5, index);
      return `${Array.from({ length: random.integer(20) }, () => random.pick(pieces)).join("")}\n`;
    });
    const folder = mkdtempSync(join(tmpdir(), "core-csv-"));
    try {
      writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
      execFileSync(python!, ["-c", pythonReader, folder]);
      const expected = JSON.parse(readFileSync(join(folder, "rows.json"), "utf8")) as string[][][];
      let compared = 0;
      for (const [index, text] of texts.entries()) {
        const rows = await cut(text, "\t", 5);
        // Python takes an open quote to the end of the file; we name its line and go on.
        if (rows.some(({ fields }) => !fields)) continue;
        expect(rows.map(({ fields }) => fields)).toEqual(
          expected[index]!.filter((row) => row.join("") !== "" || row.length > 1),
        );
        compared += 1;
      }
      expect(compared).toBeGreaterThan(1000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const pythonReader = `
import csv, io, json, sys
texts = json.load(open(sys.argv[1] + "/texts.json"))
rows = [list(csv.reader(io.StringIO(t, newline=""), delimiter="\\t")) for t in texts]
json.dump(rows, open(sys.argv[1] + "/rows.json", "w"))
`;
