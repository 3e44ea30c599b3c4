import { strings } from '../../strings.ts';

type ReasonsProps = { chosen: string | null; onChoose: (reason: string | null) => void };

/** After a bad rating: what is wrong, for whoever wants to say it. Pressing the chosen one takes it back. */
export function FeedbackReasons({ chosen, onChoose }: ReasonsProps) {
  const { reasons, reasonChoices } = strings.actions;
  return (
    <fieldset className="mt-1 min-w-0 animate-settle">
      <legend className="text-note text-soft">{reasons}</legend>
      <div className="mt-1.5 flex flex-wrap gap-2">
        {Object.entries(reasonChoices).map(([reason, label]) => (
          <button
            key={reason}
            type="button"
            aria-pressed={chosen === reason}
            onClick={() => onChoose(chosen === reason ? null : reason)}
            className="min-h-9 rounded-full border border-line-strong/60 px-3.5 text-note transition-colors hover:border-seal aria-pressed:border-seal aria-pressed:text-seal"
          >
            {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
