/** The mark: a P drawn as one patch cord around a jack. */
export function Mark({ size = 24, color = "var(--p-accentText)" }: { size?: number; color?: string }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" aria-hidden="true" style={{ color, flex: "none" }}>
      <path
        d="M5.2 22V10.4a7.4 7.4 0 1 1 7.4 7.4H9.4"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="12.6" cy="10.4" r="2.5" fill="currentColor" />
    </svg>
  );
}
