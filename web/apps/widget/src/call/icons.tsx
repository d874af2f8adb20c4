/** @jsxImportSource .. */
/** Line icons of a call; always on a button with a name. */
import type { Child } from "../jsx-runtime";

const icon = (children: Child) => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    {children}
  </svg>
);

const HANDSET =
  "M6.500 3h3l1.500 5-2.200 1.600a12 12 0 0 0 5.600 5.600L16 13l5 1.500v3a3 3 0 0 1-3.200 3A16 16 0 0 1 3.500 6.200 3 3 0 0 1 6.500 3z";

export const phoneIcon = icon(<path d={HANDSET} />);
export const hangIcon = icon(
  <path d="M4 15.500v-2C8.500 9 15.500 9 20 13.500v2a1.500 1.500 0 0 1-1.500 1.500H16a1.500 1.500 0 0 1-1.500-1.500v-2a10 10 0 0 0-5 0v2A1.500 1.500 0 0 1 8 17H5.500A1.500 1.500 0 0 1 4 15.500z" />,
);
export const micIcon = icon(
  <path d="M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21" />,
);
export const micOffIcon = icon(
  <path d="M9 9v2a3 3 0 0 0 4.700 2.500M15 10.500V6a3 3 0 0 0-5.700-1.300M5.500 11A6.500 6.500 0 0 0 16 16.200M18.500 11a6.500 6.500 0 0 1-.500 2.500M12 17.500V21M4 4l16 16" />,
);
export const keysIcon = icon(
  <path d="M6 6h.01M12 6h.01M18 6h.01M6 12h.01M12 12h.01M18 12h.01M6 18h.01M12 18h.01M18 18h.01" stroke-width="3" />,
);
