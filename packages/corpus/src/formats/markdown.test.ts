import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileEvents } from "../read-documents.ts";
import { splitDocument } from "../split-documents.ts";
import type { RawDocument } from "./format.ts";
import { markdownDocument } from "./markdown.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-markdown-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string): Promise<RawDocument & { leftOut: LeftOut[] }> {
  const path = join(folder, name);
  await writeFile(path, content);
  const leftOut: LeftOut[] = [];
  const [event] = (await Array.fromAsync(readFileEvents({ path, source: name, named: true }, {}, leftOut))).flat();
  return { ...(event as { document: RawDocument }).document, leftOut };
}

const headingsOf = ({ text, headings = [] }: RawDocument) =>
  headings.map(({ at, depth, title }) => [depth, title, text.slice(at).split(/\r?\n|\r/, 1)[0]]);
const numbered = (count: number, letter = "w") => Array.from({ length: count }, (_, i) => `${letter}${i}`).join(" ");

describe("front matter", () => {
  it.each([
    ["YAML", '---\ntitle: "Pump: manual"\nn: 2\n---\nText.\n', { title: "Pump: manual", n: 2 }],
    ["YAML up to dots, with CRLF", "---\r\ntitle: Pump\r\n...\r\nText.\n", { title: "Pump" }],
    [
      "TOML",
      "+++\ntitle = 'Pump'\ndate = 2024-01-02\n[extra]\nn = 1\n+++\nText.\n",
      { title: "Pump", date: "2024-01-02" },
    ],
    ["JSON", '{\n  "title": "Pump",\n  "draft": true\n}\nText.\n', { title: "Pump", draft: true }],
    [
      "YAML with a colon too many",
      "---\ntitle: Foo: bar\ntags:\n - a\n - b\n---\nText.\n",
      { title: "Foo: bar", tags: ["a", "b"] },
    ],
    [
      "YAML with a mark that is reserved",
      "---\ntitle: Foo\nby: @handle, `x`\n---\nText.\n",
      { title: "Foo", by: "@handle, `x`" },
    ],
    ["YAML with a tab", "---\ntitle:\tPump\n\tmore\nn: 1\n---\nText.\n", { n: 1 }],
    ["YAML with a quote that is not closed", '---\ntitle: "Pump\nauthor: Bob\n---\nText.\n', { author: "Bob" }],
    [
      "TOML with a line that is none",
      '+++\ntitle = "Pump"\nbad = \ndraft = true\n+++\nText.\n',
      { title: "Pump", draft: true },
    ],
  ])("of %s is metadata and no text", async (_, page, metadata) => {
    const found = await read("page.md", page);
    expect(found.text).toBe("Text.\n");
    expect(found.metadata).toMatchObject(metadata);
  });

  it.each([
    "---\n\nA rule, and no front matter.\n\n---\n\nSecond part: with a colon.\n",
    "---\nNote: this is prose.\nIt goes on without a key.\n---\nText.\n",
    "---\ntitle: never closed\n\nText.\n",
    "+++\nnothing of TOML\n+++\n",
    "{ not: json }\n",
  ])("is not taken from %j", async (page) => {
    expect((await read("page.md", page)).text).toBe(page);
  });
});

describe("headings", () => {
  it("are those that a parser finds, at their place: no line of a fence, no words of prose", async () => {
    const page = [
      "Overview of all. Summary of it.",
      "",
      "````md\n```\n# in a fence\n```\n## in it too\n````",
      "~~~\n# not closed by backticks\n```\n~~~",
      "Install first.",
      "",
      "Summary\n-------",
      "text",
      "",
      "# Overview of `a*b` and *more* [here](x(y)) {#over} #",
      "#NoSpace",
      "",
      "    # code",
      "",
      "- # in a list",
      "",
      "Two lines\nof one\n===",
      "##",
    ].join("\n");
    const expected = [
      [2, "Summary", "Summary"],
      [1, "Overview of a*b and more here", "# Overview of `a*b` and *more* [here](x(y)) {#over} #"],
      [1, "Two lines of one", "Two lines"],
      [2, "", "##"],
    ];
    expect(headingsOf(await read("page.md", page))).toEqual(expected);
    expect(headingsOf(await read("page.md", page.replaceAll("\n", "\r\n")))).toEqual(expected);
    expect(headingsOf(await read("page.md", page.replaceAll("\n", "\r")))).toEqual(expected);
  });

  it("may be HTML, and comments are not text", async () => {
    const page = '<h1 align="center">The <b>Pump</b></h1>\n\n<!-- for\neditors -->\n\nA library.\n\n# Use\n\nText.\n';
    const found = await read("page.md", page);
    expect(headingsOf(found)).toEqual([
      [1, "The Pump", '<h1 align="center">The <b>Pump</b></h1>'],
      [1, "Use", "# Use"],
    ]);
    expect([found.title, found.text.includes("editors")]).toEqual(["The Pump", false]);
  });
});

