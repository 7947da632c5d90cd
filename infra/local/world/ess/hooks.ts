import type { Foundation } from '../foundation.ts';
import type { Mns } from '../mns/mns.ts';
import {
  LIFECYCLE_RESULTS,
  LIFECYCLE_TRANSITIONS,
  type LifecycleHook,
  type LifecycleResult,
  type LifecycleTransition,
} from './model.ts';
import { nobodyArn, requireNotificationTarget } from './notification-arn.ts';
import type { Notifications } from './notifications.ts';
import { type Page, type PageQuery, pageOf } from './paging.ts';
import { essRefusals } from './refusals.ts';
import type { EssState } from './state.ts';
import { HEARTBEAT_SECONDS, isHeartbeatTimeout, type Waits } from './waits.ts';

/** What a hook can be given; unchecked. */
export interface HookSettings {
  /** `SCALE_OUT` or `SCALE_IN`. */
  readonly lifecycleTransition?: string | undefined;
  /** `CONTINUE` (default), `ABANDON` or `ROLLBACK`. */
  readonly defaultResult?: string | undefined;
  /** 30–21,600, default 600. */
  readonly heartbeatTimeoutSeconds?: number | undefined;
  /** A queue or the default event bus; default: nobody is told. */
  readonly notificationArn?: string | undefined;
  /** At most 4,096 characters. */
  readonly notificationMetadata?: string | undefined;
}

/** Which hook is meant: the one of the id, and then nothing else is read; else the one of that name in the group. */
export interface HookName {
  readonly lifecycleHookId?: string | undefined;
  readonly scalingGroupId?: string | undefined;
  readonly lifecycleHookName?: string | undefined;
}

/** What CreateLifecycleHook is given. */
export interface CreateLifecycleHookInput extends HookSettings {
  readonly scalingGroupId: string;
  readonly lifecycleTransition: string;
  /** 2–64 letters, digits, `_`, `-`, `.`, beginning with a letter or digit; default: its id. */
  readonly lifecycleHookName?: string | undefined;
}

/** What ModifyLifecycleHook is given; what is left out stays. */
export interface ModifyLifecycleHookInput extends HookName, HookSettings {
  /** `Active` or `InActive`. */
  readonly lifecycleHookStatus?: string | undefined;
}

/** What DescribeLifecycleHooks selects: the named ids, or the hooks of a group, or the one of that name in it. */
export interface LifecycleHookQuery extends PageQuery {
  readonly lifecycleHookIds?: ReadonlyArray<string> | undefined;
  readonly scalingGroupId?: string | undefined;
  readonly lifecycleHookName?: string | undefined;
}

/** The lifecycle hooks of the account. */
export interface Hooks {
  /**
   * The new hook's id. Throws `InvalidParamter`, `InvalidNotificationArn`, `UnsupportedNotificationType.CurrentRegion`,
   * `QueueNotExist`, `InvalidLifecycleHookName.Duplicate` or `QuotaExceeded.LifecycleHook`.
   */
  createLifecycleHook(input: CreateLifecycleHookInput): string;
  /** Changes nothing for waits that have begun. Throws `InvalidLifecycleHookId.NotFound` and as the creation does. */
  modifyLifecycleHook(input: ModifyLifecycleHookInput): void;
  /** Ends the hook's waits. Throws `InvalidLifecycleHookId.NotFound`. */
  deleteLifecycleHook(input: HookName): void;
  /** At most 50 on a page. Ids that do not exist are left out. */
  describeLifecycleHooks(query: LifecycleHookQuery): Page<LifecycleHook>;
  /** Puts one with a given id into the world; one that is there already stays as it is. */
  seedLifecycleHook(seed: CreateLifecycleHookInput & { readonly lifecycleHookId: string }): LifecycleHook;
}

const PAGE_SIZE_MAX = 50;
const METADATA_MAX = 4_096;
const NAME = /^[\p{Script=Han}A-Za-z0-9][\p{Script=Han}A-Za-z0-9_.-]{1,63}$/u;

