import { listText, type SeededRandom, type Task } from "@rag-instruct/core";
import { type Reply, tablesIn } from "@rag-instruct/paradigms";
import { lowerStart } from "./clause.ts";
import { type ReadDocument, readAll } from "./prose.ts";
import { overviews, statedFacts } from "./stated-facts.ts";

/** What a paradigm beyond the five is written from. */
interface Material {
  task: Task;
  documents: readonly ReadDocument[];
  random: SeededRandom;
}

/** A reply with the paradigm's own fields. */
export type FurtherReply = Reply & Record<string, string | string[] | undefined>;

/** How the offline model writes pairs of the paradigms beyond the five; that a fact is missing it cannot know, and says so. */
export const furtherReplies: Readonly<Record<string, (material: Material) => FurtherReply | undefined>> = {
  unanswerable: () => undefined,
  "conflicting-docs": ({ documents, random }) => {
    const [one, other] = readAll(documents).map((reading) => statedFacts(reading, random));
    const said = new Map(other?.map(({ ask, answer }) => [ask, answer]));
    const isOther = ({ ask, answer }: { ask: string; answer: string }) => said.has(ask) && said.get(ask) !== answer;
    // An overview of either is no point of both.
    const found = one?.find((fact) => fact.plainness !== 2 && /\d/.test(fact.answer) && isOther(fact));
    if (!found) return undefined;
    const [first, second] = [found.answer, said.get(found.ask)!].map((text) => text.replace(/\.$/, "")) as [
      string,
      string,
    ];
    return { first, second, question: found.ask, answer: `Accounts differ: one gives ${first}, the other ${second}.` };
  },
  "cited-answer": ({ task, documents, random }) => {
    if (task !== "open" && task !== "summary" && task !== "list" && task !== "long-form") return undefined;
    const proses = readAll(documents).map(({ prose }) => prose);
    const [whole] = overviews(proses, random);
    if (!whole || new Set(proses.map(({ opening }) => opening[0])).size < proses.length) return undefined;
    const answer = proses
      .map(({ opening }, i) => opening[0]!.replace(/[.!]$/, (stop) => ` [${i + 1}]${stop}`))
      .join(" ");
    return { question: whole.ask, answer };
  },
  "table-answer": ({ task, documents, random }) => {
    const tables = documents.flatMap(({ text }) => tablesIn(text)).filter(({ header }) => header.length > 0);
    const cells = tables.flatMap(({ header, rows }) =>
      header.slice(1).flatMap(({ text: name }, i) =>
        rows.flatMap((row) => {
          const [label, cell] = [row[0]!.text, row[i + 1]?.text];
          return label && cell && name && /\p{L}{2}/u.test(label) ? [{ name: lowerStart(name), label, cell }] : [];
        }),
      ),
    );
    if (cells.length === 0) return undefined;
    const chosen = random.pick(cells);
    const beside = cells.find(({ name, label }) => name === chosen.name && label !== chosen.label);
    const asked = task === "open" || !beside ? [chosen] : [chosen, beside];
    const told = listText(asked.map(({ label, cell }) => (asked.length > 1 ? `${cell} for ${label}` : cell)));
    const names = listText(asked.map(({ label }) => label));
    return {
      cells: told,
      question: `What is the ${chosen.name} of ${names}?`,
      answer: `The ${chosen.name} is ${told}.`,
    };
  },
};
