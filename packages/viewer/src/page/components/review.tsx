import type { Review, ReviewEdit } from "@rag-instruct/core";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EditCheck, Item, Judged } from "../../app/api.ts";
import { pricedText } from "../viewer-client.ts";
import { draftOf, isTyping, keepDraft, onceTyped, whileAsked } from "../viewer-hooks.ts";
import { Foreign } from "./foreign.tsx";
import { Behind, Documents, EarlierTurns, ExemplarOf, Facts, letterOf, QuestionAndAnswer, WhyNot } from "./pair.tsx";

/** What a person does with the opened pair. */
export interface Deciding {
  decide: (decision: Review["decision"], more?: { reason?: string; edit?: ReviewEdit }) => void;
  check: (edit: ReviewEdit) => Promise<EditCheck>;
  /** The price of a verdict, and the verdict where that price is given. */
  judge: (edit: ReviewEdit, line?: string) => Promise<Judged>;
}

const reasons = [
  "wrong answer",
  "not in the documents",
  "unclear question",
  "trivial",
  "wrong paradigm",
  "bad language",
];

/** What is open over the pair. */
export type Mode = "read" | "rejecting" | "editing";

/** One pair with the buttons that decide on it; the keys do the same. */
export function ReviewPair({
  item,
  mode,
  setMode,
  deciding,
}: {
  item: Item;
  mode: Mode;
  setMode: (mode: Mode) => void;
  deciding: Deciding;
}) {
  const { review } = item;
  const shown = asEdited(item);
  // What was being changed when the page was left goes on.
  useLayoutEffect(() => {
    if (draftOf(item)) setMode("editing");
  }, []);
  // With the pair itself, not after it is drawn: a key that is pressed by then acts on what it sees.
  useLayoutEffect(showOpened, []);
  return (
    <>
      <Facts {...item}>
        {review && (
          <span class={`decision ${review.decision}`}>
            {`${review.decision} by `}
            <Foreign text={review.reviewer} />
            {review.reason && ": "}
            {review.reason && <Foreign text={review.reason} />}
          </span>
        )}
      </Facts>
      {mode === "editing" ? (
        <>
          <EarlierTurns history={item.history} />
          <Editor item={shown} deciding={deciding} onEnd={() => setMode("read")} />
        </>
      ) : (
        <QuestionAndAnswer {...shown} />
      )}
      {mode !== "editing" && (
        <div class="actions">
          <button type="button" class="accept" onClick={() => deciding.decide("accepted")}>
            Accept <kbd>a</kbd>
          </button>
          <button type="button" class="reject" onClick={() => setMode("rejecting")}>
            Reject <kbd>r</kbd>
          </button>
          <button type="button" onClick={() => setMode("editing")}>
            Edit <kbd>e</kbd>
          </button>
          {review && (
            <button type="button" onClick={() => deciding.decide("undone")}>
              Undo <kbd>u</kbd>
            </button>
          )}
        </div>
      )}
      {mode === "rejecting" && <Rejecting deciding={deciding} onEnd={() => setMode("read")} />}
      <WhyNot {...item} />
      <Documents {...shown} />
      <ExemplarOf exemplar={item.exemplar} />
      <Behind {...item} />
    </>
  );
}

/** A pair with the text that a person gave it, where one did. */
export function asEdited(item: Item): Item {
  const { review } = item;
  return review?.decision === "edited" && review.edit ? { ...item, ...review.edit } : item;
}

/** Brings the pair that was opened before whoever reads: a narrow window shows it below the form. What is being typed is left alone. */
function showOpened(): void {
  if (matchMedia("(max-width: 60rem)").matches) document.getElementById("detail")?.scrollIntoView({ block: "start" });
  if (!isTyping(document.activeElement)) document.getElementById("detail-heading")?.focus({ preventScroll: true });
}

