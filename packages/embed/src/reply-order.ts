/**
 * The place in the input of each vector of a reply: what the reply's own `index` fields say, as OpenAI's form has them, else the
 * order they come in. `undefined` where those fields name a place twice or none of the places.
 */
export function replyOrder(body: unknown, count: number): number[] | undefined {
  const data = (body as { data?: unknown } | undefined)?.data;
  const items: { index?: unknown }[] = Array.isArray(data) ? data : [];
  const places = items.map((item) => item?.index);
  const asTheyCome = Array.from({ length: count }, (_, place) => place);
  if (items.length !== count || places.some((place) => place === undefined || place === null)) return asTheyCome;
  const isWhole = new Set(places).size === count && places.every((place) => asTheyCome.includes(place as number));
  return isWhole ? (places as number[]) : undefined;
}
