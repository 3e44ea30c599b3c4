import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Persona } from '../../server/pipeline/persona.ts';

/** Copies what a persona is made of, without its knowledge: persona.yaml, guard.yaml and its specialists. */
export async function copyPack(
  pack: { persona: Persona; folder: string },
  targetFolder: string,
): Promise<void> {
  await mkdir(join(targetFolder, 'specialists'), { recursive: true });
  const specialists = pack.persona.specialists.map(({ id }) => join('specialists', `${id}.md`));
  for (const name of ['persona.yaml', 'guard.yaml', ...specialists])
    await copyFile(join(pack.folder, name), join(targetFolder, name));
}
