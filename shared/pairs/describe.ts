/** `until 2026-04-09T04:18:26Z`, for sentences that people read. */
export function describeUntil(atMs: number): string {
  return `until ${new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z')}`;
}
