import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Converter } from "typedoc";

const root = join(import.meta.dirname, "..");
const condition = "@rag-instruct/source";

/** Every entry of every package: the name that is imported, by its source file. */
const entries = new Map(
  readdirSync(join(root, "packages")).flatMap((folder) => {
    const place = join(root, "packages", folder);
    const { name, exports } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    return Object.entries(exports)
      .filter(([, target]) => target[condition])
      .map(([subpath, target]) => [join(place, target[condition]), join(name, subpath)]);
  }),
);

/** Modules are called what people import. */
function nameModules(app) {
  const base = join(root, "packages");
  const imported = new Map(
    [...entries].map(([file, name]) => [relative(base, file).replace(/(\/index)?\.ts$/, ""), name]),
  );
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = imported.get(module.name) ?? module.name;
  });
}

export default {
  name: "API",
  plugin: ["typedoc-plugin-markdown", nameModules],
  tsconfig: join(import.meta.dirname, "tsconfig.json"),
  entryPoints: [...entries.keys()],
  out: join(import.meta.dirname, "api"),
  entryFileName: "index",
  readme: "none",
  skipErrorChecking: true,
  disableSources: true,
  hidePageHeader: true,
  excludeExternals: true,
  logLevel: "Error",
};