describe("MDX", () => {
  const page = `---
title: Pumps
---
import Tabs from '@theme/Tabs';
import {
  Card,
} from './card';

export const Mark = ({ children }) => (
  <b style={{ color: "red" }}>

    {children}
  </b>
);

## Install {#install}

<!-- for editors -->

Press <kbd>C</kbd>{' '}or <Mark>this</Mark>, \`{not.code}\`.

<Tabs onChange={(v) => v > 1 && log("}")}>
  <TabItem value="a" label="With npm">

    \`\`\`sh
    import nothing from here
    npm install <pump>
    \`\`\`

    ### Inside

  </TabItem>
</Tabs>

{rows.map((row) => <li>{row}</li>)}

{/* nothing */}

<Card title="How much?" href="x">It costs 5.</Card>
`;

  it("is Markdown without imports, tags and comments, with what they show", async () => {
    const found = await read("pumps.mdx", page);
    const lines = found.text.split("\n").filter((line) => line.trim() !== "");
    expect(lines).toEqual([
      "## Install {#install}",
      "Press C or this, `{not.code}`.",
      "With npm",
      "```sh",
      "import nothing from here",
      "npm install <pump>",
      "```",
      "### Inside",
      "How much? It costs 5.",
    ]);
    expect(found.title).toBe("Pumps");
    expect(headingsOf(found).map(([, title]) => title)).toEqual(["Install", "Inside"]);
    expect(found.leftOut).toMatchObject([{ reason: "expression", count: 1 }]);
  });

  it("is told in pages that are called Markdown by their imports; braces elsewhere are text", async () => {
    const imported = await read("doc.md", "import Foo from '@site/foo';\n\n# Doc\n\nText with <Foo/>here.\n");
    expect(imported.text.trim()).toBe("# Doc\n\nText with here.");
    const plain = "# Python\n\nimport os, and {name} <b>in</b> a template.\n\n```\nimport a from 'b'\n```\n";
    expect((await read("doc.md", plain)).text).toBe(plain);
  });

  it("with a fault is read as Markdown, whole but for its imports", async () => {
    const broken = "import A from 'a'\n\n# Broken\n\nIt is a < b and {open.\n\n<Tabs>\ntext\n";
    const found = await read("broken.mdx", broken);
    expect([found.title, found.text.trim()]).toEqual(["Broken", broken.slice(19)].map((text) => text.trim()));
  });
});

describe("tables and fences", () => {
  const table = (rows: number) =>
    `| Item | Price |\n|---|---|\n${Array.from({ length: rows }, (_, i) => `| cable ${i} | ${i}.50 |`).join("\n")}\n`;
  const fence = "```sh\n# Install. First.\nnpm install pump\n# Usage. Then.\npump run\n```\n";
  const split = (text: string, by: "headings" | "sentences") =>
    splitDocument(markdownDocument(text, "page.md"), { by, words: 40 }).map((passage) => passage.text);

  it.each(["headings", "sentences"] as const)("are not cut by %s where a passage has room for them", (by) => {
    const bare = "Item | Price\n--|--\ncable one. Two | 1.50\ncable three. Four | 3.50\n";
    for (const block of [fence, table(5), bare]) {
      const found = split(`# Page\n\n${numbered(26)}.\n\n${block}\nEnd here.\n`, by);
      expect(found.length).toBeGreaterThan(1);
      expect(found.some((text) => text.includes(block.trimEnd()))).toBe(true);
    }
  });

  it("are cut at their lines where they are longer, and each part of a table has its header", () => {
    const found = split(`# Page\n\n${table(30)}\n\nEnd.\n`, "headings");
    expect(found.every((text) => text.includes("| Item | Price |\n|---|---|\n| cable"))).toBe(true);
    const rows = found.flatMap((text) => text.match(/^\| cable .*$/gm) ?? []);
    expect(rows).toEqual(table(30).trim().split("\n").slice(2));
    expect(found.every((text) => text.split(/\s+/).length <= 40)).toBe(true);
  });

  it("are known in the texts of other formats too", () => {
    const text = `${numbered(26)}.\n\n${table(5)}\n${fence}\nEnd here.\n`;
    const found = splitDocument({ title: "T", text }, { by: "sentences", words: 40 }).map((passage) => passage.text);
    for (const block of [fence, table(5)]) expect(found.some((part) => part.includes(block.trimEnd()))).toBe(true);
  });
});
