// Bundles the server, the CLI and the workers with esbuild, and the page with Vite, into dist/.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/cli/main.ts',
    'index-worker': 'src/server/retrieval/index-worker.ts',
    'parse-worker': 'src/server/ingestion/parse-worker.ts',
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  legalComments: 'none',
  // Packages that read their own files at run time, carry a native addon or are loaded lazily stay in node_modules.
  packages: 'external',
  logLevel: 'warning',
});
await buildPage({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
