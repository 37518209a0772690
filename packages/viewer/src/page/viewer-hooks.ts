import { useEffect, useRef, useState } from "preact/hooks";
import { readViewerRoute, type ViewerRoute } from "./viewer-route.ts";

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

/** The name that decisions are kept under; this browser remembers it. */
export function useReviewer(): [string, (name: string) => void] {
  const [name, setName] = useState(() => localStorage.getItem("reviewer") ?? "me");
  return [
    name,
    (next) => {
      localStorage.setItem("reviewer", next);
      setName(next);
    },
  ];
}

/** Keys that act wherever nothing is being typed. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  const now = useRef(actions);
  now.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { ctrlKey, metaKey, altKey, key, target } = event;
      const isTyping = target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      const action = now.current[key];
      if (!action || ctrlKey || metaKey || altKey || isTyping) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
