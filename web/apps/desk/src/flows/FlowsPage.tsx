/** Flows in the settings: their list and form, and of one its versions and trial. */
import { FlowStart } from "../settings/FlowStart.tsx";
import { FlowText } from "../settings/FlowText.tsx";
import { KindPage } from "../settings/KindPage.tsx";
import type { SectionProps } from "../settings/sections.ts";
import { VersionsPage } from "./VersionsPage.tsx";

export default function FlowsPage({ name, versions }: SectionProps) {
  return versions && name !== null ? <VersionsPage name={name} /> : <KindPage kind="flow" name={name} start={FlowStart} beside={FlowText} />;
}
