/** Whether a text of the shape `2026-04-09T04:18:26Z`, with or without a fraction, is an instant that there is: no 30 February. */
export function isRealInstant(text: string): boolean {
  const atMs = Date.parse(text);
  // An engine may read the 30th of February as the 2nd of March.
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().slice(0, 19) === text.slice(0, 19);
}
