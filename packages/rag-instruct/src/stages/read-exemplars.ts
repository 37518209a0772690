import { type Exemplar, RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { readExemplars } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config.ts";
import { demoExemplars } from "../demo/exemplars.ts";
import type { Stage } from "../stage.ts";
import { fingerprint } from "./fingerprint.ts";
import { toJsonl } from "./jsonl-lines.ts";

/** Exemplars from a file, from the config or the project's own, to `exemplars.jsonl`. */
export function exemplarsStage({ exemplars = demoExemplars }: ResolvedConfig): Stage {
  return {
    name: "exemplars",
    needs: [],
    inputs: () => (typeof exemplars === "string" ? fingerprint([exemplars]) : exemplars),
    outputs: ["exemplars.jsonl"],
    async run({ folder, signal }) {
      const source = typeof exemplars === "string" ? readExemplars(exemplars, signal ? { signal } : {}) : exemplars;
      let count = 0;
      async function* counted(): AsyncGenerator<Exemplar> {
        for await (const exemplar of source) {
          count++;
          yield exemplar;
        }
        if (count === 0)
          throw new RagInstructError("bad-input", `${exemplars} has no exemplars; give a file with at least one`);
      }
      await writeAtomic(folder.path("exemplars.jsonl"), toJsonl(counted()));
      return { counts: { exemplars: count } };
    },
  };
}
