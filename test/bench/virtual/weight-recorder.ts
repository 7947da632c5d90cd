import { backendsOf } from '../../../infra/local/simulator/play/tables.ts';
import type { Phase, PhaseSpan, WeightSeries, WeightStep } from '../chart/model.ts';
import type { VirtualStage } from './stage.ts';

const LOOK_MS = 250;
const PHASES: Readonly<Record<string, Phase>> = {
  joining: 'joining',
  ramping: 'ramping',
  'in-service': 'in service',
  draining: 'draining',
};

/** Lets a stage's time pass, looks at a group four times a second, and remembers what changed. */
export class WeightRecorder {
  readonly #stage: VirtualStage;
  readonly #vServerGroupId: string;
  readonly #weights = new Map<string, Array<WeightStep>>();
  readonly #phases = new Map<string, Array<{ readonly atMs: number; readonly phase: Phase | null }>>();

  constructor(stage: VirtualStage, vServerGroupId: string) {
    this.#stage = stage;
    this.#vServerGroupId = vServerGroupId;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= LOOK_MS) {
      await this.#stage.pass(Math.min(LOOK_MS, left));
      this.#look();
    }
  }

  /** Everything recorded about these instances, under the names that are given to them. */
  series(names: ReadonlyMap<string, string>): ReadonlyArray<WeightSeries> {
    return [...names].map(([instanceId, name]) => ({
      name,
      steps: this.#weights.get(instanceId) ?? [],
      phases: this.#spansOf(instanceId),
    }));
  }

  #look(): void {
    const atMs = this.#stage.clock.nowMs();
    const { slb } = this.#stage.clouds;
    const backends = slb.group(this.#vServerGroupId)?.backends ?? [];
    const weightOf = new Map(backends.map(({ serverId, weight }) => [serverId, weight]));
    const records = backendsOf(this.#stage.clouds);
    const phaseOf = new Map(records.map(({ serverId, phase }) => [serverId, PHASES[phase] ?? null]));
    for (const id of new Set([...weightOf.keys(), ...this.#weights.keys()])) {
      const steps = this.#weights.get(id) ?? [];
      this.#weights.set(id, steps);
      const weight = weightOf.get(id) ?? null;
      if ((steps.at(-1)?.weight ?? null) !== weight) steps.push({ atMs, weight });
    }
    for (const id of new Set([...phaseOf.keys(), ...this.#phases.keys()])) {
      const changes = this.#phases.get(id) ?? [];
      this.#phases.set(id, changes);
      const phase = phaseOf.get(id) ?? null;
      if ((changes.at(-1)?.phase ?? null) !== phase) changes.push({ atMs, phase });
    }
  }

  #spansOf(instanceId: string): ReadonlyArray<PhaseSpan> {
    const changes = this.#phases.get(instanceId) ?? [];
    return changes.flatMap(({ atMs, phase }, index) =>
      phase === null
        ? []
        : [{ phase, fromMs: atMs, toMs: changes[index + 1]?.atMs ?? this.#stage.clock.nowMs() }],
    );
  }
}
