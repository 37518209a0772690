import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { RagInstructError } from "@rag-instruct/core";
import { styles } from "@rag-instruct/core/page";
import type { CollectedReport } from "./collect-report.ts";
import { type OverviewFacts, overview, subtitle } from "./overview.ts";
import { inertScript, type Packer, pack } from "./packer.ts";

/** What the page says beside what the run's files hold. */
export interface PageFacts extends OverviewFacts {
  /** Who wrote the pairs, as the report says it. */
  model: string;
  /** True where the offline model wrote them: the report then says that they are not for training. */
  isOffline: boolean;
  /** True where pairs are replies that were recorded in advance, which the report says too. */
  isRecorded: boolean;
  /** Name and version of what writes the report. */
  generator: string;
}

type Page = PageFacts & CollectedReport & { packer: Packer };

/** The page in pieces: what is seen first, the index, the script, and then the records, which may be larger than memory. */
export async function* renderPage(page: Page): AsyncGenerator<string | Uint8Array> {
  const script = await pageScript();
  const { meta, index, first, packer } = page;
  yield head(script);
  yield body(page);
  yield inertScript("meta", await pack(JSON.stringify(meta)));
  yield inertScript("first-pairs", await pack(JSON.stringify(first)));
  yield `<script>${script}</script>\n`;
  for (const [i, block] of index.entries()) yield inertScript(`index-${i}`, block);
  yield* packer.elements();
  yield "</body>\n</html>\n";
}

/** The browser's part, `page/`, as tsup bundles it into one script. */
async function pageScript(): Promise<string> {
  const isSource = import.meta.url.endsWith(".ts");
  const file = new URL(isSource ? "../dist/page.js" : "./page.js", import.meta.url);
  try {
    // What opens a comment would let the end of the element be read over; in strings and patterns of the script it says the same so.
    return (await readFile(file, "utf8")).replaceAll("<!--", "\\x3c!--");
  } catch (cause) {
    const message = `the script of the report is not there (${file.pathname}); run pnpm build`;
    throw new RagInstructError("file-missing", message, { cause });
  }
}

/** Only the page's own script and styles are let through: no network, no other script, no form. */
function head(script: string): string {
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(styles)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>RAG-Instruct report</title>
<style>${styles}</style>
</head>
`;
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function body(page: Page): string {
  const { model, generator, isOffline, isRecorded, figures, meta } = page;
  const notices = [
    isOffline &&
      "<strong>Made with the offline model.</strong> The questions and answers try the flow; do not train on them.",
    isRecorded &&
      "<strong>Recorded in advance.</strong> The questions and answers were written by hand for the demo’s documents and are the output of no model; all else was really run.",
  ];
  const notice = notices.map((text) => (text ? `<p class="notice">${text}</p>` : "")).join("");
  return `<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<div><h1>RAG-Instruct report</h1><p class="quiet">${subtitle({ model, generator, isRecorded })}</p></div>
<nav aria-label="Views"><a href="#overview" data-view="overview" aria-current="page">Overview</a><a href="#examples" data-view="examples">Examples <span class="quiet">${meta.counts.examples.toLocaleString("en")}</span></a></nav>
</header>
<main id="main" tabindex="-1">
${notice}<noscript><p class="notice">The numbers below need no script; the browser of examples does.</p></noscript>
<div id="overview">
<div id="first"></div>
${overview(figures, page)}
</div>
<div id="examples" hidden>
<div id="filters"></div>
<div class="split">
<section class="found" aria-label="List of examples"><div id="origin"></div><p class="quiet" id="found" role="status">Reading…</p><div id="list"></div></section>
<article id="detail" aria-label="Opened example" hidden></article>
</div>
</div>
</main>
`;
}
