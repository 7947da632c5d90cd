import { type Findings, OBSERVERS, type Observer, type Statement, type Testimony } from './model.ts';

/** What was heard longer ago than this may have changed and changed back since. */
export const SILENCE_MAX_MS = 2 * 60_000;

/** What the observers have been saying, now that they have been heard again. `before` = `null` when there is none. */
export function hear(before: Testimony | null, findings: Findings, nowMs: number): Testimony {
  const known = before !== null && nowMs - before.heardAtMs <= SILENCE_MAX_MS ? before : null;
  const statement = (observer: Observer): Statement => {
    const { finding, text } = findings[observer];
    const last = known?.[observer];
    const sinceMs = last?.finding === finding ? last.sinceMs : nowMs;
    return { finding, text, sinceMs };
  };
  return {
    health: statement('health'),
    ecs: statement('ecs'),
    probe: statement('probe'),
    heardAtMs: nowMs,
  };
}

/** Those who call the server bad, and have done so for as long. */
export function accusers(testimony: Testimony, forMs: number, nowMs: number): ReadonlyArray<Observer> {
  return OBSERVERS.filter((observer) => {
    const { finding, sinceMs } = testimony[observer];
    return finding === 'bad' && sinceMs + forMs <= nowMs;
  });
}

/** Whether anybody says something bad of it. */
export function isAccused(testimony: Testimony): boolean {
  return OBSERVERS.some((observer) => testimony[observer].finding === 'bad');
}

/** `health: abnormal on tcp:3306; ecs: Stopped` */
export function describeAccusations(testimony: Testimony): string {
  return OBSERVERS.filter((observer) => testimony[observer].finding === 'bad')
    .map((observer) => `${observer}: ${testimony[observer].text}`)
    .join('; ');
}
