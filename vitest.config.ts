import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/fixed-seed.ts'],
    globalSetup: ['test/support/build-once.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // `tablestore` is sloppy-mode CommonJS with implicit globals: it must be loaded by Node itself.
    server: { deps: { external: [/node_modules/] } },
  },
});
