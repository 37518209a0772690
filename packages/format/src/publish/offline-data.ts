/** Whether a model id names the offline model, whose data is for dry runs. */
export function isOfflineModel(id: string): boolean {
  return /(?:^|\/)offline(?:$|-)/.test(id);
}

/** The tag on the card of a set that holds such data. */
export const dryRunTag = "dry-run-data";
