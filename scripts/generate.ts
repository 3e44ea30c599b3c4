// Writes .env.example and docs/configuration.md from the settings; with --check, fails when they are not up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeEnvironment, describeSettings } from './describe-settings.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = { '.env.example': describeEnvironment(), 'docs/configuration.md': describeSettings() };
const isCheck = process.argv.includes('--check');
const outdated = Object.entries(files).filter(([name, content]) => read(join(root, name)) !== content);

if (!isCheck) {
  for (const [name, content] of outdated) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
    console.log(`wrote ${name}`);
  }
} else if (outdated.length > 0) {
  console.error(`Not up to date: ${outdated.map(([name]) => name).join(', ')}. Run npm run fix.`);
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
