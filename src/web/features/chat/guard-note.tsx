import type { GuardSummary } from '../../../shared/messages.ts';
import { LeafIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';

/** Above an answer: a word of care, of help or of limits, as the guard decided. It is never an alarm. */
export function GuardNote({ guard, personaName }: { guard: GuardSummary; personaName: string }) {
  if (guard.action === 'allow') return null;
  const words = {
    disclaim: strings.guard.disclaim,
    support: strings.guard.support,
    refuse: strings.guard.refuse(personaName),
  };
  const size = guard.action === 'support' ? 'font-serif text-xl' : 'text-[0.9375rem]';
  return (
    <p className={`mb-4 flex items-start gap-2.5 text-moss ${size}`}>
      <span className="mt-[0.15em] inline-flex">
        <LeafIcon />
      </span>
      <span>{words[guard.action]}</span>
    </p>
  );
}
