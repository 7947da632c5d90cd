import { describe } from 'vitest';
import { itSurvivesEveryPairThatBeginsWith } from './crash-points/pairs.ts';

describe('a worker that dies before a call', () => {
  itSurvivesEveryPairThatBeginsWith('before');
});
