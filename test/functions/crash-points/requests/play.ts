import { remainsOf } from '../end.ts';
import { groupPlay } from '../group-play.ts';
import type { Play } from '../play.ts';
import { untouchedFaults } from '../promotions/end.ts';
import { promotionPlay } from '../promotions/play.ts';
import { ORDER_ID, type PromotionStory } from '../promotions/story.ts';
import { MOVE, RequestProtocol } from './protocol.ts';
import { faultsOfResults, resultsIn } from './results.ts';
import type { RequestStory } from './story.ts';

/** A story about backends that people ask something of. */
export function requestPlay(story: RequestStory): Play {
  return {
    ...groupPlay(story),
    watch: (clouds, memory) => new RequestProtocol(clouds, story, memory),
    remains(clouds, memory) {
      const { faults, staleEntries } = remainsOf(clouds, story);
      return {
        faults: [...faults, ...faultsOfResults(clouds, story.results), ...faultsOfMoves(memory, story.moves)],
        staleEntries,
      };
    },
  };
}

/** The change of a pair that begins with a request. It is refused when a question to the candidate is lost; see `isRefused`. */
export function promotionRequestPlay(story: PromotionStory): Play {
  const play = promotionPlay(story);
  return {
    ...play,
    remains(clouds, memory) {
      const isRefused = resultsIn(clouds).some(({ reason }) => NO_ANSWER.test(reason));
      const { faults, staleEntries } = isRefused
        ? { faults: untouchedFaults(clouds, story, memory), staleEntries: 0 }
        : play.remains(clouds, memory);
      const result = isRefused ? `${ORDER_ID} refused declined` : `${ORDER_ID} done null`;
      return { faults: [...faults, ...faultsOfResults(clouds, [result])], staleEntries };
    },
  };
}

const NO_ANSWER = /: probe says no answer within \d+ ms$/;

function faultsOfMoves(memory: ReadonlyMap<string, number>, wanted: RequestStory['moves']): Array<string> {
  const found = [...memory].flatMap(
    ([key, count]): ReadonlyArray<[string, number]> =>
      key.startsWith(MOVE) ? [[key.slice(MOVE.length), count]] : [],
  );
  const textOf = (moves: ReadonlyArray<[string, number]>) => JSON.stringify([...moves].sort());
  const [is, should] = [textOf(found), textOf(Object.entries(wanted))];
  return is === should ? [] : [`the moves: ${is}, not ${should}`];
}
