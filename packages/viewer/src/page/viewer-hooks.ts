import type { ReviewEdit } from "@rag-instruct/core";
import { useEffect, useRef, useState } from "preact/hooks";

/** What the viewer's address says it shows. */
export interface ViewerRoute {
  run: number;
  view: "try" | "overview" | "review" | "compare";
  /** Of the list: text, paradigm, verdict, reason, review, language, sample, seed. */
  filter: Readonly<Record<string, string>>;
  /** Number of the opened pair. */
  open?: number;
}

const views = ["try", "overview", "review", "compare"] as const;

/** Reads the part of the address after "#". */
function readViewerRoute(hash: string): ViewerRoute {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [run, name] = path.split("/");
  const { open, ...filter } = Object.fromEntries(new URLSearchParams(query));
  return {
    run: Number(run) || 0,
    view: views.find((view) => view === name) ?? "overview",
    filter,
    open: open !== undefined && /^\d{1,9}$/.test(open) ? Number(open) : undefined,
  };
}

/** The address of a route. */
export function viewerHref({ run, view, filter, open }: ViewerRoute): string {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  const query = new URLSearchParams(open === undefined ? given : [...given, ["open", String(open)]]);
  return query.size > 0 ? `#/${run}/${view}?${query}` : `#/${run}/${view}`;
}

/** Goes to an address in the place of this one: the way back skips what was only typed or chosen in between. */
export function goInstead(route: ViewerRoute): void {
  history.replaceState(null, "", viewerHref(route));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** The route of the address, as it changes. */
export function useRoute(): ViewerRoute {
  const [route, setRoute] = useState(() => readViewerRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(readViewerRoute(location.hash));
    addEventListener("hashchange", follow);
    // An effect runs after the page is drawn, and the address may have changed between the two.
    follow();
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

/**
 * Hands on what is answered, until what this returns is called: as the cleanup of an effect it keeps an answer from coming after a later
 * one.
 * @example useEffect(() => whileAsked(server.pair(run, number), setItem, report), [run, number]);
 */
export function whileAsked<T>(
  answer: Promise<T>,
  onAnswer: (answer: T) => void,
  onError: (error: unknown) => void = () => {},
): () => void {
  let isAsked = true;
  answer.then(
    (now) => isAsked && onAnswer(now),
    (error) => isAsked && onError(error),
  );
  return () => {
    isAsked = false;
  };
}

// Milliseconds that nothing was typed before something is asked of the server.
const typingPause = 300;

/** Asks when nothing was typed for a moment. @returns ends it, as the cleanup of an effect */
export function onceTyped(ask: () => (() => void)[]): () => void {
  let ends: (() => void)[] = [];
  const timer = setTimeout(() => {
    ends = ask();
  }, typingPause);
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

/** The name that decisions are kept under. Each tab has its own, and a new one that of the last. */
export function useReviewer(): [string, (name: string) => void] {
  const [name, setName] = useState(
    () => sessionStorage.getItem("reviewer") ?? localStorage.getItem("reviewer") ?? "me",
  );
  return [
    name,
    (next) => {
      for (const storage of [sessionStorage, localStorage]) storage.setItem("reviewer", next);
      setName(next);
    },
  ];
}

/** What names a pair as it was seen. */
interface Seen {
  id: string;
  seen: string;
}

const draftKey = ({ id, seen }: Seen) => `draft ${id} ${seen}`;

/** What a person was changing in a pair, in this tab, and has neither kept nor given up. */
export function draftOf(pair: Seen): ReviewEdit | undefined {
  const kept = sessionStorage.getItem(draftKey(pair));
  return kept === null ? undefined : JSON.parse(kept);
}

/** Keeps that over a reload and the way back; undefined forgets it. */
export function keepDraft(pair: Seen, edit: ReviewEdit | undefined): void {
  if (edit) sessionStorage.setItem(draftKey(pair), JSON.stringify(edit));
  else sessionStorage.removeItem(draftKey(pair));
}

/** Whether keys go into a field. */
export function isTyping(target: unknown): boolean {
  return target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Keys that act wherever nothing is being typed; on a keyboard of other letters the key at the same place. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  const now = useRef(actions);
  now.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { ctrlKey, metaKey, altKey, target } = event;
      const action = now.current[nameOf(event)];
      if (!action || ctrlKey || metaKey || altKey || isTyping(target)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** A key by what it writes; by its place where it writes a letter of another script. */
function nameOf({ key, code }: KeyboardEvent): string {
  if (key.length !== 1) return key;
  const isLatin = key.charCodeAt(0) < 128;
  return (isLatin ? key : (/^Key([A-Z])$/.exec(code)?.[1] ?? key)).toLowerCase();
}
