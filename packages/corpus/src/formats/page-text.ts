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
