import type { Signal } from '../acceptance/model.ts';
import { groupBy } from '../collections.ts';
import type { PairInput } from './model.ts';
import type { Notice } from './record.ts';

/** A notice that nothing has confirmed or ended is forgotten after this time: what it spoke of has been or will not be. */
const NOTICE_LIFE_MS = 24 * 3_600_000;
/** A spot instance is gone minutes after its notice. */
const SPOT_NOTICE_LIFE_MS = 3_600_000;

/** The notice about a server that counts now; `null` = there is none. */
export function activeNotice(notices: ReadonlyArray<Notice>, serverId: string, nowMs: number): Notice | null {
  return notices.find((notice) => notice.serverId === serverId && notice.fromMs <= nowMs) ?? null;
}

/** When the next notice about a server begins to count; `null` = there is none that does not yet. */
export function nextNoticeMs(notices: ReadonlyArray<Notice>, serverId: string, nowMs: number): number | null {
  const later = notices.filter((notice) => notice.serverId === serverId && notice.fromMs > nowMs);
  return later.length === 0 ? null : Math.min(...later.map(({ fromMs }) => fromMs));
}

/** The notices as the signals leave them, without those that are over. */
export function withSignals(
  notices: ReadonlyArray<Notice>,
  signals: ReadonlyArray<Signal>,
  { instances, asked, nowMs }: Pick<PairInput, 'instances' | 'asked' | 'nowMs'>,
): ReadonlyArray<Notice> {
  let kept: ReadonlyArray<Notice> = notices;
  for (const [serverId, own] of groupBy(signals, ({ instanceId }) => instanceId)) {
    for (const { news, acceptedAtMs } of [...own].sort((a, b) => a.acceptedAtMs - b.acceptedAtMs)) {
      if (news.kind === 'leave' && (news.cause === 'spot-reclaim' || news.cause === 'maintenance')) {
        const { cause, ref } = news;
        const others = kept.filter((each) => !(each.serverId === serverId && each.ref === ref));
        kept = [
          ...others,
          { serverId, cause, ref, fromMs: news.fromMs ?? acceptedAtMs, noticedAtMs: acceptedAtMs },
        ];
      } else if (news.kind === 'return') {
        const { cause, ref } = news;
        const isOver = (each: Notice) =>
          each.serverId === serverId && each.cause === cause && (ref === null || each.ref === ref);
        kept = kept.filter((each) => !isOver(each));
      }
    }
  }
  const isPast = ({ serverId, cause, fromMs, noticedAtMs }: Notice) => {
    const lifeMs = cause === 'spot-reclaim' ? SPOT_NOTICE_LIFE_MS : NOTICE_LIFE_MS;
    const isGone = asked.has(serverId) && !instances.has(serverId);
    return isGone || nowMs > Math.max(fromMs, noticedAtMs) + lifeMs;
  };
  const left = kept.filter((notice) => !isPast(notice));
  return isSame(left, notices) ? notices : left;
}

function isSame(a: ReadonlyArray<Notice>, b: ReadonlyArray<Notice>): boolean {
  return a.length === b.length && a.every((notice, index) => notice === b[index]);
}
