import { describe, expect, it } from 'vitest';
import { selectorFindings } from '../../../../../infra/operator/doctor/checks/selectors.ts';
import { anInstance, SCALING, SCALING_GROUP } from '../../../../support/builders.ts';
import { aConfig, aListing, aScalingGroup, known, scaledFacts, someFacts, unknown } from '../facts.ts';

const ofListing = (listing: ReturnType<typeof aListing> | ReturnType<typeof unknown>) =>
  selectorFindings(someFacts({ listings: new Map([['web', listing]]) }));

describe('a selector by tags', () => {
  it('that reaches the end of what a query sees is an error', () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => anInstance(`i-${index}`));

    expect(ofListing(aListing(thousand, false))).toMatchObject([
      {
        severity: 'error',
        check: 'selector',
        where: { binding: 'web' },
        found: expect.stringMatching(
          /^a query by tags sees 1,000 resources at most, and 1000 carry role=web/,
        ),
      },
    ]);
  });

  it('that matches nothing is a warning', () => {
    expect(ofListing(aListing([]))).toMatchObject([
      { severity: 'warning', found: 'no instance carries role=web' },
    ]);
  });

  it('that could not be asked about is not said to match nothing', () => {
    expect(ofListing(unknown('Forbidden.RAM'))).toMatchObject([{ check: 'not-checked' }]);
  });

  it('whose instances belong to a scaling group that nobody names is a warning', () => {
    const tags = { role: 'web', 'acs:autoscaling:scalingGroupId': SCALING_GROUP };
    const listings = new Map([['web', aListing([anInstance('i-1', { tags }), anInstance('i-2', { tags })])]]);

    expect(selectorFindings(someFacts({ listings }))).toMatchObject([
      { severity: 'ok', found: '2 instances carry role=web' },
      {
        severity: 'warning',
        check: 'scaling-group-unnamed',
        where: { binding: 'web', scalingGroup: SCALING_GROUP },
        fix: `name it: scaling.groups: [{ id: ${SCALING_GROUP} }]`,
      },
    ]);
    const scaling = { ...SCALING, groups: [{ scalingGroupId: SCALING_GROUP, hookTimeoutMs: null }] };
    expect(selectorFindings(someFacts({ listings, config: aConfig({ scaling }) }))).toHaveLength(1);
  });
});

describe('a selector by scaling group', () => {
  it('without an instance is a warning, with some it tells how many', () => {
    const empty = aScalingGroup({ instances: known(new Map()) });

    expect(selectorFindings(scaledFacts({ scalingGroups: new Map([[SCALING_GROUP, empty]]) }))).toMatchObject(
      [{ severity: 'warning', found: 'the scaling group has no instance' }],
    );
    expect(selectorFindings(scaledFacts())).toMatchObject([{ severity: 'ok', found: '1 instance in it' }]);
  });

  it('says nothing where the scaling group has been told of already', () => {
    for (const answers of [{ group: known(null) }, { instances: unknown('denied') }]) {
      const scalingGroups = new Map([[SCALING_GROUP, aScalingGroup(answers)]]);

      expect(selectorFindings(scaledFacts({ scalingGroups }))).toEqual([]);
    }
  });
});
