import { describe, expect, it } from 'vitest';
import { scalingGroupFindings } from '../../../../../infra/operator/doctor/checks/scaling-groups.ts';
import type { ScalingGroupAnswers } from '../../../../../infra/operator/doctor/model.ts';
import type { NativeAttachment } from '../../../../../shared/scaling/model.ts';
import { aBinding, anInstance, GROUP, LB, SCALING_GROUP } from '../../../../support/builders.ts';
import {
  aConfig,
  aListing,
  aScaledBinding,
  aScalingGroup,
  known,
  scaledFacts,
  someFacts,
  unknown,
} from '../facts.ts';

const GROUP_FACTS = { scalingGroupId: SCALING_GROUP, name: 'web', lifecycleState: 'Active', attachments: [] };

const findingsOf = (answers: Partial<ScalingGroupAnswers>, facts: Parameters<typeof scaledFacts>[0] = {}) =>
  scalingGroupFindings(
    scaledFacts({ scalingGroups: new Map([[SCALING_GROUP, aScalingGroup(answers)]]), ...facts }),
  );
const troubles = (...args: Parameters<typeof findingsOf>) =>
  findingsOf(...args).filter(({ severity }) => severity !== 'ok');

describe('a scaling group', () => {
  it('that does not exist is one error, and nothing else is said of it', () => {
    expect(findingsOf({ group: known(null), hooks: unknown('404'), instances: unknown('404') })).toEqual([
      {
        severity: 'error',
        check: 'scaling-group',
        where: { scalingGroup: SCALING_GROUP },
        found: 'there is no such scaling group in cn-hangzhou: nothing is selected for web',
        fix: 'correct its id in the file',
        call: null,
      },
    ]);
  });

  it('that is not active is a warning', () => {
    const group = known({ ...GROUP_FACTS, lifecycleState: 'Inactive' });

    expect(troubles({ group })).toMatchObject([{ severity: 'warning', check: 'scaling-group' }]);
  });

  it('is told what could not be asked, each question by itself', () => {
    const answers = {
      group: unknown('group denied'),
      hooks: unknown('hooks denied'),
      instances: unknown('instances denied'),
    };

    expect(findingsOf(answers).map(({ check, found }) => [check, found])).toEqual([
      ['not-checked', 'could not be checked: group denied'],
      ['not-checked', 'could not be checked: hooks denied'],
      ['not-checked', 'could not be checked: instances denied'],
    ]);
  });

  it('is well with its hooks, and says which bindings place its instances', () => {
    const findings = findingsOf({});

    expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect(findings.map(({ found }) => found)).toContain('its instances are placed by web');
  });
});

describe('a scaling group that only `scaling.groups` names', () => {
  const factsWith = (instances: Parameters<typeof aListing>[0], isComplete = true) =>
    scalingGroupFindings(
      someFacts({
        scalingGroups: new Map([[SCALING_GROUP, aScalingGroup()]]),
        listings: new Map([['web', aListing(instances, isComplete)]]),
      }),
    ).find(({ check }) => check === 'placing');

  it('and of whose instances no binding selects any is a warning', () => {
    expect(factsWith([anInstance('i-another')])).toMatchObject({
      severity: 'warning',
      found: 'no binding selects any of its 1 instances: its hooks are answered at once',
    });
  });

  it('is not accused from a listing that is not whole', () => {
    expect(factsWith([anInstance('i-another')], false)).toBeUndefined();
  });

  it('is well where tags select its instances', () => {
    expect(factsWith([anInstance('i-web0001')])).toMatchObject({ severity: 'ok' });
  });
});

describe('a vServer group that Auto Scaling itself manages', () => {
  const attached = (...attachments: ReadonlyArray<NativeAttachment>) => ({
    group: known({ ...GROUP_FACTS, attachments }),
  });
  const OURS = { loadBalancerId: LB, vServerGroupId: GROUP, port: 8080 };

  it('and a binding too is an error, with the call that detaches it', () => {
    expect(troubles(attached(OURS))).toEqual([
      {
        severity: 'error',
        check: 'native-attachment',
        where: { scalingGroup: SCALING_GROUP, binding: 'web', vServerGroup: GROUP },
        found: `the scaling group itself attaches port 8080 of ${GROUP}, which the binding web manages: Auto Scaling takes instances out before its hook waits, so nothing can be drained`,
        fix: 'detach it; its backends stay, as somebody else’s until the binding says adopt: true',
        call: {
          api: 'DetachVServerGroups',
          parameters: {
            RegionId: 'cn-hangzhou',
            ScalingGroupId: SCALING_GROUP,
            VServerGroups: [
              { LoadBalancerId: LB, VServerGroupAttributes: [{ VServerGroupId: GROUP, Port: 8080 }] },
            ],
            ForceDetach: false,
          },
        },
      },
    ]);
  });

  it('is found whatever the binding selects by', () => {
    const bindings = [aScaledBinding({ ports: [{ port: 9090, weight: 1 }] }), aBinding({ name: 'by-tags' })];

    expect(troubles(attached(OURS), { config: aConfig({ bindings }) })).toMatchObject([
      { check: 'native-attachment', where: { binding: 'by-tags' } },
    ]);
  });

  it('is none of our concern on another port or in another group', () => {
    expect(
      troubles(attached({ ...OURS, port: 9090 }, { ...OURS, vServerGroupId: 'rsp-bp1another' })),
    ).toEqual([]);
  });
});
