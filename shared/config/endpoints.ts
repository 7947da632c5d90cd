/** Where a cloud's API is called. */
export interface Endpoint {
  readonly protocol: 'http' | 'https';
  /** Host, with the port where it is not the protocol's own. */
  readonly host: string;
  /** Both as one, without a slash at the end: `https://slb.aliyuncs.com`. */
  readonly url: string;
}

/** Every cloud that the product calls. */
export interface Endpoints {
  readonly slb: Endpoint;
  readonly ecs: Endpoint;
  /** Auto Scaling. */
  readonly ess: Endpoint;
  /** Elastic Container Instance. */
  readonly eci: Endpoint;
  /** CloudMonitor. */
  readonly cms: Endpoint;
  readonly ots: Endpoint;
  readonly mns: Endpoint;
  readonly fc: Endpoint;
}

/** Which of a cloud's endpoints: over the internet, or from inside a VPC. */
export type EndpointNetwork = 'public' | 'vpc';

/**
 * The endpoint in a URL with scheme http or https, or in a bare host, which means https. `null` for anything else,
 * and for a URL with credentials, path, query or fragment: none of them belongs here.
 */
export function parseEndpoint(text: string): Endpoint | null {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (/[\s\\@?#]/.test(withScheme) || !URL.canParse(withScheme)) return null;
  const { protocol, host, pathname } = new URL(withScheme);
  if ((protocol !== 'http:' && protocol !== 'https:') || host === '' || pathname !== '/') return null;
  return endpoint(protocol === 'http:' ? 'http' : 'https', host);
}

/** Regions whose public endpoint of SLB and of Auto Scaling is the central one. */
const CENTRAL_REGIONS: ReadonlySet<string> = new Set([
  'cn-qingdao',
  'cn-beijing',
  'cn-hangzhou',
  'cn-shanghai',
  'cn-shenzhen',
  'cn-hongkong',
  'ap-southeast-1',
  'us-east-1',
  'us-west-1',
  'cn-shanghai-finance-1',
  'cn-shenzhen-finance-1',
  'cn-north-2-gov-1',
]);

/** Regions whose public ECS endpoint does not follow the rule. */
const ECS_EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['cn-hangzhou', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-shanghai-finance-1', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-shenzhen-finance-1', 'ecs-cn-hangzhou.aliyuncs.com'],
  ['cn-north-2-gov-1', 'ecs.aliyuncs.com'],
]);

/**
 * The vendor's endpoints of a region, as its SDKs find them. Whether a region resolves all VPC endpoints from inside
 * Function Compute is not documented: where one does not, its variable names another.
 *
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-endpoint
 */
export function vendorEndpoints(
  network: EndpointNetwork,
  { accountId, regionId, otsInstance }: { accountId: string; regionId: string; otsInstance: string },
): Endpoints {
  if (network === 'vpc') {
    return {
      slb: endpoint('https', `slb-vpc.${regionId}.aliyuncs.com`),
      ecs: endpoint('https', `ecs-vpc.${regionId}.aliyuncs.com`),
      ess: endpoint('https', `ess-vpc.${regionId}.aliyuncs.com`),
      eci: endpoint('https', `eci-vpc.${regionId}.aliyuncs.com`),
      cms: endpoint('https', `cms-vpc.${regionId}.aliyuncs.com`),
      ots: endpoint('https', `${otsInstance}.${regionId}.vpc.tablestore.aliyuncs.com`),
      mns: endpoint('https', `${accountId}.mns.${regionId}-internal-vpc.aliyuncs.com`),
      fc: endpoint('https', `${accountId}.${regionId}-internal.fc.aliyuncs.com`),
    };
  }
  const isCentral = CENTRAL_REGIONS.has(regionId);
  const regional = (product: string) =>
    isCentral ? `${product}.aliyuncs.com` : `${product}.${regionId}.aliyuncs.com`;
  return {
    slb: endpoint('https', regional('slb')),
    ecs: endpoint('https', ECS_EXCEPTIONS.get(regionId) ?? `ecs.${regionId}.aliyuncs.com`),
    ess: endpoint('https', regional('ess')),
    eci: endpoint('https', `eci.${regionId}.aliyuncs.com`),
    cms: endpoint('https', `metrics.${regionId}.aliyuncs.com`),
    ots: endpoint('https', `${otsInstance}.${regionId}.ots.aliyuncs.com`),
    mns: endpoint('https', `${accountId}.mns.${regionId}.aliyuncs.com`),
    fc: endpoint('https', `${accountId}.${regionId}.fc.aliyuncs.com`),
  };
}

function endpoint(protocol: Endpoint['protocol'], host: string): Endpoint {
  return { protocol, host, url: `${protocol}://${host}` };
}
