import { basename } from "node:path";
import { examplesLines } from "../exports/examples.ts";
import { parquetFile } from "../exports/parquet.ts";
import { readExamples } from "../read-examples.ts";

/** The models that wrote the examples in these files, as far as the files say: Parquet and lossless JSON Lines do. */
export async function modelsOf(paths: readonly string[]): Promise<string[]> {
  const models = new Set<string>();
  for (const path of paths) {
    if (basename(path) !== parquetFile && basename(path) !== examplesLines.file) continue;
    for await (const { model } of readExamples(path)) if (model) models.add(model);
  }
  return [...models];
}
