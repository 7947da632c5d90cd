/** Longest text that is read as a form; an alarm's has less than 2 KB. */
export const FORM_BYTES_MAX = 64 * 1024;
/** Fields of a form; an alarm has about twenty. */
export const FORM_FIELDS_MAX = 100;

/** What a form must say to be taken for one: CloudMonitor's alarms do. Any text with a `=` in it would be a form otherwise. */
const MARKS = ['alertState', 'metricName'] as const;

/**
 * The fields of a form-encoded text (`application/x-www-form-urlencoded`), as CloudMonitor posts its alarms and as they
 * stay when somebody puts such a post on a queue; `undefined` for any other text, also for one that says a field twice.
 *
 * ```text
 * alertState=ALERT&metricName=UnhealthyServerCount&dimensions=%7BinstanceId%3Dlb-bp1orders0001%2C+port%3D3306%7D
 * ```
 *
 * @see https://www.alibabacloud.com/help/en/cms/user-guide/configure-callbacks-for-custom-alerts
 */
export function parseForm(text: string): Readonly<Record<string, string>> | undefined {
  // Cheap, and first: most texts that are no JSON are no form either.
  if (!MARKS.every((mark) => text.includes(`${mark}=`))) return undefined;
  if (Buffer.byteLength(text) > FORM_BYTES_MAX) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text.trim())) {
    if (fields.has(name) || fields.size === FORM_FIELDS_MAX) return undefined;
    fields.set(name, value);
  }
  if (!MARKS.every((mark) => fields.has(mark))) return undefined;
  // Makes every name an own field, `__proto__` too.
  return Object.fromEntries(fields);
}
