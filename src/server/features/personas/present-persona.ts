import type { PersonaCard } from '../../../shared/personas.ts';
import type { Persona } from '../../pipeline/persona.ts';

/** The public card of a persona; prompts and guard rules stay inside. */
export function presentPersona(persona: Persona, answers: PersonaCard['answers']): PersonaCard {
  return {
    id: persona.id,
    name: persona.name,
    title: persona.title,
    description: persona.description,
    language: persona.language,
    audience: persona.audience,
    greeting: persona.greeting.trim(),
    starter_questions: persona.starter_questions,
    specialists: persona.specialists.map(({ id, title, description }) => ({ id, title, description })),
    namespaces: persona.namespaces,
    answers,
  };
}
