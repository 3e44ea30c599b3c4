import { strings } from '../strings.ts';

type PortraitProps = { personaId: string; name: string; className: string; isDecorative?: boolean };

/** A persona in a circle of one brush stroke: Herman as an ink drawing, anyone else by the first letter. */
export function Portrait({ personaId, name, className, isDecorative = false }: PortraitProps) {
  const label = isDecorative
    ? { 'aria-hidden': true as const }
    : { role: 'img', 'aria-label': strings.persona.portrait(name) };
  return (
    <svg viewBox="0 0 200 200" className={`shrink-0 ${className}`} {...label}>
      <circle cx="100" cy="100" r="86" className="fill-raised" />
      {personaId === 'herman' ? <HermanFigure /> : <Initial letter={name.slice(0, 1)} />}
      <BrushCircle />
    </svg>
  );
}

/** One breath, one stroke: a circle that stays open, with the dry ends of the brush. */
function BrushCircle() {
  return (
    <g className="fill-none stroke-ink [stroke-linecap:round]">
      <path strokeWidth="9" d="M137 23A86 86 0 1 0 180 69" />
      <path strokeWidth="4" d="M129 16A91 91 0 0 0 24 52" />
      <path strokeWidth="2" opacity=".7" d="M62 18A92 92 0 0 0 12 73" />
      <path strokeWidth="3" opacity=".85" d="M184 82A86 86 0 0 0 169 47" />
      <path strokeWidth="1.6" opacity=".6" d="M190 90A91 91 0 0 0 181 58" />
      <path strokeWidth="2" opacity=".5" d="M28 163A94 94 0 0 0 96 194" />
    </g>
  );
}

function Initial({ letter }: { letter: string }) {
  return (
    <text x="100" y="128" textAnchor="middle" className="fill-seal font-serif text-[5rem]">
      {letter}
    </text>
  );
}

function HermanFigure() {
  return (
    <g className="[stroke-linecap:round] [stroke-linejoin:round]">
      <path
        className="fill-robe"
        d="M27 146c13-16 32-21 50-26l23 20 23-20c18 5 37 10 50 26a86 86 0 0 1-146 0Z"
      />
      <path
        className="fill-none stroke-raised"
        strokeWidth="4"
        d="M75 121c7 15 18 30 34 46M125 121c-5 11-11 20-18 28"
      />
      <path
        className="fill-none stroke-ink"
        strokeWidth="2.5"
        opacity=".55"
        d="M46 150c-2 8-2 14-1 21M154 150c2 8 2 14 1 21"
      />
      <path
        className="fill-raised stroke-ink"
        strokeWidth="3.2"
        d="M84 112c0 8-3 12-9 14l25 17 25-17c-6-2-9-6-9-14"
      />
      <path
        className="fill-raised stroke-ink"
        strokeWidth="3"
        d="M70 79c-7-3-10 3-8 10 1 6 5 10 9 9M130 79c7-3 10 3 8 10-1 6-5 10-9 9"
      />
      <path
        className="fill-raised stroke-ink"
        strokeWidth="3.6"
        d="M100 36c-20 0-31 15-31 37 0 14 2 27 9 36 6 8 13 13 22 13s16-5 22-13c7-9 9-22 9-36 0-22-11-37-31-37Z"
      />
      <path
        className="fill-none stroke-ink"
        strokeWidth="4.6"
        d="M77 74c4-4 10-5 16-2M107 72c6-3 12-2 16 2"
      />
      <path className="fill-none stroke-ink" strokeWidth="2.8" d="M79 83c4 3 9 3 13 0M108 83c4 3 9 3 13 0" />
      <path className="fill-none stroke-ink" strokeWidth="2.4" d="M100 80c-1 6-3 10-4 13 2 2 5 2 7 1" />
      <path
        className="fill-ink"
        d="M82 101c5-3 11-4 18-2 7-2 13-1 18 2 1 10-7 22-18 23-11-1-19-13-18-23Zm9 3.5c5 3.6 13 3.6 18 0-5-1.5-13-1.5-18 0Z"
      />
      <path
        className="fill-none stroke-ink"
        strokeWidth="1.8"
        opacity=".45"
        d="M88 51c7-3 17-3 24 0M91 58c6-2 12-2 18 0"
      />
    </g>
  );
}
