import { glob, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { defaultText, describedShapes } from "../packages/core/src/options/index.ts";

// The last step of a package's build: what its schemas say of each option becomes a comment above it in the declarations, which editors
// show. node --conditions=@rag-instruct/source ../../scripts/hover-docs.ts src/options.ts

const comments = new Map<string, Record<string, string>>();
for (const source of process.argv.slice(2)) {
  const module: Record<string, unknown> = await import(pathToFileURL(resolve(source)).href);
  for (const shape of Object.values(module).flatMap(describedShapes)) {
    const texts = Object.entries(shape).flatMap(([name, { schema, description }]) => {
      const standard = defaultText(schema);
      return description ? [[name, standard === undefined ? description : `${description} @default ${standard}`]] : [];
    });
    comments.set(keyOf(Object.keys(shape)), Object.fromEntries(texts));
  }
}

for await (const path of glob("dist/**/*.d.ts")) {
  const declarations = await readFile(path, "utf8");
  const commented = declarations.replace(/^(?:export )?declare const \w+: \{\n(?: {4}.*\n)+\};/gm, (block) => {
    const names = [...block.matchAll(/^ {4}(\w+): /gm)].map(([, name]) => name!);
    const texts = comments.get(keyOf(names));
    if (!texts) return block;
    // A comment that is there says what its schema does not.
    return block.replace(/^( {4}\/\*\*.*\n)? {4}(\w+): /gm, (line, comment, name) =>
      comment || !texts[name] ? line : `    /** ${texts[name]} */\n${line}`,
    );
  });
  if (commented !== declarations) await writeFile(path, commented);
}

/** Options by which a shape is known; the compiler puts those that are spread into it first. */
function keyOf(names: readonly string[]): string {
  return names.toSorted().join();
}
