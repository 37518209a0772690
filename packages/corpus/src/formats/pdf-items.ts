import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";

type Content = Awaited<ReturnType<PDFPageProxy["getTextContent"]>>;
/** A piece of text as PDF.js finds it. */
export type Item = Extract<Content["items"][number], { str: string }>;

/** A piece of a line: text without a wide gap in it. Places are in points, in the direction in which most of its page is written. */
export interface Segment {
  text: string;
  left: number;
  right: number;
  /** Of the base line; it grows upwards. */
  y: number;
  /** Height of its letters. */
  size: number;
  /** Number of its line: those that share one stand side by side. */
  line: number;
}

/** The text of a page in the order in which it was drawn. */
export interface PageText {
  /** Counted from 1. */
  number: number;
  segments: Segment[];
  /** Lines that are turned by a right angle, such as a stamp in the margin or the name of an axis. */
  turned: string[];
  /** Lines that run aslant, such as a watermark. */
  slanted: string[];
  /** The highest and the lowest y of the page. */
  top: number;
  bottom: number;
  /** Written from top to bottom: its lines stand side by side. */
  isVertical: boolean;
}

/** What stands at so many degrees from a right angle was put into a scanner aslant, or was written so for the eye. */
const maxTilt = 10;

/** Of what is a little aslant the right angle that is nearest. */
export function angleOf({ transform }: Item): number {
  const [a = 1, b = 0] = transform as number[];
  const angle = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360;
  const nearest = Math.round(angle / 90) * 90;
  return Math.abs(angle - nearest) <= maxTilt ? nearest % 360 : angle;
}

export function sizeOf({ transform, height }: Item): number {
  const [, , c = 0, d = 0] = transform as number[];
  return Math.hypot(c, d) || height || 1;
}
