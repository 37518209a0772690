import { fileURLToPath } from "node:url";
import type { Options } from "tsup";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What runs in the browser: one script for the report, written into every one, and one for the viewer; neither leaves a name behind. */
export default {
  entry: { page: at("src/page/app.tsx"), viewer: at("src/page/viewer.tsx") },
  tsconfig: at("src/page/tsconfig.json"),
  outDir: at("dist"),
  outExtension: () => ({ js: ".js" }),
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  clean: false,
  dts: false,
  silent: true,
  // What it shares with other packages comes from their sources, built or not.
  esbuildOptions(options: { conditions?: string[] }) {
    options.conditions = ["@rag-instruct/source"];
  },
} as const satisfies Options;
