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
  training: "Training",
  evaluating: "Evaluating",
  "many-machines": "Many machines",
  publishing: "Publishing",
};

export default defineConfig({
  title: "RAG-Instruct",
  description: "From any corpus to instruction data that teaches a language model to use retrieved documents",
  cleanUrls: true,
  metaChunk: true,
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/start" },
      { text: "Method", link: "/method" },
      { text: "API", link: "/api/" },
    ],
    sidebar: {
      "/": [
        {
          text: "Introduction",
          items: [
            { text: "Start in five minutes", link: "/start" },
            { text: "The method", link: "/method" },
            { text: "The config", link: "/reference/config" },
            { text: "Flags", link: "/reference/flags" },
            { text: "Coming from Python", link: "/coming-from-python" },
            { text: "Other tools", link: "/comparison" },
            { text: "Figures", link: "/figures" },
          ],
        },
        { text: "Guides", items: Object.entries(guides).map(([page, text]) => ({ text, link: `/guides/${page}` })) },
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
