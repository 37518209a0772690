import { numberText, optionLetter } from "@rag-instruct/core";
import { foreignHtml } from "@rag-instruct/core/page";
import type { AnsweredQuestion, ModelAnswer } from "./answered-questions.ts";

// What the page shows of an answer; the whole stands in answers.jsonl.
const maxShown = 2_000;

/** How the list looks, and which questions it shows: a choice that needs no script. */
export const questionStyles = `
main > .card { margin-bottom: 1rem; } .remarks { padding-left: 1.2rem; } .remarks li { overflow-wrap: anywhere; } header code { overflow-wrap: anywhere; }
.questions { border-top: 1px solid var(--line); margin-top: 1rem; } .questions > summary { padding-left: 0; font-weight: 600; }
.questions fieldset { border: 0; padding: 0; margin: 0 0 .6rem; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; } .questions input { width: auto; min-height: 0; margin-right: .3rem; } .questions legend { padding: 0; font-size: .85rem; color: var(--quiet); }
.questions ol { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: 10px; } .questions li + li { border-top: 1px solid var(--line); } .questions li { content-visibility: auto; contain-intrinsic-height: auto 3.4rem; }
.questions li summary { display: flex; gap: .2rem .8rem; flex-wrap: wrap; } .questions .asked { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; } .questions li p, .questions .output { margin: .4rem .8rem; overflow-wrap: anywhere; } .questions .output { white-space: pre-wrap; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); } .answers h4 { margin: .4rem .8rem 0; font-size: .85rem; overflow-wrap: anywhere; }
.questions:has(.only-wrong:checked) li:not(.wrong), .questions:has(.only-differ:checked) li:not(.differ) { display: none; }
`;

/** The questions of a benchmark with what each model answered; a choice of all, of those answered wrongly, and of those on which models differ. */
export function questionList(questions: readonly AnsweredQuestion[], name: string): string {
  const kinds = questions.map(kindsOf);
  const count = (kind: string) => kinds.filter((all) => all.includes(kind)).length;
  const hasTwo = questions.some(({ answers }) => answers.length > 1);
  const choices = [
    ["all", `all ${numberText(questions.length)}`],
    ["only-wrong", `${numberText(count("wrong"))} not answered rightly by ${hasTwo ? "all" : "it"}`],
    ...(hasTwo ? [["only-differ", `${numberText(count("differ"))} on which they differ`]] : []),
  ];
  const radios = choices.map(
    ([kind, label], i) =>
      `<label><input type="radio" name="${name}" class="${kind}"${i === 0 ? " checked" : ""}>${label}</label>`,
  );
  const items = questions.map((question, i) => `<li class="${kinds[i]!.join(" ")}">${questionItem(question)}</li>`);
  return `<details class="questions"><summary>${numberText(questions.length)} questions and answers</summary><fieldset><legend>Show</legend>${radios.join("")}</fieldset><ol>${items.join("\n")}</ol></details>`;
}

function kindsOf({ answers }: AnsweredQuestion): string[] {
  const isWrong = answers.some(({ right }) => right !== true);
  const differ = answers.some(({ right }) => right !== answers[0]?.right);
  return [isWrong ? "wrong" : "right", ...(differ ? ["differ"] : [])];
}

function questionItem({ question, options = [], golds, answers }: AnsweredQuestion): string {
  const verdicts = answers.map((answer) => verdictOf(answer)).join("");
  const choices = options.map((option, i) => `${optionLetter(i)} ${option}`).join("\n");
  const list = choices && `<p class="output">${foreignHtml(choices)}</p>`;
  const wanted = `<p class="quiet">Right: ${foreignHtml(golds.join("; "))}</p>`;
  const given = answers.map(
    (answer) => `<div><h4>${foreignHtml(answer.model)} ${verdictOf(answer)}</h4>${outputOf(answer)}</div>`,
  );
  return `<details><summary><span class="asked">${foreignHtml(question)}</span>${verdicts}</summary>${list}${wanted}<div class="answers">${given.join("")}</div></details>`;
}

function verdictOf({ right }: ModelAnswer): string {
  if (right === undefined) return '<span class="verdict failed">no answer</span>';
  return right ? '<span class="verdict accepted">right</span>' : '<span class="verdict rejected">wrong</span>';
}

function outputOf({ output, failed, right, rightAsPublished, notes = [] }: ModelAnswer): string {
  if (output === undefined) return `<p class="quiet">${foreignHtml(failed ?? "")}</p>`;
  const cut = output.length > maxShown ? `${output.slice(0, maxShown)}…` : output;
  const differs = rightAsPublished !== undefined && rightAsPublished !== right;
  const facts = [...notes, ...(differs ? [`${rightAsPublished ? "right" : "wrong"} by the published scorer`] : [])];
  return `<div class="output">${foreignHtml(cut)}</div>${facts.length > 0 ? `<p class="quiet">${facts.join(" · ")}</p>` : ""}`;
}
