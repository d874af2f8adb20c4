/** Flows in the settings: their list and form, and of one its picture, its versions and trial. */
import { Suspense } from "react";
import { FlowStart } from "../settings/FlowStart.tsx";
import { FlowText } from "../settings/FlowText.tsx";
import { KindPage } from "../settings/KindPage.tsx";
import type { SectionProps } from "../settings/sections.ts";
import { fetched } from "../shell/fetched.ts";
import { VersionsPage } from "./VersionsPage.tsx";

const BuilderPage = fetched(() => import("./builder/BuilderPage.tsx"));

export default function FlowsPage({ name, versions, edit }: SectionProps) {
  if (edit && name !== null)
    return (
      <Suspense>
        <BuilderPage key={name} name={name} />
      </Suspense>
    );
  return versions && name !== null ? <VersionsPage name={name} /> : <KindPage kind="flow" name={name} start={FlowStart} beside={FlowText} />;
}
