/** A number read from words, and the index behind it. */
export interface ReadNumber {
  /** In digits; an ordinal ends in `th`, whatever its number. */
  token: string;
  next: number;
}
