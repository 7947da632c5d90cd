import pc from 'picocolors';

/** A stream that people or programs read. */
export interface Screen {
  write(text: string): void;
  /** A person looks at it: colours are wanted and the cursor can be moved. */
  readonly isInteractive: boolean;
  /** Of an interactive screen; it may change. */
  size(): { readonly columns: number; readonly rows: number };
  readonly colors: Colors;
}

/** Formatters that do nothing where colours are not wanted. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes: results to `out`, whatever else there is to say to `err`. */
export interface Terminal {
  readonly out: Screen;
  readonly err: Screen;
}

/** Columns of a line; where nobody looks at a screen, it may be as long as it is. */
export function columnsOf(screen: Pick<Screen, 'isInteractive' | 'size'>): number {
  return screen.isInteractive ? screen.size().columns : Number.POSITIVE_INFINITY;
}

/** This process's streams. */
export function processTerminal(): Terminal {
  return { out: screenOf(process.stdout), err: screenOf(process.stderr) };
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  // `… | head` closes the stream early; that ends the command and is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const isInteractive = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    isInteractive,
    size: () => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 }),
    // The library would also colour what continuous integration captures.
    colors: pc.createColors(isInteractive && pc.isColorSupported),
  };
}
