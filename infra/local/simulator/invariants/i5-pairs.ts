import { readPair } from '../play/tables.ts';
import type { MakeInvariant } from './invariant.ts';
import { ListenerMoves } from './listener-moves.ts';
import { PairCalls } from './pair-calls.ts';
import { PairSagas } from './pair-sagas.ts';
import { AllSight } from './pair-sight.ts';

/**
 * I5: changes of a pair come one after the other, by themselves at most one in a cool-down ({@link PairSagas}); what is sent
 * for them touches nothing but the pair's own listeners and groups ({@link PairCalls}). What is left when everything has
 * come to rest is judged by the day itself.
 */
export const pairs: MakeInvariant = (scene, violate) => {
  // Most days have none, and are not to pay for it.
  if (scene.config.pairs.length === 0) return {};
  const sight = new AllSight();
  const moves = new ListenerMoves(scene.clouds);
  const watch = { scene, sight, moves, violate };
  const sagas = new PairSagas(watch);
  const calls = new PairCalls(watch, sagas);
  return {
    sent(call) {
      sight.sent(call);
      calls.sent(call);
    },
    landed(call) {
      moves.landed(call);
      calls.landed(call);
    },
    heard(call, answer) {
      sight.heard(call, answer);
      calls.heard(call, answer);
    },
    rowWritten(change, by) {
      const row = change.table === 'promotions' && change.after !== null ? readPair(change.after) : null;
      if (row !== null) calls.know(row);
      sagas.rowWritten(change, by);
    },
  };
};
