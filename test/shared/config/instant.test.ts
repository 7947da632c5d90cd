import { describe, expect, it } from 'vitest';
import { isRealInstant } from '../../../shared/config/instant.ts';

describe('an instant', () => {
  it.each(['2026-04-09T04:18:26Z', '2028-02-29T00:00:00Z', '2026-04-09T04:18:26.5Z'])('%s is one', (text) => {
    expect(isRealInstant(text)).toBe(true);
  });

  it.each(['2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-04-09T24:00:00Z', '2026-04-31T10:00:00Z'])(
    '%s is none',
    (text) => {
      expect(isRealInstant(text)).toBe(false);
    },
  );
});
