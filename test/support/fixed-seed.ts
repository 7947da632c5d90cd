import fc from 'fast-check';

/** The same cases every time, so that a red run is somebody's doing; `FC_SEED=…` draws others. */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_120) });
