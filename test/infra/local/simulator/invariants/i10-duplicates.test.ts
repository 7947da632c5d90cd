import { expect, test } from 'vitest';
import { GROUP, LB } from '../../../../support/builders.ts';
import { aDelivery, History, tableWrite } from './history.ts';

const KEY = 'event/acs.ecs/e1';
const DONE = { result: 'accepted for lb-bp1orders0001' };

test('a delivery of duplicates alone that writes anything breaks I10', () => {
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(aDelivery({ id: 'e1' }));
  history.sends(tableWrite());
  expect(history.broken('I10')).toEqual(['events-1 was handed duplicates alone and sends BatchWriteRow']);
});

test('one that only looks does not', () => {
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(aDelivery({ id: 'e1' }));
  history.sends({ product: 'ots', action: 'BatchGetRow', parameters: {} });
  expect(history.broken('I10')).toEqual([]);
});

test('a duplicate among others that is put into an inbox again breaks I10', () => {
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(aDelivery({ id: 'e1' }, { id: 'e2' }));
  history.changes('inbox', [LB, KEY], null, { signal: '{}' });
  expect(history.broken('I10')).toEqual([
    `events-1 puts the event ${KEY} into an inbox again, which was done before`,
  ]);
});

test('the other one may be', () => {
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(aDelivery({ id: 'e1' }, { id: 'e2' }));
  history.changes('inbox', [LB, 'event/acs.ecs/e2'], null, { signal: '{}' });
  expect(history.broken('I10')).toEqual([]);
});

test('another answer to a duplicate breaks I10', () => {
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(aDelivery({ id: 'e1' }, { id: 'e2' }));
  history.changes('done', [KEY], DONE, { result: 'not selected' });
  expect(history.broken('I10')).toEqual([
    `events-1 answers the duplicate ${KEY} with “not selected”, the first was “${DONE.result}”`,
  ]);
});

test('a write of what the worker has seen to be so already breaks I10', () => {
  const history = new History();
  history.looks([{ serverId: 'i-a', weight: 100 }]);
  history.writes('set', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I10')).toEqual([
    `events-1 sends set of i-a:8080 to ${GROUP}, where it has seen it so already`,
  ]);
});

test('a write that changes something does not, were it the Description alone', () => {
  const history = new History();
  history.looks([{ serverId: 'i-a', weight: 100, description: 'slb-autopilot/old' }]);
  history.writes('set', [{ serverId: 'i-a', weight: 100 }]);
  expect(history.broken('I10')).toEqual([]);
});

test('an alarm beside a duplicate may be acted on, and is a duplicate itself once it was done', () => {
  const alarm = {
    ruleId: 'unhealthy',
    curLevel: 'CRITICAL',
    namespace: 'acs_slb_dashboard',
    resources: '{"instanceId": "lb-bp1orders0001", "port": "3306"}',
    time: 1_779_083_460_000,
  };
  const delivery = Buffer.from(
    JSON.stringify([
      ...JSON.parse(aDelivery({ id: 'e1' }).toString()),
      { data: { messageBody: JSON.stringify(alarm) } },
    ]),
  );
  const history = new History();
  history.changes('done', [KEY], null, DONE);
  history.begins(delivery);
  history.sends(tableWrite());
  expect(history.broken('I10')).toEqual([]);

  history.ends(delivery, false);
  history.changes('done', ['alarm/unhealthy/lb-bp1orders0001%3A3306/CRITICAL/1779083460000'], null, DONE);
  history.begins(delivery);
  history.sends(tableWrite());
  expect(history.broken('I10')).toEqual(['events-1 was handed duplicates alone and sends BatchWriteRow']);
});
