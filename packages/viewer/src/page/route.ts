/** What is asked of the list; a number picks one of the meta's names, undefined takes all. */
export interface Filter {
  text: string;
  paradigm?: number;
  verdict?: number;
  reason?: number;
  task?: number;
  passage?: number;
  exemplar?: number;
}

/** What the address says the page shows. */
export interface Route {
  view: "overview" | "examples";
  filter: Filter;
  /** Page of the list, from 0. */
  page: number;
  /** Number of the opened example. */
  open?: number;
}

const numbers = ["paradigm", "verdict", "reason", "task", "passage", "exemplar"] as const;

/** Reads the part of the address after "#". */
export function readRoute(hash: string): Route {
  const [name, query = ""] = hash.replace(/^#/, "").split("?");
  const given = new URLSearchParams(query);
  const filter: Filter = { text: given.get("q") ?? "" };
  for (const key of numbers) filter[key] = numberOf(given.get(key));
  return {
    view: name === "examples" ? "examples" : "overview",
    filter,
    page: numberOf(given.get("page")) ?? 0,
    open: numberOf(given.get("open")),
  };
}

/** The address of a route. */
export function hrefOf({ view, filter, page, open }: Route): string {
  if (view === "overview") return "#overview";
  const query = new URLSearchParams();
  if (filter.text) query.set("q", filter.text);
  for (const key of numbers) if (filter[key] !== undefined) query.set(key, String(filter[key]));
  if (page > 0) query.set("page", String(page));
  if (open !== undefined) query.set("open", String(open));
  return query.size > 0 ? `#examples?${query}` : "#examples";
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
