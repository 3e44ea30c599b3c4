import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className="size-5 shrink-0 fill-none stroke-current [stroke-linecap:round] [stroke-linejoin:round] [stroke-width:1.6]"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** A scroll of lines: the list of conversations. */
export const ListIcon = () => (
  <Icon>
    <path d="M4.5 6.5h15M4.5 12h10.5M4.5 17.5h13" />
  </Icon>
);

/** A fresh sheet with a brush: a new chat. */
export const NewIcon = () => (
  <Icon>
    <path d="M12 20h8M14.8 4.7a1.9 1.9 0 0 1 2.7 0l1.3 1.3a1.9 1.9 0 0 1 0 2.7L9 18.5l-4.7.8.8-4.7z" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z" />
  </Icon>
);

export const SunIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="3.8" />
    <path d="M12 3v1.8M12 19.2V21M3 12h1.8M19.2 12H21M5.6 5.6l1.3 1.3M17.1 17.1l1.3 1.3M5.6 18.4l1.3-1.3M17.1 6.9l1.3-1.3" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M12 19.5V5M5.8 10.8 12 4.6l6.2 6.2" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="1.5" className="fill-current" />
  </Icon>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="12" cy="8" r="3.6" />
    <path d="M4.8 20c.9-4 3.7-5.9 7.2-5.9s6.3 1.9 7.2 5.9" />
  </Icon>
);

/** A leaf: words of care. */
export const LeafIcon = () => (
  <Icon>
    <path d="M5 19c0-8.5 5.2-13.4 14.2-14 .5 9.3-3.6 14.3-11 14.2M5 19c1.5-4.3 4-7 8-9" />
  </Icon>
);

/** A sign that a link leaves the page. */
export const OutIcon = () => (
  <Icon>
    <path d="M9.5 6H6.5A1.5 1.5 0 0 0 5 7.5v10A1.5 1.5 0 0 0 6.5 19h10a1.5 1.5 0 0 0 1.5-1.5v-3M13 5h6v6M19 5l-8.5 8.5" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="M12 5v14M6 13l6 6 6-6" />
  </Icon>
);

/** Two sheets, one on the other. */
export const CopyIcon = () => (
  <Icon>
    <path d="M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9" />
  </Icon>
);

export const ThumbUpIcon = () => (
  <Icon>
    <path d="M4.5 10.5h3v9h-3zM7.5 11l3.8-7c1.6 0 2.4 1.1 2.1 2.6l-.6 3h5c1.2 0 2 1 1.7 2.2l-1.4 6c-.3 1-1 1.7-2.1 1.7H7.5" />
  </Icon>
);

export const ThumbDownIcon = () => (
  <Icon>
    <path d="M4.5 13.5h3v-9h-3zM7.5 13l3.8 7c1.6 0 2.4-1.1 2.1-2.6l-.6-3h5c1.2 0 2-1 1.7-2.2l-1.4-6c-.3-1-1-1.7-2.1-1.7H7.5" />
  </Icon>
);

/** A turn of the brush back to its beginning: once more. */
export const AgainIcon = () => (
  <Icon>
    <path d="M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 4v4.5H15" />
  </Icon>
);

/** A brush on a line: changing what is written. */
export const EditIcon = () => (
  <Icon>
    <path d="M14.8 4.7a1.9 1.9 0 0 1 2.7 0l1.3 1.3a1.9 1.9 0 0 1 0 2.7L9 18.5l-4.7.8.8-4.7z" />
  </Icon>
);
