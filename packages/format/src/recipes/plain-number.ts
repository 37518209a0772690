/** A number without an exponent, because YAML 1.1 reads "5e-7" as a text. */
export function plainNumber(value: number): string {
  return /e/.test(String(value)) ? value.toFixed(20).replace(/0+$/, "") : String(value);
}
