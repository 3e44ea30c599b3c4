import { strings } from '../../strings.ts';

/** Says quietly that answers are excerpts, and where a model key goes. */
export function ExcerptsNote() {
  const { excerpts, excerptsOr, excerptsEnd } = strings.persona;
  return (
    <p className="mx-auto max-w-[36rem] text-center text-note text-balance text-soft">
      {excerpts}
      <code className="text-ink">OPENAI_API_KEY</code>
      {excerptsOr}
      <code className="text-ink">OPENAI_BASE_URL</code>
      {excerptsEnd}
    </p>
  );
}
