import { defineConfig } from 'vitest/config';

/** The long matrices: `*.full.test.ts` beside the fast ones. */
export default defineConfig({
  test: {
    include: ['{src,test,bench}/**/*.full.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
