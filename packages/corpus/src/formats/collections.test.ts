import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeftOut } from "@rag-instruct/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocuments, readFileEvents } from "../read-documents.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-collections-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array) {
  await writeFile(join(folder, name), content);
  return Array.fromAsync(readDocuments(join(folder, name)));
}

// Each of two streams one after another, as parallel packers write them.
const dump =
  "QlpoOTFBWSZTWeHxrGoAACXfgAAQcYPkvwFBgCo/79/uMADMIapPNUwPSTNGo9RtQYg09QGnqGAAaNNAGTQGgyA0BKmk0Gp6ZJlMaT2knp6p6gaaNNPJArE2Tvuyz00Y4t5ZQ6Wn6lX3WwmrriKcedaB7uGZ7E324Ah1lzkQytdMfzkM/afdQSTzRV5ZErnrjxn5CRxmEKavvk+aZBPQxeyvehL3n/B6+ZLNj89XqZSG5Z2g44p+vv7mHT4blM/yZR3Gn0NHKuyTTtViYViF6oXFq+s//SUPNvTVTR0b9WYVcFm+rZdpZom02OLEXCCKdG1BepSvg1YJqloSJlcUg72OOhQ4EoEIw+Q5dGDXo7Ogz+LuSKcKEhw+NY1AQlpoOTFBWSZTWcjvHUkAAAdfgAAQeAPidw5g1Aou793GMAC2BgDTQ0aMRkA0AGhg1TQ0yABkAAAAAkU0Qk9TTRjUGEZM0Q9NT1EADFrhvQenp5rdLh1nUgAGRGYFIQiuiWG11ShRH1+DpQsGld1a049G8FCgmT3OhCo+FjvJcd3Dp68/nlZSl2vV2RxkeLBmB+JjGY4v7wkj0RvR5ctk9t5vMvhE8kW1o0adcI8NWapltyKZyCgZkVwplU5QmZaAmj9Ty/kVVp9+2CCpFqM7Rf2dbl/i7kinChIZHeOpIA==";
const xz =
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAXeyJpZCI6IjEiLCJ0ZXh0Ijoib25lIn0KAJoabbUq2t2SAAEwGI4brOwftvN9AQAAAAAEWVr9N3pYWgAABObWtEYCACEBFgAAAHQv5aMBABd7ImlkIjoiMiIsInRleHQiOiJ0d28ifQoAkdzOvRS3DE4AATAYjhus7B+2830BAAAAAARZWg==";

describe("MediaWiki's dumps", () => {
  it("gives articles with headings and tables, packed by bzip2, and counts redirects and other namespaces", async () => {
    const path = join(folder, "wiki.xml.bz2");
    await writeFile(path, Buffer.from(dump, "base64"));
    const leftOut: LeftOut[] = [];
    const events = (
      await Array.fromAsync(readFileEvents({ path, source: "wiki.xml.bz2", named: true }, {}, leftOut))
    ).flat();
    const text =
      "Oslo is the capital of Norway & a city.\n\nHistory\n\nFounded in 1040.\n\n| Year | People |\n| --- | --- |\n| 1900 | 5 |";
    const headings = [{ at: text.indexOf("History"), depth: 1, title: "History" }];
    expect(events).toEqual([{ document: { id: "7", title: "Oslo", text, headings }, line: 1 }]);
    expect(leftOut).toEqual([
      { reason: "redirect", count: 1, places: [`${path}:2`] },
      { reason: "other-namespace", count: 1, places: [`${path}:3`] },
    ]);
    await writeFile(path, Buffer.from(dump, "base64").fill(0, 60, 120));
    await expect(Array.fromAsync(readDocuments(path))).rejects.toMatchObject({ code: "file-corrupt" });
  });
});

describe("wikiextractor's files", () => {
  it("gives each page without the title that its text repeats", async () => {
    const pages =
      '<doc id="12" url="https://en.wikipedia.org/wiki?curid=12" title="Q&amp;A">\nQ&amp;A\n\nAn &lt;b&gt; article.\n\n</doc>\n<doc id="25" url="u" title="Autism">\nAutism is a condition.\n</doc>\n';
    expect(await read("wiki_00", pages)).toEqual([
      { id: "12", title: "Q&A", text: "An <b> article.", metadata: { url: "https://en.wikipedia.org/wiki?curid=12" } },
      { id: "25", title: "Autism", text: "Autism is a condition.", metadata: { url: "u" } },
    ]);
  });
});

describe("TREC's collections", () => {
  it("joins the texts of a document, and reads paragraphs, entities and pages of HTML", async () => {
    const trec = `<DOC>
<DOCNO> LA01-1 </DOCNO>
<HEADLINE>
<P>
A HEADLINE
</P>
</HEADLINE>
<TEXT>
<P>
It costs AT&amp;T $5 where 1 < 2.
</P>
</TEXT>
<!-- a note -->
<TEXT>
The second <F P=105>part</F>.
</TEXT>
<GRAPHIC><P>Photo</P></GRAPHIC>
</DOC>
<DOC>
<DOCNO>WTX1</DOCNO>
<DOCHDR>
http://example.org:80/ 1.2.3.4
</DOCHDR>
<html><head><title>A page</title></head><body bgcolor="white"><p class="x">Hello world</p><script>var a=1;</script></body></html>
</DOC>
`;
    expect(await read("LA0101", trec)).toMatchObject([
      { id: "LA01-1", title: "A HEADLINE", text: "It costs AT&T $5 where 1 < 2.\n\nThe second part." },
      { id: "WTX1", title: "A page", text: "Hello world" },
    ]);
  });
});

it("files packed by XZ are read, in all their streams", async () => {
  expect((await read("a.jsonl.xz", Buffer.from(xz, "base64"))).map(({ text }) => text)).toEqual(["one", "two"]);
  const cut = Buffer.from(xz, "base64").subarray(0, 40);
  await expect(read("cut.jsonl.xz", cut)).rejects.toMatchObject({ code: "file-corrupt" });
});
