import pc from 'picocolors';
import { main } from '../../../infra/operator/program.ts';
import type { Ended } from './autopilot.ts';

/** Runs the command line to its end inside this process: for commands that only ask and tell, many times faster. */
export async function runHere(
  args: ReadonlyArray<string>,
  {
    columns = 80,
    isInteractive = false,
  }: { readonly columns?: number; readonly isInteractive?: boolean } = {},
): Promise<Ended> {
  const texts = { out: '', err: '' };
  const screen = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
    isInteractive,
    size: () => ({ columns, rows: 24 }),
    colors: pc.createColors(isInteractive),
  });
  const status = await main(args, { out: screen('out'), err: screen('err') });
  return { status, ...texts };
}
