import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "tsup";

/**
 * How tsup bundles a package: one ES module for each entry of its `exports`, and one for each further file named here, all flat in
 * `dist/`, with what they share in chunks, so that a class is one class whichever entry it came from. Types are emitted by the
 * compiler beside it (TypeScript 7 has no API that tsup could use for them).
 * @param programs sources of worker threads, child processes and the command line, which `exports` does not name
 */
export function library(...programs: string[]) {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8")) as {
    exports: Record<string, { "@rag-instruct/source": string; default: string }>;
  };
  const published = Object.values(exports).map((entry) => [nameOf(entry.default), entry["@rag-instruct/source"]]);
  return defineConfig({
    entry: Object.fromEntries([...published, ...programs.map((path) => [nameOf(path), path])]),
    format: "esm",
    target: "node22.18",
    splitting: true,
    sourcemap: true,
    clean: true,
    silent: true,
    dts: false,
    // "node:sqlite" has no other name.
    removeNodeProtocol: false,
  });
}

function nameOf(path: string): string {
  return basename(path).replace(/\.\w+$/, "");
}
