/** @jsxImportSource . */
/** Line icons, drawn for this panel; always beside a name for those who do not see them. */
import type { Child } from "./jsx-runtime";

const icon = (children: Child) => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    {children}
  </svg>
);

export const chatIcon = icon(<path d="M4.5 20.5 5.6 16a8.3 8.3 0 1 1 3.2 3z" />);
export const downIcon = icon(<path d="m6 9.5 6 6 6-6" />);
export const crossIcon = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const phoneIcon = icon(<path d="M5 4h4l2 5-2.500 1.500a10 10 0 0 0 5 5L15 13l5 2v4A16 16 0 0 1 5 4z" />);
export const minusIcon = icon(<path d="M6 12h12" />);
export const sendIcon = icon(<path d="M12 19V5m-6 6 6-6 6 6" />);
export const clipIcon = icon(
  <path d="m20 11.5-8.2 8.2a5.3 5.3 0 0 1-7.5-7.5l8.6-8.6a3.5 3.5 0 0 1 5 5l-8.6 8.5a1.8 1.8 0 0 1-2.5-2.5l7.9-7.8" />,
);
export const fileIcon = icon(<path d="M14 3H6.500v18h11V6.500zm0 0v3.500h3.500" />);
export const sentIcon = icon(<path d="m5 12.500 4.500 4.500L19 7.500" />);
export const readIcon = icon(<path d="m2 12.500 4.500 4.500L15.500 8M12 16.500l.5.500L22 7.500" />);
export const clockIcon = icon(<path d="M12 7v5l3 2M3.500 12a8.500 8.500 0 1 0 17 0 8.500 8.500 0 0 0-17 0" />);
export const markIcon = (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M5.2 22V10.4a7.4 7.4 0 1 1 7.4 7.4H9.4" />
    <circle cx="12.6" cy="10.4" r="2.5" fill="currentColor" stroke="none" />
  </svg>
);
