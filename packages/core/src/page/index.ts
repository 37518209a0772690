// What every page of the project is made of: the report of a run, the local app, and the report of an evaluation.
export {
  type Bar,
  type BarPart,
  barTable,
  type Histogram,
  histogram,
  legend,
  type Series,
  summarize,
} from "./charts.ts";
export {
  card,
  countHtml,
  foreignHtml,
  nothing,
  shareHtml,
  styles,
  type TextPart,
  tileList,
  visibleString,
  visibleText,
} from "./html.ts";
