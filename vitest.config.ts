import { defineConfig } from 'vitest/config';

/** The fast tier. */
export default defineConfig({
  test: {
    include: ['{src,test,bench,scripts}/**/*.test.{ts,tsx}'],
    exclude: ['**/*.full.test.ts', 'node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
