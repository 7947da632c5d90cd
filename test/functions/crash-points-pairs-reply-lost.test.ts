import { describe } from 'vitest';
import { itSurvivesEveryPairThatBeginsWith } from './crash-points/pairs.ts';

describe('an answer that is lost', () => {
  itSurvivesEveryPairThatBeginsWith('reply lost');
});
