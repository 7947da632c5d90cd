import type { ListenerProtocol } from './model.ts';
import { slbRefusals } from './refusals.ts';

/** A setting of a listener: its default, and what it may be. */
export type ListenerSetting =
  | { readonly default: number; readonly min: number; readonly max: number }
  | { readonly default: string; readonly choices: ReadonlyArray<string> }
  | { readonly default: string; readonly lengthMax: number };

const OFF_ON = ['on', 'off'];
const healthCheck = (defaults: { threshold: number; interval: number }) => ({
  HealthCheck: { default: 'on', choices: OFF_ON },
  HealthyThreshold: { default: defaults.threshold, min: 1, max: 10 },
  UnhealthyThreshold: { default: defaults.threshold, min: 1, max: 10 },
  // 0 = the port of each backend.
  HealthCheckConnectPort: { default: 0, min: 0, max: 65_535 },
  HealthCheckInterval: { default: defaults.interval, min: 1, max: 50 },
});
const drain = {
  ConnectionDrain: { default: 'off', choices: OFF_ON },
  ConnectionDrainTimeout: { default: 0, min: 0, max: 900 },
};
const httpCheck = {
  HealthCheckDomain: { default: '', lengthMax: 80 },
  HealthCheckURI: { default: '', lengthMax: 80 },
  HealthCheckHttpCode: { default: 'http_2xx', lengthMax: 80 },
  HealthCheckMethod: { default: 'head', choices: ['head', 'get'] },
};
const http = {
  ...healthCheck({ threshold: 3, interval: 2 }),
  ...httpCheck,
  ...drain,
  HealthCheckTimeout: { default: 5, min: 1, max: 300 },
  StickySession: { default: 'off', choices: OFF_ON },
  StickySessionType: { default: '', choices: ['', 'insert', 'server'] },
  CookieTimeout: { default: 0, min: 0, max: 86_400 },
  Cookie: { default: '', lengthMax: 200 },
  XForwardedFor: { default: 'on', choices: OFF_ON },
  Gzip: { default: 'on', choices: OFF_ON },
  IdleTimeout: { default: 15, min: 1, max: 60 },
  RequestTimeout: { default: 60, min: 1, max: 180 },
};

/**
 * The settings of each protocol's listeners by their names in the answers, times in seconds.
 * @see https://www.alibabacloud.com/help/en/slb/classic-load-balancer/developer-reference/api-slb-2014-05-15-setloadbalancertcplistenerattribute
 */
export const LISTENER_SETTINGS: Readonly<
  Record<ListenerProtocol, Readonly<Record<string, ListenerSetting>>>
> = {
  tcp: {
    ...healthCheck({ threshold: 3, interval: 2 }),
    ...httpCheck,
    ...drain,
    HealthCheckConnectTimeout: { default: 5, min: 1, max: 300 },
    HealthCheckType: { default: 'tcp', choices: ['tcp', 'http'] },
    PersistenceTimeout: { default: 0, min: 0, max: 3_600 },
    EstablishedTimeout: { default: 900, min: 10, max: 900 },
    SynProxy: { default: 'enable', choices: ['enable', 'disable'] },
    ProxyProtocolV2Enabled: { default: 'false', choices: ['true', 'false'] },
  },
  udp: {
    ...healthCheck({ threshold: 3, interval: 5 }),
    HealthCheckConnectTimeout: { default: 10, min: 1, max: 300 },
    HealthCheckReq: { default: '', lengthMax: 64 },
    HealthCheckExp: { default: '', lengthMax: 64 },
    ProxyProtocolV2Enabled: { default: 'false', choices: ['true', 'false'] },
  },
  http,
  https: {
    ...http,
    ServerCertificateId: { default: '', lengthMax: 200 },
    EnableHttp2: { default: 'on', choices: OFF_ON },
  },
};

/** The settings of a new listener: those given, checked, and the defaults for the rest. */
export function newListenerSettings(
  protocol: ListenerProtocol,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number>> {
  const defaults = Object.entries(LISTENER_SETTINGS[protocol]).map(([name, setting]) => [
    name,
    setting.default,
  ]);
  return changedListenerSettings(protocol, Object.fromEntries(defaults), given);
}

/** `current` with those given changed. Names that are no setting of the protocol are ignored, as the API does. */
export function changedListenerSettings(
  protocol: ListenerProtocol,
  current: Readonly<Record<string, string | number>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number>> {
  const changed = { ...current };
  for (const [name, setting] of Object.entries(LISTENER_SETTINGS[protocol])) {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    if (text !== undefined) changed[name] = readSetting(setting, text);
  }
  const drainSeconds = Number(changed.ConnectionDrainTimeout);
  if (changed.ConnectionDrain === 'on' && !(drainSeconds >= 10)) throw slbRefusals.invalidParameter();
  return changed;
}

function readSetting(setting: ListenerSetting, text: string): string | number {
  if ('min' in setting) {
    const number = Number(text);
    const isFine = /^\d+$/.test(text) && number >= setting.min && number <= setting.max;
    if (!isFine) throw slbRefusals.invalidParameter();
    return number;
  }
  const isFine = 'choices' in setting ? setting.choices.includes(text) : text.length <= setting.lengthMax;
  if (!isFine) throw slbRefusals.invalidParameter();
  return text;
}
