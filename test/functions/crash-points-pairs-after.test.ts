import { describe } from 'vitest';
import { itSurvivesEveryPairThatBeginsWith } from './crash-points/pairs.ts';

describe('a worker that dies after a call', () => {
  itSurvivesEveryPairThatBeginsWith('after');
});
