import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../shared/config/endpoints.ts';
import {
  processEnvironment,
  readEnvironment,
  requireSameRegion,
  VARIABLES,
} from '../../../shared/config/environment.ts';
import { ConfigError, formatFaults } from '../../../shared/config/faults.ts';
import { parseConfig } from '../../../shared/config/load.ts';

const platform = { FC_ACCOUNT_ID: '1098765432109876', FC_REGION: 'cn-hangzhou' };

function errorOf(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('readEnvironment', () => {
  it('names every fault at once', () => {
    const error = errorOf(() =>
      readEnvironment({
        FC_ACCOUNT_ID: 'me',
        ENDPOINT_NETWORK: 'intranet',
        SLB_ENDPOINT: 'ftp://slb.aliyuncs.com',
        OTS_INSTANCE: 'no spaces please',
      }),
    );

    expect(error.faults.map(({ path }) => path)).toEqual([
      'FC_ACCOUNT_ID',
      'FC_REGION',
      'ENDPOINT_NETWORK',
      'SLB_ENDPOINT',
      'OTS_INSTANCE',
    ]);
    expect(formatFaults(error)).toContain(
      'environment: FC_REGION: found nothing, allowed is the id of a region, such as cn-hangzhou',
    );
  });

  it('repeats no endpoint and no variable that is not its own', () => {
    const error = errorOf(() =>
      readEnvironment({
        ...platform,
        SLB_ENDPOINT: 'https://user:hunter2@slb.aliyuncs.com',
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'hunter3',
      }),
    );

    expect(error.faults).toMatchObject([{ path: 'SLB_ENDPOINT' }]);
    expect(error.message).not.toMatch(/hunter/);
  });

  it('counts empty variables as not set', () => {
    expect(
      readEnvironment({ ...platform, SLB_ENDPOINT: '', OTS_INSTANCE: '', AUTOPILOT_CONFIG: '' }),
    ).toEqual(readEnvironment(platform));
  });

  it('finds the public endpoints of a central region', () => {
    const { endpoints, otsInstance, configPath } = readEnvironment(platform);

    expect(otsInstance).toBe('slb-autopilot');
    expect(configPath).toBe(resolve('autopilot.json'));
    expect(Object.fromEntries(Object.entries(endpoints).map(([name, { url }]) => [name, url]))).toEqual({
      slb: 'https://slb.aliyuncs.com',
      ecs: 'https://ecs-cn-hangzhou.aliyuncs.com',
      ess: 'https://ess.aliyuncs.com',
      eci: 'https://eci.cn-hangzhou.aliyuncs.com',
      cms: 'https://metrics.cn-hangzhou.aliyuncs.com',
      ots: 'https://slb-autopilot.cn-hangzhou.ots.aliyuncs.com',
      mns: 'https://1098765432109876.mns.cn-hangzhou.aliyuncs.com',
      fc: 'https://1098765432109876.cn-hangzhou.fc.aliyuncs.com',
    });
  });

  it('finds the public endpoints of another region', () => {
    const { endpoints } = readEnvironment({ ...platform, FC_REGION: 'eu-central-1' });

    expect([endpoints.slb.url, endpoints.ecs.url]).toEqual([
      'https://slb.eu-central-1.aliyuncs.com',
      'https://ecs.eu-central-1.aliyuncs.com',
    ]);
  });

  it('finds the endpoints inside a VPC', () => {
    const { endpoints } = readEnvironment({ ...platform, ENDPOINT_NETWORK: 'vpc', OTS_INSTANCE: 'state' });

    expect(Object.values(endpoints).map(({ url }) => url)).toEqual([
      'https://slb-vpc.cn-hangzhou.aliyuncs.com',
      'https://ecs-vpc.cn-hangzhou.aliyuncs.com',
      'https://ess-vpc.cn-hangzhou.aliyuncs.com',
      'https://eci-vpc.cn-hangzhou.aliyuncs.com',
      'https://cms-vpc.cn-hangzhou.aliyuncs.com',
      'https://state.cn-hangzhou.vpc.tablestore.aliyuncs.com',
      'https://1098765432109876.mns.cn-hangzhou-internal-vpc.aliyuncs.com',
      'https://1098765432109876.cn-hangzhou-internal.fc.aliyuncs.com',
    ]);
  });

  it('takes endpoints from the variables', () => {
    const { endpoints } = readEnvironment({
      ...platform,
      SLB_ENDPOINT: 'http://127.0.0.1:18080/',
      ECS_ENDPOINT: 'ecs.example.com',
      OTS_ENDPOINT: 'http://127.0.0.1:1',
      MNS_ENDPOINT: 'http://127.0.0.1:2',
      FUNCTION_COMPUTE_ENDPOINT: 'http://127.0.0.1:3',
    });

    expect(endpoints.slb).toEqual({
      protocol: 'http',
      host: '127.0.0.1:18080',
      url: 'http://127.0.0.1:18080',
    });
    expect(endpoints.ecs).toEqual({
      protocol: 'https',
      host: 'ecs.example.com',
      url: 'https://ecs.example.com',
    });
    expect([endpoints.ots.host, endpoints.mns.host, endpoints.fc.host]).toEqual([
      '127.0.0.1:1',
      '127.0.0.1:2',
      '127.0.0.1:3',
    ]);
  });

  it('leaves the prefix FC_ to the platform', () => {
    expect(VARIABLES.filter((name) => !/^[A-Z][A-Z_]*$/.test(name))).toEqual([]);
    expect(VARIABLES.filter((name) => name.startsWith('FC_'))).toEqual([
      'FC_ACCOUNT_ID',
      'FC_REGION',
      'FC_FUNC_CODE_PATH',
    ]);
  });
});

describe('parseEndpoint', () => {
  it.each([
    '',
    'ftp://h',
    'https://',
    'https://u@h',
    'https://h/path',
    'https://h?q=1',
    'https://h#f',
    'two words',
    'h:99999',
    'file:///etc/passwd',
    'https:\\\\h',
  ])('refuses %j', (text) => {
    expect(parseEndpoint(text)).toBeNull();
  });

  it.each([
    ['HTTPS://SLB.aliyuncs.com', 'https://slb.aliyuncs.com'],
    ['https://slb.aliyuncs.com:443', 'https://slb.aliyuncs.com'],
    ['[::1]:8080', 'https://[::1]:8080'],
    ['localhost:8080', 'https://localhost:8080'],
  ])('reads %s', (text, url) => {
    expect(parseEndpoint(text)?.url).toBe(url);
  });
});

describe('requireSameRegion', () => {
  const config = parseConfig(
    'version: 1\nregion: cn-beijing\nbindings: [{ name: a, loadBalancer: lb-1, vServerGroup: rsp-1, selector: { scalingGroup: asg-1 }, ports: [{ port: 1 }] }]',
    'autopilot.yaml',
  );

  it('refuses a configuration of another region', () => {
    expect(errorOf(() => requireSameRegion(config, readEnvironment(platform))).message).toBe(
      'environment: FC_REGION: found "cn-hangzhou" while the configuration says "cn-beijing", allowed is one region for both',
    );
  });

  it('takes one of the same region', () => {
    const environment = readEnvironment({ ...platform, FC_REGION: 'cn-beijing' });

    expect(() => requireSameRegion(config, environment)).not.toThrow();
  });
});

describe('processEnvironment', () => {
  it('is this process’s', () => {
    expect(processEnvironment().PATH).toBe(process.env.PATH);
  });
});

describe('the README of the configuration', () => {
  it('names every variable', () => {
    const readme = readFileSync(new URL('../../../shared/config/README.md', import.meta.url), 'utf8');

    expect(VARIABLES.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});
