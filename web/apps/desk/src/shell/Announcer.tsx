/** Two live regions for the whole desk; each sentence is said once. */
import { useUi } from "../data/ui.ts";

export function Announcer() {
  const { text, assertive, id } = useUi((ui) => ui.announced);
  return (
    <>
      <div className="hidden" aria-live="polite" aria-atomic="true">
        {assertive ? "" : <span key={id}>{text}</span>}
      </div>
      <div className="hidden" role="alert" aria-atomic="true">
        {assertive ? <span key={id}>{text}</span> : ""}
      </div>
    </>
  );
}
