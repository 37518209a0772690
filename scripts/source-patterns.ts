import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A regular expression of the sources, and the first place where it stands or is made. */
export interface SourcePattern {
  pattern: RegExp;
  place: string;
}

const root = join(import.meta.dirname, "..");

/** The patterns of the packages: those that are written out, and those that are put together of parts as the packages are loaded. */
export async function sourcePatterns(): Promise<SourcePattern[]> {
  const found = new Map<string, SourcePattern>();
  const add = (pattern: RegExp, place: string) => {
    if (!found.has(String(pattern))) found.set(String(pattern), { pattern, place });
  };
  for (const path of globSync("packages/*/src/**/*.ts", { cwd: root }).sort()) {
    if (!/\.test\.ts$|\/testing\//.test(path)) addWritten(path, add);
  }
  await addMade(add);
  return [...found.values()];
}

function addWritten(path: string, add: (pattern: RegExp, place: string) => void): void {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      add(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)), `${path}:${line}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** Loads every entry of every package and catches the patterns where they are made. */
async function addMade(add: (pattern: RegExp, place: string) => void): Promise<void> {
  const Native = RegExp;
  globalThis.RegExp = new Proxy(Native, {
    construct(target, [source, flags]: [string | RegExp, string?], asked) {
      const pattern = new target(source, flags);
      const [place] = new Error().stack?.match(/packages\/[\w-]+\/src\/[^()\s]+\.ts:\d+/) ?? [];
      if (place) add(pattern, place);
      return asked === globalThis.RegExp ? pattern : Reflect.construct(target, [source, flags], asked);
    },
  });
  try {
    for (const path of globSync("packages/*/package.json", { cwd: root })) {
      const { exports } = JSON.parse(readFileSync(join(root, path), "utf8"));
      for (const { "@rag-instruct/source": entry } of Object.values<Record<string, string>>(exports)) {
        if (entry && !entry.includes("testing")) await import(join(root, path, "..", entry));
      }
    }
  } finally {
    globalThis.RegExp = Native;
  }
}
