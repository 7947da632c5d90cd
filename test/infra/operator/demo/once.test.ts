import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { MAIN_SCENE } from '../../../../infra/local/scenes/main/scene.ts';
import { SceneStopped } from '../../../../infra/local/scenes/script.ts';
import { runOnce } from '../../../../infra/operator/demo/once.ts';
import { CommandError } from '../../../../infra/operator/exit-status.ts';

function aTerminal() {
  const written = { out: '', err: '' };
  const screen = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isInteractive: false,
    size: () => ({ columns: 80, rows: 24 }),
    colors: pc.createColors(false),
  });
  return { written, terminal: { out: screen('out'), err: screen('err') } };
}

describe('runOnce', () => {
  it('ends with 1 when a check has found something, and reports it as one sentence', async () => {
    const { written, terminal } = aTerminal();
    const scene = {
      ...MAIN_SCENE,
      name: 'failing',
      play: async (_stage: unknown, script: Parameters<typeof MAIN_SCENE.play>[1]) => {
        script.check('the first holds', []);
        script.check('the second holds', ['i-1 is missing', 'i-2 is missing']);
      },
    };

    const failure = await runOnce({ scene, seed: 1, json: true }, terminal).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({ status: 1 });
    expect(JSON.parse(written.out)).toMatchObject({
      scene: 'failing',
      ok: false,
      failures: ['expected that the second holds; found: i-1 is missing; i-2 is missing'],
      checks: [
        { sentence: 'the first holds', ok: true },
        { sentence: 'the second holds', ok: false },
      ],
    });
    expect(written.err).toContain('✗ the second holds');
  });

  it('ends with 1 and the reason when a scene cannot go on', async () => {
    const { written, terminal } = aTerminal();
    const scene = {
      ...MAIN_SCENE,
      play: async () => {
        throw new SceneStopped('waited 1 s for this: rain. It is dry');
      },
    };

    const failure = await runOnce({ scene, seed: 1, json: false }, terminal).catch((error: unknown) => error);

    expect(failure).toMatchObject({ status: 1 });
    expect(written.out).toContain('- waited 1 s for this: rain. It is dry');
    expect(written.err).toBe('');
  });
});
