import { describe, expect, it } from 'vitest';
import { wrappedSentences } from '../../../infra/operator/table.ts';

describe('wrappedSentences', () => {
  it('cuts sentences between words, and leaves lists and commands as they are', () => {
    const text = 'somebody else lets it go ahead\n  autopilot approve r-1 --reason TEXT';

    expect(wrappedSentences(text, 16)).toBe(
      'somebody else\nlets it go ahead\n  autopilot approve r-1 --reason TEXT',
    );
    expect(wrappedSentences(text, Number.POSITIVE_INFINITY)).toBe(text);
  });
});
