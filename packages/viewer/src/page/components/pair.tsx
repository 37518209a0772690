import { type EarlierTurn, type Exemplar, tellingSentence } from "@rag-instruct/core";
import type { ComponentChildren } from "preact";
import type { Verdict } from "../../shape.ts";
import { findSpans } from "../find-spans.ts";
import { Foreign, markedText, Outline } from "./foreign.tsx";
import { Markdown } from "./markdown.tsx";

/** A pair as it is read, whichever page shows it. */
export interface ReadPair {
  id: string;
  paradigm: string;
  /** What the paradigm asks of question and documents. */
  rule?: string;
  question: string;
  answer: string;
  options?: readonly string[];
  /** Earlier turns of its conversation. */
  history?: readonly EarlierTurn[];
  verdict: Verdict;
  reason?: string;
  detail?: string;
  model?: string;
  documents: readonly ReadDocument[];
  exemplar?: Pick<Exemplar, "id" | "question" | "source" | "options"> & { task: string };
  evidence?: Record<string, unknown>;
  prompt?: string;
  reply?: string;
}

/** A document of a pair. */
export interface ReadDocument {
  id: string;
  title: string;
  text: string;
  role: "source" | "noise" | "unknown";
  rank?: number;
  relaxed?: string;
  /** By which prompt, reply and checks count it; sources alone have one. */
  number?: number;
  /** Where everything written from it is shown. */
  href?: string;
}

/** Verdict, paradigm and reason. */
export function Facts({
  verdict,
  paradigm,
  reason,
  rule,
  children,
}: Pick<ReadPair, "verdict" | "paradigm" | "reason" | "rule"> & { children?: ComponentChildren }) {
  return (
    <>
      <p class="facts">
        <span class={`verdict ${verdict}`}>{verdict}</span>
        <span class="tag">
          <Foreign text={paradigm} />
        </span>
        {reason && (
          <span class="tag">
            <Foreign text={reason} />
          </span>
        )}
        {children}
      </p>
      {rule && <p class="quiet">{rule}</p>}
    </>
  );
}

/** Earlier turns of its conversation, question, options and answer. */
export function QuestionAndAnswer({
  question,
  answer,
  options = [],
  history = [],
  isHeading = true,
}: Pick<ReadPair, "question" | "answer" | "options" | "history"> & {
  /** Whether it is the page's one opened pair. */
  isHeading?: boolean;
}) {
  return (
    <>
      <EarlierTurns history={history} />
      {/* The question's direction is that of its options. */}
      <div dir="auto">
        <h2 id={isHeading ? "detail-heading" : undefined} tabIndex={isHeading ? -1 : undefined}>
          {markedText(question || "No question was written", [])}
        </h2>
        {options.length > 0 && (
          <ol class="options" type="A">
            {options.map((option, i) => {
              const isRight = letterOf(i) === answer;
              return (
                <li class={isRight ? "right" : undefined}>
                  <Foreign text={option} />
                  {isRight && <span class="tag">the answer</span>}
                </li>
              );
            })}
          </ol>
        )}
      </div>
      {answer && (
        <div class="given">
          <h3>Answer</h3>
          <Markdown text={answer} />
        </div>
      )}
    </>
  );
}

/** What was said before the question. */
export function EarlierTurns({ history = [] }: Pick<ReadPair, "history">) {
  if (history.length === 0) return null;
  return (
    <ol class="turns">
      {history.map((turn) => (
        <li>
          <Foreign text={turn.question} />
          <div class="quiet">
            <Markdown text={turn.answer} />
          </div>
        </li>
      ))}
    </ol>
  );
}

/** The letter of an option by its place; what stands behind Z is shown too. */
export function letterOf(place: number): string {
  return String.fromCharCode(65 + place);
}

const outcomes = { rejected: "Rejected", failed: "The call failed", unassembled: "Left out of the training data" };

/** Why a pair was not accepted. */
export function WhyNot({ verdict, reason, detail }: Pick<ReadPair, "verdict" | "reason" | "detail">) {
  if (verdict === "accepted") return null;
  return (
    <p class="why">
      <strong>{outcomes[verdict]}</strong>
      {reason && ": "}
      {reason && <Foreign text={reason} />}
      {detail && ". "}
      {detail && <Foreign text={detail} />}
    </p>
  );
}

/** The documents: sources with the evidence lit, noise folded away. */
export function Documents({ isShort = false, ...pair }: ReadPair & { isShort?: boolean }) {
  const { documents } = pair;
  if (documents.length === 0) return null;
  const sources = documents.filter(({ role }) => role === "source").length;
  const noise = documents.length - sources;
  const plural = documents.length === 1 ? "document" : "documents";
  return (
    <>
      <h3>
        {noise > 0
          ? `${documents.length} ${plural}: ${sources} source, ${noise} noise`
          : `${documents.length} source ${plural}`}
      </h3>
      {!isShort && (
        <p class="quiet">
          Sources have the numbers by which the prompt, the reply and the checks count them.{" "}
          {isJudged(pair)
            ? "Lit is what the judge quoted."
            : "Lit is the sentence that shares most words with question and answer."}
        </p>
      )}
      <ol class="documents">
        {sourcesFirst(documents).map((document) => (
          <DocumentItem key={document.id} document={document} pair={pair} isShort={isShort} />
        ))}
      </ol>
    </>
  );
}

// Of a pair that is shown in short.
const maxUnfolded = 2;
// One word in common is chance.
const minShared = 2;

