// Bundles the server, the CLI and the workers with esbuild, and the page with Vite, into dist/.
import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
// Built beside and renamed at the end: a build that fails leaves the last good one.
const next = join(root, 'dist.next');
rmSync(next, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/cli/main.ts',
    'index-worker': 'src/server/retrieval/index-worker.ts',
    'parse-worker': 'src/server/ingestion/parse-worker.ts',
  },
  outdir: next,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  // Less to compile at start; names stay, for readable stacks.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  // One file to read instead of a thousand is half of the start. What stays outside reads its own files at run time,
  // carries a native addon, or is large and loaded only when needed.
  external: [
    '@node-rs/argon2',
    '@fastify/swagger-ui',
    'gpt-tokenizer',
    'pino',
    'pino-pretty',
    'unpdf',
    'mammoth',
    'openai',
  ],
  // Bundled CommonJS packages still call require.
  banner: {
    js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
await buildPage({
  configFile: join(root, 'vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: join(next, 'web') },
});
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
