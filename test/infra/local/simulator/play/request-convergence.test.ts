import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryClouds, type MemoryClouds } from '../../../../../infra/local/memory/clouds.ts';
import { readMemoryDeployment } from '../../../../../infra/local/memory/read-deployment.ts';
import { faultOfAnswers } from '../../../../../infra/local/simulator/play/request-convergence.ts';
import { VirtualClock } from '../../../../../infra/local/world/clock.ts';
import { QUEUES } from '../../../../../shared/adapters/mns/queues.ts';
import { NOW_MS } from '../../../../support/builders.ts';

const deployment = await readMemoryDeployment();

let clouds: MemoryClouds;
beforeEach(() => {
  clouds = createMemoryClouds({ clock: new VirtualClock(NOW_MS), deployment });
});
afterEach(() => clouds.close());

const answers = (requestId: string, outcome: string) => {
  const body = Buffer.from(JSON.stringify({ requestId, outcome })).toString('base64');
  clouds.mns.sendMessage(QUEUES.results, { body });
};

describe('the answers to requests', () => {
  it('are at fault when one has none', () => {
    answers('a', 'done');
    expect(faultOfAnswers(clouds, ['a', 'b'])).toBe('the request b was never answered');
  });

  it('are at fault when copies of one are answered differently', () => {
    answers('a', 'done');
    answers('a', 'refused');
    expect(faultOfAnswers(clouds, ['a'])).toBe('the request a was answered with 2 different texts');
  });

  it('are in order when every copy has the same, and nobody else’s are looked at', () => {
    answers('a', 'done');
    answers('a', 'done');
    answers('b', 'done');
    answers('b', 'refused');
    expect(faultOfAnswers(clouds, ['a'])).toBeNull();
  });
});
