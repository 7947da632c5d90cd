import type { PairListenerName } from '../../../shared/config/pair.ts';
import type { Application } from '../world/ecs/serving-spans.ts';
import type { ServerHealthStatus } from '../world/slb/model.ts';

/** A primary and a secondary of a day, named by its configuration: what is behind the pair's listeners at first. */
export interface DayPair {
  /** Of an entry of `pairs` in the configuration. */
  readonly name: string;
  /** `rsp-…`: the group that somebody has made. */
  readonly groupId: string;
  /** When group and listeners come into being: their members, which the day starts, run by then. */
  readonly atMs: number;
  /** Of both members. */
  readonly port: number;
  /** Names of instances. */
  readonly primary: string;
  readonly secondary: string;
  /** Those that exist; the others of the configuration do not. */
  readonly listeners: ReadonlyArray<DayPairListener>;
  /** The rule at CloudMonitor for each of its listeners; `null` = nobody is told. */
  readonly alarm: DayPairAlarm | null;
}

/** A listener of a pair, with its settings by the vendor's names. */
export interface DayPairListener extends PairListenerName {
  readonly settings: Readonly<Record<string, string>>;
}

/** When an alarm fires that counts the unhealthy servers of a listener, and when it is repeated. */
export interface DayPairAlarm {
  /** A multiple of 60,000. */
  readonly periodMs: number;
  readonly times: number;
  readonly silenceMs: number;
}

/** What happens to pairs. `pair` is a pair's name, `listener` counts the day's listeners of it from 0. */
export type PairHappening =
  /** From now on its application behaves like this; at `untilMs` it serves again, `null` = for good. */
  | {
      readonly atMs: number;
      readonly kind: 'application';
      readonly name: string;
      readonly application: Application;
      readonly untilMs: number | null;
    }
  /** The checks find that of the instance, whatever it does. */
  | {
      readonly atMs: number;
      readonly kind: 'health';
      readonly name: string;
      readonly status: ServerHealthStatus;
      readonly untilMs: number;
    }
  /** An alarm that no rule has raised, once or more, about an instant so long ago. */
  | {
      readonly atMs: number;
      readonly kind: 'alarm';
      readonly pair: string;
      readonly listener: number;
      readonly level: 'CRITICAL' | 'WARN' | 'OK';
      readonly agoMs: number;
      readonly copies: number;
    }
  /** An operator points it at a new group of theirs, at the one that it used before, or at the one that the others use. */
  | {
      readonly atMs: number;
      readonly kind: 'operator-points';
      readonly pair: string;
      readonly listener: number;
      readonly to: 'own-group' | 'back' | 'together';
    }
  | {
      readonly atMs: number;
      readonly kind: 'operator-describes';
      readonly pair: string;
      readonly listener: number;
      readonly text: string;
    }
  /** An operator deletes the youngest group of the load balancer that no listener uses. */
  | { readonly atMs: number; readonly kind: 'operator-deletes'; readonly pair: string }
  /** An operator creates a group by a name of the product's, `ahead` numbers after the highest that there is. */
  | {
      readonly atMs: number;
      readonly kind: 'operator-creates';
      readonly pair: string;
      readonly ahead: number;
      readonly isSwapped: boolean;
    }
  /** A person asks for a promotion; `to` names an instance, `null` = the secondary. */
  | {
      readonly atMs: number;
      readonly kind: 'order-promotion';
      readonly pair: string;
      readonly to: string | null;
      readonly overridesCoolDown: boolean;
    }
  /** A person asks for no change for so long; `null` = takes that back. */
  | {
      readonly atMs: number;
      readonly kind: 'order-pause';
      readonly pair: string;
      readonly forMs: number | null;
    };
