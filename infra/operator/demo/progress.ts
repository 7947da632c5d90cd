import type { Screen } from '../terminal.ts';

/** Says what is being done while it takes its time, and how long it took. */
export interface Progress {
  /** The next thing begins, and the one before has ended. */
  readonly begin: (text: string) => void;
  /** The last thing has ended. */
  readonly end: () => void;
}

/** Progress as one line for each thing. */
export function createProgress({ write, colors }: Screen): Progress {
  let beganAtMs: number | null = null;
  const end = () => {
    if (beganAtMs !== null) write(colors.dim(` ${((Date.now() - beganAtMs) / 1_000).toFixed(1)} s\n`));
    beganAtMs = null;
  };
  return {
    begin(text) {
      end();
      beganAtMs = Date.now();
      write(`${text} …`);
    },
    end,
  };
}
