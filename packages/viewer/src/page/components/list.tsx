import { visibleString } from "@rag-instruct/core/page";
import type { ComponentChildren } from "preact";
import type { Verdict } from "../../shape.ts";
import { Foreign } from "./foreign.tsx";

// What a line shows of a long question.
const maxShown = 220;
const maxChoice = 80;

/** A line of a list of pairs. */
export interface ListLine {
  number: number;
  question: string;
  paradigm: string;
  verdict: Verdict;
  reason?: string;
  /** What a person decided. */
  decision?: string;
}

/** A list of pairs, with arrow keys going from line to line. */
export function PairList({
  lines,
  open,
  start = 1,
  hrefTo,
}: {
  lines: readonly ListLine[];
  /** Number of the pair that is shown beside the list. */
  open?: number;
  start?: number;
  hrefTo: (number: number) => string;
}) {
  return (
    <ol class="list" start={start} aria-label="Examples found" onKeyDown={moveWithin}>
      {lines.map((line) => (
        <li key={line.number}>
          <a href={hrefTo(line.number)} aria-current={line.number === open ? "true" : undefined}>
            <Line {...line} />
          </a>
        </li>
      ))}
    </ol>
  );
}

/** Puts the keyboard at the line of the opened pair, or at the first one, once the address has changed, which takes it away, and before the page has. */
export function focusLine(): void {
  const line = document.querySelector<HTMLElement>(".list a[aria-current]");
  (line ?? document.querySelector<HTMLElement>(".list a"))?.focus();
}

function Line({ question, paradigm, verdict, reason, decision }: ListLine) {
  const cut = question.length > maxShown ? `${question.slice(0, maxShown)}…` : question;
  return (
    <>
      <span class="line-question">{cut ? <Foreign text={cut} /> : <em>no question was written</em>}</span>
      <span class="line-facts">
        <span class={`verdict ${verdict}`}>{verdict}</span>
        <Foreign text={paradigm} />
        {reason && <Foreign text={reason} />}
        {decision && <span class={`decision ${decision}`}>{`${decision} by a person`}</span>}
      </span>
    </>
  );
}

function moveWithin(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll("a")];
  links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]?.focus();
  event.preventDefault();
}

/** The way to the pages of a list around this one. */
export function Pager({ page, pages, hrefTo }: { page: number; pages: number; hrefTo: (page: number) => string }) {
  if (pages <= 1) return null;
  const to = (target: number, label: string) =>
    target < 0 || target >= pages ? (
      <span class="off">{label}</span>
    ) : (
      <a href={hrefTo(target)} rel={target < page ? "prev" : "next"}>
        {label}
      </a>
    );
  return (
    <nav class="pager" aria-label="Pages of the list">
      {to(page - 1, "← Before")}
      <span>{`Page ${(page + 1).toLocaleString("en")} of ${pages.toLocaleString("en")}`}</span>
      {to(page + 1, "After →")}
    </nav>
  );
}

/** The way to the pairs beside an opened one in its list, and back to the list. */
export function Neighbours({ before, after, close }: { before?: string; after?: string; close: string }) {
  return (
    <nav class="around" aria-label="Around this example">
      {before !== undefined && <a href={before}>Previous</a>}
      {after !== undefined && <a href={after}>Next</a>}
      <a href={close}>Close</a>
    </nav>
  );
}

/** Something to filter by: its name in the form, and its values with what is shown of them. */
export interface Choice {
  name: string;
  label: string;
  values: readonly (readonly [value: string, label: string])[];
}

/** A search field, and a list for each thing to filter by. */
export function SearchForm({
  text,
  choices,
  chosen,
  onText,
  onChoose,
  children,
}: {
  text: string;
  choices: readonly Choice[];
  chosen: Readonly<Record<string, string | undefined>>;
  onText: (text: string) => void;
  onChoose: (name: string, value: string | undefined) => void;
  children?: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form is what its fields are read by
    <form role="search" aria-label="Examples" onSubmit={(event) => event.preventDefault()}>
      <div class="field wide">
        <label for="search">Words of question or answer</label>
        <input
          type="search"
          name="q"
          id="search"
          autocomplete="off"
          dir="auto"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </div>
      {choices.map(({ name, label, values }) => (
        <div class="field" key={name}>
          <label for={`choose-${name}`}>{label}</label>
          <select
            name={name}
            id={`choose-${name}`}
            value={chosen[name] ?? ""}
            onChange={(event) => onChoose(name, event.currentTarget.value || undefined)}
          >
            <option value="">any</option>
            {values.map(([value, shown]) => (
              <option key={value} value={value}>
                {visibleString(shown).slice(0, maxChoice)}
              </option>
            ))}
          </select>
        </div>
      ))}
      {children}
    </form>
  );
}
