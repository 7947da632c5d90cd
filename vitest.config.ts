import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/fixed-seed.ts'],
    globalSetup: ['test/support/build-once.ts'],
    // Only against what hangs: several tests start processes, and a machine that does other things too is slow at that.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // No module has state of its own, so the files of a process share what they import; loading it anew took as long as testing.
    isolate: false,
    // The default leaves one processor out, which is half of a small machine.
    maxWorkers: '100%',
    // `tablestore` is sloppy-mode CommonJS with implicit globals: it must be loaded by Node itself.
    server: { deps: { external: [/node_modules/] } },
  },
});
