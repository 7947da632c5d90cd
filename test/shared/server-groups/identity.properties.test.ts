import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackendRowSchema } from '../../../shared/adapters/tablestore/backend-row-schema.ts';
import { typeOfServer } from '../../../shared/instances/backend-type.ts';
import { newRow, redirected, withColumns } from '../../../shared/server-groups/backend/record.ts';
import { type BackendIdentity, backendId, backendKey } from '../../../shared/server-groups/model.ts';

// Goal: what a backend is survives every way in which it is written down, and no two backends share a key.
// Method: random identities of all three types, as the vendor spells ids and addresses.

const suffix = fc.stringMatching(/^[a-z0-9]{1,4}$/);
const address = fc.ipV4();
const port = fc.integer({ min: 1, max: 65_535 });
const vServerGroupId = suffix.map((id) => `rsp-${id}`);
const identities: fc.Arbitrary<BackendIdentity> = fc.oneof(
  fc.record({
    vServerGroupId,
    serverId: suffix.map((id) => `i-${id}`),
    port,
    serverIp: fc.constant(null),
  }),
  fc.record({
    vServerGroupId,
    serverId: fc.tuple(fc.constantFrom('eni', 'eci'), suffix).map(([prefix, id]) => `${prefix}-${id}`),
    port,
    serverIp: address,
  }),
);
const identityOf = ({ vServerGroupId: group, serverId, port: own, serverIp }: BackendIdentity) => ({
  vServerGroupId: group,
  serverId,
  port: own,
  serverIp,
});

describe('an identity', () => {
  it('comes back from a row, whatever has become of the backend', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        const row = newRow(identity, 'web', 'joining');
        for (const written of [row, withColumns(row, { generation: 7 }), redirected(row, 'draining')]) {
          const read = BackendRowSchema.parse(JSON.parse(JSON.stringify(written)));

          expect(identityOf(read)).toEqual(identity);
          expect(backendId(read)).toBe(backendId(identity));
        }
      }),
    );
  });

  it('has a key that no other has, and that tells all of it', () => {
    fc.assert(
      fc.property(identities, identities, (one, other) => {
        const isSame = JSON.stringify(identityOf(one)) === JSON.stringify(identityOf(other));

        expect(backendId(one) === backendId(other)).toBe(isSame);
        const [, serverId, , serverIp = null, own] =
          /^([^@:]+)(@([^:]+))?:(\d+)$/.exec(backendKey(one)) ?? [];
        expect({ serverId, serverIp, port: Number(own) }).toEqual({
          serverId: one.serverId,
          serverIp: one.serverIp,
          port: one.port,
        });
        expect(typeOfServer(one.serverId)).toBe(
          one.serverId.startsWith('i-') ? 'ecs' : one.serverId.slice(0, 3),
        );
      }),
    );
  });
});
