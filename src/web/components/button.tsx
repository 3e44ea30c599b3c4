import type { ReactNode } from 'react';

type ButtonProps = {
  children: ReactNode;
  onClick?: () => void;
  type?: 'button' | 'submit';
  kind?: 'primary' | 'quiet';
  isDisabled?: boolean;
};

const looks = {
  primary: 'bg-seal text-on-seal hover:bg-seal-deep',
  quiet: 'border border-line-strong/60 text-ink hover:border-seal hover:text-seal',
};

/** A button with words. */
export function Button({
  children,
  onClick,
  type = 'button',
  kind = 'quiet',
  isDisabled = false,
}: ButtonProps) {
  return (
    <button
      type={type}
      onClick={onClick}
      disabled={isDisabled}
      className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-full px-4 py-1.5 text-[0.9375rem] font-medium transition-colors disabled:opacity-50 ${looks[kind]}`}
    >
      {children}
    </button>
  );
}

type IconButtonProps = {
  label: string;
  children: ReactNode;
  onClick: () => void;
  isExpanded?: boolean;
  /** For a button that stays in: whether it is in now. */
  isPressed?: boolean;
};

/** A button with a sign only; `label` is its name for everybody. At least 40 CSS pixels on each side. */
export function IconButton({ label, children, onClick, isExpanded, isPressed }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-expanded={isExpanded}
      aria-pressed={isPressed}
      onClick={onClick}
      className="inline-flex size-10 shrink-0 items-center justify-center rounded-full text-soft transition-colors hover:bg-sunken hover:text-ink aria-pressed:bg-sunken aria-pressed:text-seal"
    >
      {children}
    </button>
  );
}
