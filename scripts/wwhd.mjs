#!/usr/bin/env node
// The `wwhd` command: prepares the clone when needed and runs the built CLI on the pinned Node.
import { join } from 'node:path';

import {
  ensureBuild,
  ensureDependencies,
  ensureRuntime,
  handOver,
  programFlags,
  root,
} from './toolchain.mjs';

const node = ensureRuntime();
ensureDependencies(node);
ensureBuild(node);
handOver(node, [...programFlags, join(root, 'dist', 'cli.js'), ...process.argv.slice(2)]);
