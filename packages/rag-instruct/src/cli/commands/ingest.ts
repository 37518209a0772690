import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("ingest", {
  places: ["corpus.sqlite"],
  flags: ["format"],
  examples: [
    "rag-instruct ingest handbook/ notes.pdf 'wiki/**/*.md'",
    "rag-instruct ingest psgs_w100.tsv.gz --to wikipedia",
    "rag-instruct ingest docs/ --set corpus.words=80",
  ],
});