/** Why it is rejected: one of the usual reasons, or one's own words. */
function Rejecting({ deciding, onEnd }: { deciding: Deciding; onEnd: () => void }) {
  const [reason, setReason] = useState("");
  const field = useRef<HTMLInputElement>(null);
  // With the field itself, not after it is drawn: what is typed by then would go on in another.
  useLayoutEffect(() => field.current?.focus(), []);
  return (
    <form
      class="rejecting"
      aria-label="Why it is rejected"
      onSubmit={(event) => {
        event.preventDefault();
        deciding.decide("rejected", { reason });
      }}
      onKeyDown={(event) => event.key === "Escape" && onEnd()}
    >
      <label for="reason">Why? Enter rejects it, with a reason or without</label>
      <input
        id="reason"
        ref={field}
        list="reasons"
        autocomplete="off"
        dir="auto"
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <datalist id="reasons">
        {reasons.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit">Reject</button>
      <button type="button" onClick={onEnd}>
        Cancel
      </button>
    </form>
  );
}

/** The text as fields; what the free checks say of the new one stands below before it is kept. */
function Editor({ item, deciding, onEnd }: { item: Item; deciding: Deciding; onEnd: () => void }) {
  const { question, answer, options } = item;
  const [edit, setEdit] = useState<ReviewEdit>(() => draftOf(item) ?? { question, answer, options });
  const [found, setFound] = useState<EditCheck>();
  const [judged, setJudged] = useState<Judged>();
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  useEffect(() => {
    setJudged(undefined);
    return onceTyped(() => [
      whileAsked(deciding.check(edit), setFound),
      ...(item.canJudge ? [whileAsked(deciding.judge(edit), setJudged)] : []),
    ]);
  }, [edit]);
  const change = (more: Partial<ReviewEdit>) => {
    const changed = { ...edit, ...more };
    keepDraft(item, changed);
    setEdit(changed);
  };
  const cancel = () => {
    keepDraft(item, undefined);
    onEnd();
  };
  return (
    <form
      class="editor"
      aria-label="Edit the pair"
      onSubmit={(event) => {
        event.preventDefault();
        deciding.decide("edited", { edit });
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") cancel();
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) deciding.decide("edited", { edit });
      }}
    >
      <label for="edit-question">Question</label>
      <textarea
        id="edit-question"
        ref={field}
        dir="auto"
        rows={3}
        value={edit.question}
        onInput={(event) => change({ question: event.currentTarget.value })}
      />
      {edit.options?.map((option, i) => (
        <div key={i} class="field">
          <label for={`edit-option-${i}`}>{`Option ${letterOf(i)}`}</label>
          <input
            id={`edit-option-${i}`}
            dir="auto"
            value={option}
            onInput={(event) =>
              change({ options: edit.options?.map((one, j) => (j === i ? event.currentTarget.value : one)) })
            }
          />
        </div>
      ))}
      <label for="edit-answer">Answer</label>
      <textarea
        id="edit-answer"
        dir="auto"
        rows={4}
        value={edit.answer}
        onInput={(event) => change({ answer: event.currentTarget.value })}
      />
      <Verdict by="The free checks" check={found} before="Checking…" />
      {judged && <Verdict by="The judge" check={judged.verdict} before={judged.price.line} />}
      {judged && !judged.verdict && (
        <button type="button" onClick={() => deciding.judge(edit, judged.price.line).then(setJudged, () => {})}>
          {pricedText("Ask the judge", judged.price)}
        </button>
      )}
      <button type="submit">
        Keep the change <kbd>Ctrl Enter</kbd>
      </button>
      <button type="button" onClick={cancel}>
        Cancel <kbd>Esc</kbd>
      </button>
    </form>
  );
}

/** What was found wrong with the new text; before that is known, another text. */
function Verdict({ by, check, before }: { by: string; check: EditCheck | undefined; before: string }) {
  const found = check?.ok ? "found nothing wrong." : `found fault: ${check?.reason}. ${check?.detail ?? ""}`;
  return (
    <p class={check && !check.ok ? "why" : "quiet"} role="status">
      {check ? `${by} ${found}` : before}
    </p>
  );
}
