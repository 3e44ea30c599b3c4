/** Reduces a folded word to its stem. */
export type Stemmer = (word: string) => string;

const loaders = {
  arabic: () => import('@orama/stemmers/arabic'),
  danish: () => import('@orama/stemmers/danish'),
  dutch: () => import('@orama/stemmers/dutch'),
  english: () => import('@orama/stemmers/english'),
  finnish: () => import('@orama/stemmers/finnish'),
  french: () => import('@orama/stemmers/french'),
  german: () => import('@orama/stemmers/german'),
  greek: () => import('@orama/stemmers/greek'),
  hungarian: () => import('@orama/stemmers/hungarian'),
  italian: () => import('@orama/stemmers/italian'),
  norwegian: () => import('@orama/stemmers/norwegian'),
  portuguese: () => import('@orama/stemmers/portuguese'),
  romanian: () => import('@orama/stemmers/romanian'),
  russian: () => import('@orama/stemmers/russian'),
  spanish: () => import('@orama/stemmers/spanish'),
  swedish: () => import('@orama/stemmers/swedish'),
  turkish: () => import('@orama/stemmers/turkish'),
} satisfies Record<string, () => Promise<{ stemmer: Stemmer }>>;

/** Languages with a Snowball stemmer. */
export type StemmerLanguage = keyof typeof loaders;

/** The Snowball stemmer of a language (https://snowballstem.org), loaded on first use. */
export async function loadStemmer(language: StemmerLanguage): Promise<Stemmer> {
  const { stemmer } = await loaders[language]();
  return stemmer;
}
