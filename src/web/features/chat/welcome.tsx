import type { PersonaCard } from '../../../shared/personas.ts';
import { Garden } from '../../components/garden.tsx';
import { Portrait } from '../../components/portrait.tsx';
import { strings } from '../../strings.ts';

type WelcomeProps = {
  persona: PersonaCard;
  personas: PersonaCard[];
  onChoose: (personaId: string) => void;
  onAsk: (question: string) => void;
};

/** Before the first question: who answers, and a few questions to begin with. */
export function Welcome({ persona, personas, onChoose, onAsk }: WelcomeProps) {
  return (
    <div className="relative animate-settle pt-6 pb-8 text-center md:pt-10">
      <Garden className="absolute top-[6.5rem] left-1/2 -z-10 w-[46rem] max-w-none -translate-x-1/2 -translate-y-1/2 md:top-[8rem] md:w-[62rem]" />
      <Portrait personaId={persona.id} name={persona.name} className="mx-auto size-40 md:size-44" />
      <h1 className="mt-6 font-serif text-title text-balance">{persona.name}</h1>
      <p className="mt-2 text-soft">{persona.title}</p>
      {personas.length > 1 ? (
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          {personas.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              aria-pressed={id === persona.id}
              onClick={() => onChoose(id)}
              className="min-h-10 rounded-full border border-line px-4 text-[0.9375rem] aria-pressed:border-seal aria-pressed:text-seal"
            >
              {name}
            </button>
          ))}
        </div>
      ) : null}
      <p className="mx-auto mt-5 max-w-[34rem] font-serif text-prose text-balance">
        {persona.greeting || strings.welcome.fallbackGreeting}
      </p>
      {persona.starter_questions.length > 0 ? (
        <section aria-label={strings.welcome.starters} className="mx-auto mt-9 max-w-[42rem] text-left">
          <h2 className="label-caps text-soft">{strings.welcome.starters}</h2>
          <ul className="mt-1 md:grid md:grid-cols-2 md:gap-x-8">
            {persona.starter_questions.map((question) => (
              <li key={question} className="border-b border-line">
                <button
                  type="button"
                  onClick={() => onAsk(question)}
                  className="group flex h-full min-h-13 w-full items-center gap-4 py-2.5 text-left font-serif text-lg leading-snug transition-colors hover:text-seal"
                >
                  <span className="size-2 shrink-0 rounded-full border border-seal transition-colors group-hover:bg-seal" />
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}
