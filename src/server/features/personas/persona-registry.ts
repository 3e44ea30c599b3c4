import { AppError, notFound } from '../../errors.ts';
import type { Persona } from '../../pipeline/persona.ts';

/** The personas of this server. */
export type PersonaRegistry = {
  list: () => readonly Persona[];
  /** @throws AppError `not_found` */
  get: (id: string) => Persona;
  /** The persona that answers when a request names none. */
  default: () => Persona;
};

/**
 * @param options.defaultId from the settings; the first persona without it
 * @throws AppError `unavailable` when the default is not among the personas
 */
export function createPersonaRegistry(options: {
  personas: readonly Persona[];
  defaultId?: string | undefined;
}): PersonaRegistry {
  const { personas, defaultId } = options;
  const byId = new Map(personas.map((persona) => [persona.id, persona]));
  const chosen = defaultId === undefined ? personas[0] : byId.get(defaultId);
  if (!chosen) {
    throw new AppError(
      'unavailable',
      `DEFAULT_PERSONA "${defaultId ?? ''}" is not among the personas: ${[...byId.keys()].join(', ') || 'none'}.`,
    );
  }
  return {
    list: () => personas,
    get(id) {
      const persona = byId.get(id);
      if (!persona) throw notFound('persona', id);
      return persona;
    },
    default: () => chosen,
  };
}