/** The hooks in the foundation's store. */
export function createHooks(
  foundation: Foundation,
  deps: {
    readonly mns: Mns;
    readonly state: EssState;
    readonly notifications: Notifications;
    readonly waits: Waits;
  },
): Hooks {
  const { switches } = foundation;
  const { mns, state, notifications, waits } = deps;

  const find = ({ lifecycleHookId, scalingGroupId, lifecycleHookName }: HookName): LifecycleHook => {
    const found =
      lifecycleHookId !== undefined
        ? state.hooks.get(lifecycleHookId)
        : state
            .hooksOf(scalingGroupId ?? '')
            .find((candidate) => candidate.lifecycleHookName === lifecycleHookName);
    if (found === undefined) throw essRefusals.hookNotFound();
    return found;
  };
  const isNamed = (scalingGroupId: string, name: string) =>
    state.hooksOf(scalingGroupId).some(({ lifecycleHookName }) => lifecycleHookName === name);
  const settingsOf = (given: HookSettings): Partial<LifecycleHook> => {
    const { heartbeatTimeoutSeconds, notificationArn, notificationMetadata } = given;
    if (heartbeatTimeoutSeconds !== undefined && !isHeartbeatTimeout(heartbeatTimeoutSeconds)) {
      throw essRefusals.invalidParamter();
    }
    if ((notificationMetadata?.length ?? 0) > METADATA_MAX) throw essRefusals.invalidParamter();
    if (notificationArn !== undefined) requireNotificationTarget(foundation, mns, notificationArn);
    return {
      ...(given.lifecycleTransition !== undefined && {
        lifecycleTransition: transitionOf(given.lifecycleTransition),
      }),
      ...(given.defaultResult !== undefined && { defaultResult: resultOf(given.defaultResult) }),
      ...(heartbeatTimeoutSeconds !== undefined && { heartbeatTimeoutSeconds }),
      ...(notificationArn !== undefined && { notificationArn }),
      ...(notificationMetadata !== undefined && { notificationMetadata }),
    };
  };
  const create = (input: CreateLifecycleHookInput, lifecycleHookId: string): LifecycleHook => {
    const { scalingGroupId, lifecycleHookName = lifecycleHookId } = input;
    state.activeGroup(scalingGroupId);
    if (!NAME.test(lifecycleHookName)) throw essRefusals.invalidParamter();
    const settings = settingsOf(input);
    if (isNamed(scalingGroupId, lifecycleHookName)) throw essRefusals.hookNameTaken();
    if (state.hooksOf(scalingGroupId).length >= switches.essHooksPerGroupMax) {
      throw essRefusals.tooManyHooks();
    }
    const hook: LifecycleHook = {
      lifecycleHookId,
      lifecycleHookName,
      scalingGroupId,
      lifecycleTransition: transitionOf(input.lifecycleTransition),
      lifecycleHookStatus: 'Active',
      defaultResult: 'CONTINUE',
      heartbeatTimeoutSeconds: HEARTBEAT_SECONDS.default,
      notificationArn: nobodyArn(foundation),
      notificationMetadata: '',
      ...settings,
    };
    state.hooks.set(lifecycleHookId, hook);
    notifications.tryOut(hook);
    return hook;
  };

  return {
    createLifecycleHook: (input) => create(input, state.newId('ash')).lifecycleHookId,
    modifyLifecycleHook({ lifecycleHookId, scalingGroupId, lifecycleHookName, ...given }) {
      const hook = find({ lifecycleHookId, scalingGroupId, lifecycleHookName });
      const { lifecycleHookStatus = hook.lifecycleHookStatus, ...settings } = given;
      if (lifecycleHookStatus !== 'Active' && lifecycleHookStatus !== 'InActive') {
        throw essRefusals.invalidParamter();
      }
      const changed: LifecycleHook = { ...hook, ...settingsOf(settings), lifecycleHookStatus };
      state.hooks.set(hook.lifecycleHookId, changed);
      if (changed.notificationArn !== hook.notificationArn) notifications.tryOut(changed);
    },
    deleteLifecycleHook(name) {
      const { lifecycleHookId } = find(name);
      state.hooks.delete(lifecycleHookId);
      waits.endOfHook(lifecycleHookId);
    },
    describeLifecycleHooks({ lifecycleHookIds, scalingGroupId, lifecycleHookName, ...page }) {
      if (lifecycleHookIds !== undefined) {
        const found = [...new Set(lifecycleHookIds)].flatMap((id) => state.hooks.get(id) ?? []);
        return pageOf(found, page, PAGE_SIZE_MAX);
      }
      if (scalingGroupId !== undefined) state.group(scalingGroupId);
      const selected = [...state.hooks.values()].filter(
        (hook) =>
          (scalingGroupId === undefined || hook.scalingGroupId === scalingGroupId) &&
          (lifecycleHookName === undefined || hook.lifecycleHookName === lifecycleHookName),
      );
      return pageOf(selected, page, PAGE_SIZE_MAX);
    },
    seedLifecycleHook: ({ lifecycleHookId, ...input }) =>
      state.hooks.get(lifecycleHookId) ?? create(input, lifecycleHookId),
  };
}

function transitionOf(given: string): LifecycleTransition {
  const transition = LIFECYCLE_TRANSITIONS.find((known) => known === given);
  if (transition === undefined) throw essRefusals.invalidParamter();
  return transition;
}

function resultOf(given: string): LifecycleResult {
  const result = LIFECYCLE_RESULTS.find((known) => known === given);
  if (result === undefined) throw essRefusals.invalidParamter();
  return result;
}
