/** Where a backend is in its life; each has a colour of its own in a chart. */
export type Phase = 'joining' | 'ramping' | 'in service' | 'draining';

/** From this moment on the backend has this weight; `null` = it is not in its group. */
export interface WeightStep {
  readonly atMs: number;
  readonly weight: number | null;
}

/** A stretch of a backend's life. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One backend over time; steps and phases in order of time. */
export interface WeightSeries {
  readonly name: string;
  readonly steps: ReadonlyArray<WeightStep>;
  readonly phases: ReadonlyArray<PhaseSpan>;
}

/** One picture of a chart: weights above, the phases of each backend below, both over the same time. */
export interface WeightPanel {
  readonly title: string;
  /** What the reader must know to read it. */
  readonly note: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: ReadonlyArray<WeightSeries>;
  /** Weights that have a name, such as the steps of a ramp. */
  readonly levels: ReadonlyArray<{ readonly weight: number; readonly text: string }>;
  /** What happened, with its time. */
  readonly marks: ReadonlyArray<{ readonly atMs: number; readonly text: string }>;
}
