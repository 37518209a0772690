// The star of docs/architecture.md: every package may use core, simulate also paradigms, and rag-instruct all of them.
const siblings = ["corpus", "embed", "retrieve", "paradigms", "simulate", "format", "eval", "viewer", "workers"];
const mayUse = { simulate: ["paradigms"] };

const star = siblings.map((name) => ({
  name: `star-${name}`,
  comment: `${name} may import core${(mayUse[name] ?? []).map((other) => ` and ${other}`).join("")} alone; pass anything else in as a value`,
  severity: "error",
  from: { path: `^packages/${name}/` },
  to: {
    path: "^packages/",
    pathNot: ["core", name, ...(mayUse[name] ?? [])].map((allowed) => `^packages/${allowed}/`),
  },
}));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "core-stands-alone",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "^packages/", pathNot: "^packages/core/" },
    },
    {
      name: "core-root-imports-nothing",
      comment: "core's main entry runs in a browser: no node: module and no dependency there",
      severity: "error",
      from: { path: "^packages/core/src/[^/]+\\.ts$", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^packages/core/src/[^/]+\\.ts$" },
    },
    {
      name: "paradigms-has-no-io",
      severity: "error",
      from: { path: "^packages/paradigms/src", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    ...star,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["@rag-instruct/source", "import", "types"] },
  },
};
