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
export function readViewerRoute(hash: string): ViewerRoute {
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
