/** How the command line ends. Documented in its help. */
export const EXIT_STATUS = {
  ok: 0,
  /** What was asked for did not work. */
  failed: 1,
  /** The configuration is wrong, or the command was. */
  wrong: 2,
  /**
   * Of `plan` alone: there is something to do. It is the 2 that tools which plan have taught scripts, so there a wrong
   * configuration or command is `failed`: nobody must take it for changes.
   */
  changes: 2,
  /** Nothing was found to be wrong, but the clouds could not be asked everything. */
  unanswered: 3,
  /** Nothing went wrong, and nothing is done: a change request waits until somebody else approves it. */
  awaitingApproval: 4,
} as const;
/** @see EXIT_STATUS */
export type ExitStatus = (typeof EXIT_STATUS)[keyof typeof EXIT_STATUS];

/** Ends the command with a status; the message is for people, `null` when everything has been said already. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: ExitStatus;
  readonly text: string | null;

  constructor(status: ExitStatus, text: string | null, cause?: unknown) {
    super(text ?? '', cause === undefined ? undefined : { cause });
    this.status = status;
    this.text = text;
  }
}
