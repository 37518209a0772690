import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";

// In the order in which one needs the other; app.ts, the last, starts the page.
const modules = [
  "../shape",
  "visible-text",
  "find-spans",
  "elements",
  "records",
  "index-of-examples",
  "route",
  "filters",
  "list",
  "detail",
  "origin",
  "app",
];

/**
 * The page's script: the modules of `browser/` in one scope, without their imports and exports, so no two of them may give a name
 * twice. From `dist` they are JavaScript already; from sources Node takes their types out.
 */
export async function pageScript(): Promise<string> {
  const parts = await Promise.all(modules.map(readModule));
  return `(() => {\n"use strict";\n${parts.join("\n")}\n})();`;
}

async function readModule(name: string): Promise<string> {
  const isSource = import.meta.url.endsWith(".ts");
  const text = await readFile(new URL(`browser/${name}.${isSource ? "ts" : "js"}`, import.meta.url), "utf8");
  return (isSource ? withoutTypes(text) : text)
    .replace(/^import [^;]*;\n?/gm, "")
    .replace(/^export \{[^}]*\};\n?/gm, "")
    .replace(/^export /gm, "");
}

function withoutTypes(text: string): string {
  // Node warns that this is experimental; users run dist, where it is not called.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
