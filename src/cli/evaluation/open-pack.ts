import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { loadPack } from '../../server/features/personas/load-pack.ts';
import { installationFolder } from '../../server/installation.ts';
import type { Persona } from '../../server/pipeline/persona.ts';
import { type CommandContext, readConfig, usageMistake } from '../command-context.ts';

const DEFAULT_PERSONA = 'herman';

/**
 * The pack of a persona by its id; without one the default persona's.
 * @throws CommandFailure (usage) when there is no such pack, PackError when it is broken
 */
export function openPack(
  context: CommandContext,
  id: string | undefined,
): { persona: Persona; folder: string } {
  const { personas } = readConfig(context);
  const name = id ?? personas.defaultId ?? DEFAULT_PERSONA;
  const folder = join(personas.folder ?? join(installationFolder, 'personas'), name);
  if (!existsSync(folder)) throw usageMistake(`--persona: there is no pack ${folder}.`);
  return { persona: loadPack(folder), folder };
}
