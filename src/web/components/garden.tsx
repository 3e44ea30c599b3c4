const rings = Array.from({ length: 15 }, (_, index) => 120 + index * 15);

/** Raked gravel around a stone, gone before the words below it begin; pure ornament. */
export function Garden({ className }: { className: string }) {
  return (
    <svg viewBox="-340 -340 680 680" className={`pointer-events-none ${className}`} aria-hidden="true">
      <defs>
        <radialGradient id="garden-fade">
          <stop offset="0.34" stopColor="white" />
          <stop offset="1" stopColor="black" />
        </radialGradient>
        <linearGradient id="garden-ground" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0.5" stopColor="black" stopOpacity="0" />
          <stop offset="0.66" stopColor="black" />
        </linearGradient>
        <mask id="garden-mask">
          <circle r="338" fill="url(#garden-fade)" />
          <rect x="-340" y="-340" width="680" height="680" fill="url(#garden-ground)" />
        </mask>
      </defs>
      <g mask="url(#garden-mask)" className="fill-none stroke-line-strong [stroke-width:1.1]">
        {rings.map((radius) => (
          <circle key={radius} r={radius} opacity="0.8" />
        ))}
      </g>
    </svg>
  );
}

/** Three raked lines between two turns. */
export function RakedLine() {
  return (
    <svg viewBox="0 0 240 16" className="mx-auto my-12 h-4 w-60 text-line-strong" aria-hidden="true">
      <g className="fill-none stroke-current [stroke-linecap:round] [stroke-width:1.1]">
        <path d="M2 3h90c10 0 14 3 28 3s18-3 28-3h90" />
        <path d="M22 8h66c12 0 16 3 32 3s20-3 32-3h66" opacity=".7" />
        <path d="M46 13h40c14 0 18 2 34 2s20-2 34-2h40" opacity=".45" />
      </g>
    </svg>
  );
}

/** A brush circle that draws itself while something is awaited; stands still when motion is reduced. */
export function DrawnCircle({ className }: { className: string }) {
  return (
    <svg viewBox="0 0 24 24" className={`shrink-0 ${className}`} aria-hidden="true">
      <circle cx="12" cy="12" r="9" className="fill-none stroke-line [stroke-width:2]" />
      <path
        d="M16 4A9 9 0 1 0 20.6 9"
        pathLength="100"
        className="animate-draw fill-none stroke-seal [stroke-dasharray:100] [stroke-linecap:round] [stroke-width:2.4]"
      />
    </svg>
  );
}
