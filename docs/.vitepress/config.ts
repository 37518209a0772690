import { defineConfig } from "vitepress";

const packages = [
  "rag-instruct",
  "core",
  "corpus",
  "embed",
  "retrieve",
  "paradigms",
  "simulate",
  "format",
  "eval",
  "viewer",
  "workers",
];
const guides = {
  "own-documents": "Your own documents",
  wikipedia: "Wikipedia on a laptop",
  "local-models": "Local models",
  cost: "Cost control",
  batch: "Through the batch API",
  quality: "Quality",
  reviewing: "Reviewing",
  report: "Reading the report",
  agents: "Agents and editors",
  training: "Training",
  evaluating: "Evaluating",
  "many-machines": "Many machines",
  publishing: "Publishing",
};

const repository = "https://github.com/rag-instruct/rag-instruct";

/** Where a page is written: that of a package is its README, and one of the API is made of the sources. It is sent to browsers, alone. */
function editedAt({ filePath }: { filePath: string }): string {
  const [, name] = /^packages\/([\w-]+)\.md$/.exec(filePath) ?? [];
  if (name !== undefined) return `https://github.com/rag-instruct/rag-instruct/edit/main/packages/${name}/README.md`;
  if (filePath.startsWith("api/")) return "https://github.com/rag-instruct/rag-instruct/tree/main/packages";
  return `https://github.com/rag-instruct/rag-instruct/edit/main/docs/${filePath}`;
}

/**
 * What a page counts for in a search: one that says how something is done before one that says why it is so, and both before the fields of
 * the API, of which hundreds have the same words. It is sent to browsers, alone.
 */
function weightOf(id: string): number {
  if (/\/api\//.test(id)) return 0.02;
  if (/\/decisions\//.test(id)) return 0.2;
  return /\/guides\/|\/start|\/method/.test(id) ? 2 : 1;
}

export default defineConfig({
  title: "RAG-Instruct",
  description: "From any corpus to instruction data that teaches a language model to use retrieved documents",
  cleanUrls: true,
  metaChunk: true,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/favicon.svg" }]],
  themeConfig: {
    search: {
      provider: "local",
      options: { miniSearch: { searchOptions: { boostDocument: weightOf } } },
    },
    socialLinks: [{ icon: "github", link: repository }],
    editLink: { text: "Edit this page", pattern: editedAt },
    nav: [
      { text: "Start", link: "/start" },
      { text: "Method", link: "/method" },
      { text: "Guides", link: "/guides/own-documents" },
      { text: "Reference", link: "/reference/commands" },
      { text: "API", link: "/api/" },
    ],
    sidebar: {
      "/": [
        {
          text: "Introduction",
          items: [
            { text: "Start in five minutes", link: "/start" },
            { text: "The method", link: "/method" },
            { text: "Coming from Python", link: "/coming-from-python" },
            { text: "Other tools", link: "/comparison" },
            { text: "Figures", link: "/figures" },
          ],
        },
        { text: "Guides", items: Object.entries(guides).map(([page, text]) => ({ text, link: `/guides/${page}` })) },
        {
          text: "Reference",
          items: [
            { text: "The command line", link: "/reference/commands" },
            { text: "Flags", link: "/reference/flags" },
            { text: "The config", link: "/reference/config" },
            { text: "Exemplar sets", link: "/reference/exemplar-sets" },
          ],
        },
        { text: "Packages", items: packages.map((name) => ({ text: name, link: `/packages/${name}` })) },
        {
          text: "Inside",
          items: [
            { text: "Architecture", link: "/architecture" },
            { text: "Decisions", link: "/decisions/" },
            { text: "API", link: "/api/" },
          ],
        },
      ],
    },
    outline: [2, 3],
  },
  vite: { logLevel: "warn" },
});
