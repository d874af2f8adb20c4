/** The seven shapes of an agent's state: a shape and a colour, so that greyscale and forced colours keep the meaning. */
export type Shape = "ready" | "contact" | "wrap" | "break" | "missed" | "lost" | "off";

const FILL: Record<Shape, string> = {
  ready: "var(--p-okFill)",
  contact: "var(--p-busyFill)",
  wrap: "var(--p-wrapFill)",
  break: "var(--p-warnFill)",
  missed: "var(--p-badFill)",
  lost: "var(--p-offFill)",
  off: "var(--p-offFill)",
};

function body(shape: Shape) {
  switch (shape) {
    case "ready":
      return <circle cx="6" cy="6" r="5.4" fill="currentColor" />;
    case "contact":
      return <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="2.4" />;
    case "wrap":
      return <rect x="1" y="1" width="10" height="10" rx="2.6" fill="currentColor" />;
    case "break":
      return (
        <>
          <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M6 1.3a4.7 4.7 0 0 1 0 9.4z" fill="currentColor" />
        </>
      );
    case "missed":
      return <path d="M6 .9 11.6 11H.4z" fill="currentColor" />;
    case "lost":
      return (
        <>
          <circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.2" />
          <path d="M2.6 8.2 8.2 2.6M4.2 9.8l5.6-5.6" stroke="currentColor" strokeWidth="1.5" />
        </>
      );
    case "off":
      return <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.6" />;
  }
}

export function StateGlyph({ shape, size = 12 }: { shape: Shape; size?: number }) {
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" style={{ color: FILL[shape], flex: "none" }}>
      {body(shape)}
    </svg>
  );
}

/** The colour of a state's bar. */
export const stateFill = (shape: Shape): string => FILL[shape];
