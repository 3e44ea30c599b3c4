import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { isNetworkFileSystem } from '../../server/database/sqlite.ts';
import { type Check, ok, problem, reasonOf, warning } from './check.ts';

const MINIMUM_NODE_MAJOR = 24;
const FEW_BYTES = 1024 ** 3;
const TOO_FEW_BYTES = 100 * 1024 ** 2;

/** Whether the running Node is one that the server is tested with. @param version such as `24.1.0` */
export function checkRuntime(version: string): Check {
  const detail = `Node ${version}`;
  if (Number(version.split('.')[0]) >= MINIMUM_NODE_MAJOR) return ok('runtime', detail);
  return problem('runtime', {
    detail,
    fix: `Start with npm start or the wwhd command, which bring Node ${MINIMUM_NODE_MAJOR}.`,
  });
}

/** Whether the data folder can be written and its disk has room, and whether it is on a network. */
export function checkDisk(folder: string, statfs: typeof statfsSync = statfsSync): Check[] {
  const existing = nearestExisting(folder);
  try {
    accessSync(existing, constants.W_OK);
  } catch (error) {
    const detail = `${existing} cannot be written (${reasonOf(error)}).`;
    return [
      problem('data folder', {
        detail,
        fix: 'Correct its owner or mode, or set DATA_DIR to another folder.',
      }),
    ];
  }
  const state = existing === folder ? folder : `${folder} (made at the first start)`;
  return [ok('data folder', state), checkSpace(existing, statfs), checkFileSystem(existing, statfs)];
}

function checkSpace(folder: string, statfs: typeof statfsSync): Check {
  try {
    const { bavail, bsize } = statfs(folder);
    const freeBytes = bavail * bsize;
    const detail = `${(freeBytes / 1024 ** 3).toFixed(1)} GB free`;
    const fix = 'Free space on this disk, or move the data and set DATA_DIR.';
    if (freeBytes < TOO_FEW_BYTES) return problem('free space', { detail, fix });
    return freeBytes < FEW_BYTES ? warning('free space', { detail, fix }) : ok('free space', detail);
  } catch (error) {
    const detail = `The free space cannot be read (${reasonOf(error)}).`;
    return warning('free space', { detail, fix: `Look at it with df ${folder}.` });
  }
}

function checkFileSystem(folder: string, statfs: typeof statfsSync): Check {
  if (!isNetworkFileSystem(folder, statfs)) return ok('file system', 'local');
  return warning('file system', {
    detail: 'The data folder is on a network file system: slower writes, and one process only.',
    fix: 'Put DATA_DIR on a local disk if you can.',
  });
}

function nearestExisting(folder: string): string {
  let path = folder;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  return path;
}