/** The sources in the order in which they are counted, above the noise. */
function sourcesFirst(documents: readonly ReadDocument[]): ReadDocument[] {
  const place = ({ role, number = 0 }: ReadDocument) => (role === "source" ? number : documents.length + 1);
  return [...documents].sort((a, b) => place(a) - place(b));
}

function DocumentItem({ document, pair, isShort }: { document: ReadDocument; pair: ReadPair; isShort: boolean }) {
  const { id, title, text, role, rank, relaxed, number, href } = document;
  const spans = role === "source" ? findSpans(text, { quotes: litIn(document, pair), answer: answerText(pair) }) : [];
  return (
    <li class={role}>
      <details open={role !== "noise" && !(isShort && (number ?? 1) > maxUnfolded)}>
        <summary>
          <span class={`role ${role}`}>{number === undefined ? role : `${role} ${number}`}</span>
          <span class="document-title">
            <Foreign text={title || "untitled"} />
          </span>
          <span class="quiet">
            {rank === undefined ? "" : `rank ${rank}`}
            {relaxed ? ` (${relaxed})` : ""}
          </span>
        </summary>
        {/* A short one scrolls, and what scrolls must be reached by keys. */}
        <div class="passage" tabIndex={isShort ? 0 : undefined}>
          <Markdown text={text} spans={spans} title={title} />
        </div>
        {!isShort && (
          <p class="quiet">
            Passage <Foreign text={id} />
            {href && " · "}
            {href && <a href={href}>Everything written from this passage</a>}
          </p>
        )}
      </details>
    </li>
  );
}

const isJudged = ({ evidence }: ReadPair) => evidence?.judge !== undefined;

/** What a judge quoted from a document; where none was asked, the sentence that has most to do with question and answer. */
function litIn({ number, text }: ReadDocument, pair: ReadPair): string[] {
  if (!isJudged(pair))
    return [tellingSentence(text, `${pair.question}\n${answerText(pair)}`, { atLeast: minShared })].flatMap(
      (one) => one ?? [],
    );
  const quotes = (pair.evidence?.judge as { quotes?: unknown } | null)?.quotes;
  if (!Array.isArray(quotes)) return [];
  return quotes
    .filter((quote) => Number(quote?.document) === number && typeof quote?.text === "string")
    .map((quote) => quote.text as string);
}

function answerText({ answer, options }: ReadPair): string {
  return options?.[answer.charCodeAt(0) - 65] ?? answer;
}

/** The exemplar whose form the question imitates. */
export function ExemplarOf({ exemplar, href }: { exemplar: ReadPair["exemplar"]; href?: string }) {
  if (!exemplar) return null;
  const { id, question, source, task, options = [] } = exemplar;
  return (
    <>
      <h3>The exemplar it imitates</h3>
      <blockquote>
        <Foreign text={[question, ...options].join("\n")} />
      </blockquote>
      <p class="quiet">
        <Foreign text={`${task}, from ${source}, ${id}`} />
        {href && " · "}
        {href && <a href={href}>Everything written after this exemplar</a>}
      </p>
    </>
  );
}

/** What the checks found, the prompt and the raw reply. */
export function Behind({ evidence, prompt, reply, id, model }: ReadPair) {
  return (
    <>
      {evidence && (
        <>
          <h3>What the checks found</h3>
          <Outline value={evidence} />
        </>
      )}
      <Folded title="The prompt" text={prompt} />
      <Folded title="The model's raw reply" text={reply} />
      <p class="quiet">
        Id <Foreign text={id} />
        {model && " · written by "}
        {model && <Foreign text={model} />}
      </p>
    </>
  );
}

function Folded({ title, text }: { title: string; text: string | undefined }) {
  if (!text) return null;
  return (
    <details class="raw">
      <summary>{title}</summary>
      <pre>
        <Foreign text={text} />
      </pre>
    </details>
  );
}

/** A whole pair. */
export function PairDetail({
  pair,
  exemplarHref,
  isHeading,
}: {
  pair: ReadPair;
  exemplarHref?: string;
  /** Whether it is the page's one opened pair. @default true */
  isHeading?: boolean;
}) {
  return (
    <>
      <Facts {...pair} />
      <QuestionAndAnswer {...pair} isHeading={isHeading} />
      <WhyNot {...pair} />
      <Documents {...pair} />
      <ExemplarOf exemplar={pair.exemplar} href={exemplarHref} />
      <Behind {...pair} />
    </>
  );
}

/** Pairs to begin with: the question, the answer, and the documents that it was written from. */
export function FirstPairs({
  pairs,
  hrefOf,
  link,
}: {
  pairs: readonly ReadPair[];
  /** Where the pair of this place is shown whole. */
  hrefOf: (place: number) => string;
  /** What the way there says. */
  link: string;
}) {
  if (pairs.length === 0) return <p class="none">No pair has been accepted yet.</p>;
  return (
    <div class="first-pairs">
      {pairs.map((pair, i) => (
        <article class="card" key={pair.id}>
          <p class="quiet">
            <strong>
              <Foreign text={pair.paradigm} />
            </strong>
            {pair.rule && `: ${pair.rule}`}
          </p>
          <QuestionAndAnswer {...pair} isHeading={false} />
          <Documents {...pair} documents={pair.documents.filter(({ role }) => role === "source")} isShort />
          <p>
            <a href={hrefOf(i)}>{link}</a>
          </p>
        </article>
      ))}
    </div>
  );
}

/** Paper has nothing to press: what is folded is printed unfolded, and is folded again after that. */
export function unfoldInPrint(): void {
  let folded: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });
}
