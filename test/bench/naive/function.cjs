/**
 * The function that one writes first: every SDK at the top of the file, each message for itself, one call per step.
 * It is what our numbers are shown beside. It does less than it should (no order, no lease, no guard, no drain time).
 */
const Tablestore = require('tablestore');
const { default: SlbClient, OpenApiUtil } = require('@alicloud/openapi-core');
const { default: EcsClient, DescribeInstancesRequest } = require('@alicloud/ecs20140526');
const Mns = require('@alicloud/mns');
const Fc = require('@alicloud/fc2');
const { default: Credentials } = require('@alicloud/credentials');

const { FC_ACCOUNT_ID, FC_REGION, OTS_INSTANCE, NAIVE_GROUP, NAIVE_PORT } = process.env;
const { OTS_ENDPOINT, SLB_ENDPOINT, ECS_ENDPOINT, MNS_ENDPOINT } = process.env;
const RPC = {
  version: '2014-05-15',
  protocol: 'HTTPS',
  pathname: '/',
  method: 'POST',
  authType: 'AK',
  style: 'RPC',
  reqBodyType: 'formData',
  bodyType: 'json',
};
let clients;

/** Nothing to read: this one is configured by its environment. */
exports.initialize = async () => {};

/** Takes the messages one after the other; the first failure fails the batch. */
exports.handler = async (event, { credentials }) => {
  clients ??= open(credentials);
  for (const { id, data } of JSON.parse(event)) {
    if (!(await begin(id))) continue;
    await work(data.resourceId, data.state);
    await finish(id);
  }
  return {};
};

function open({ accessKeyId, accessKeySecret }) {
  const rpc = (endpoint) => ({
    accessKeyId,
    accessKeySecret,
    regionId: FC_REGION,
    endpoint: new URL(endpoint).host,
    protocol: new URL(endpoint).protocol.replace(':', ''),
  });
  return {
    tables: new Tablestore.Client({
      accessKeyId,
      secretAccessKey: accessKeySecret,
      endpoint: OTS_ENDPOINT,
      instancename: OTS_INSTANCE,
      maxRetries: 0,
    }),
    slb: new SlbClient(rpc(SLB_ENDPOINT)),
    ecs: new EcsClient(rpc(ECS_ENDPOINT)),
    // As in many a function, these are there because the next change will need them.
    later: [
      new Mns(FC_ACCOUNT_ID, { endpoint: MNS_ENDPOINT, accessKeyId, accessKeySecret }),
      Fc,
      Credentials,
    ],
  };
}

/** Claims a message; `false` when it was claimed before. */
async function begin(id) {
  const { Condition, RowExistenceExpectation } = Tablestore;
  try {
    await clients.tables.putRow({
      tableName: 'done',
      condition: new Condition(RowExistenceExpectation.EXPECT_NOT_EXIST, null),
      primaryKey: [{ key: id }],
      attributeColumns: [{ result: 'begun' }],
    });
    return true;
  } catch (error) {
    if (String(error).includes('OTSConditionCheckFail')) return false;
    throw error;
  }
}

async function finish(id) {
  await clients.tables.updateRow({
    tableName: 'done',
    condition: new Tablestore.Condition(Tablestore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [{ key: id }],
    updateOfAttributeColumns: [{ PUT: [{ result: 'done' }] }],
  });
}

async function work(instanceId, state) {
  const server = { ServerId: instanceId, Port: Number(NAIVE_PORT) };
  if (state === 'Running') {
    const query = { regionId: FC_REGION, instanceIds: JSON.stringify([instanceId]) };
    const { body } = await clients.ecs.describeInstances(new DescribeInstancesRequest(query));
    if (body.instances.instance[0]?.status !== 'Running') return;
    await slb('AddVServerGroupBackendServers', [{ ...server, Weight: 100 }]);
  } else {
    await slb('SetVServerGroupAttribute', [{ ...server, Weight: 0 }]);
    await slb('RemoveVServerGroupBackendServers', [server]);
  }
}

async function slb(action, backends) {
  const parameters = {
    RegionId: FC_REGION,
    VServerGroupId: NAIVE_GROUP,
    BackendServers: JSON.stringify(backends),
  };
  await clients.slb.callApi({ ...RPC, action }, { query: OpenApiUtil.query(parameters) }, {});
}
