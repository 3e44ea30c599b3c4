const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Shortenings that always lead on to the next word: titles, `e.g.`, `vs.`. Lower case, without the last full stop. */
export const leadingAbbreviations = words(
  'mr mrs ms mx dr prof rev fr sr sra st mt ft gen col maj capt cmdr lt sgt cpl pvt adm hon gov sen rep pres supt ' +
    'messrs mme mlle hr fru frau e.g i.e eg ie vs cf viz al approx ca esp incl resp a.k.a sc z.b d.h u.a bzw p.ex',
);

/** Shortenings that may close a sentence; they do when a word that commonly opens one follows. */
export const closingAbbreviations = words(
  'etc inc ltd co corp llc plc bros jr sr esq ph.d phd m.d b.a m.a b.sc m.sc d.c u.s u.k u.n e.u u.s.a a.d b.c b.c.e c.e ' +
    'a.m p.m dept univ assn bldg ave blvd rd hwy sq min max hr hrs sec secs mins lb lbs oz kg cm mm km in tel ext est ed eds trans usw',
);

/** Shortenings that lead on only to a number or another figure: `No. 5`, `Fig. 3`, `Jan. 12`, `p. 7`. */
export const numberAbbreviations = words(
  'no nos nr fig figs eq eqs p pp vol vols ch chap sec sect art pt para par ex ref refs tab app v vv ver op ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun',
);

/** Words that, capitalised, nearly always open an English sentence rather than go on with a name. */
export const sentenceOpeners = words(
  'the a an this that these those there here it its he she they we you i his her their our your my in on at by for from with ' +
    'without as after before when while where why how what who which if although though because since so but and or yet then ' +
    'thus however also both each every many most some several no not now one two first second third finally next later today ' +
    'once during until all any such other another is are was were do does did can could should would will may might let to of',
);
