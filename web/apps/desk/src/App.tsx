/** Which face the desk shows: sign-in, the one-time link, the shell, or that the server cannot be reached. */
import { Suspense } from "react";
import { useRoute } from "./data/route.ts";
import { useSession } from "./data/session.ts";
import { framed } from "./driven/frame.ts";
import { Unreachable } from "./session/Unreachable.tsx";
import { Shell } from "./shell/Shell.tsx";
import { fetched } from "./shell/fetched.ts";

const SignIn = fetched(() => import("./session/SignIn.tsx"));
const Framed = fetched(() => import("./driven/Framed.tsx"));
const LinkIn = fetched(() => import("./session/LinkIn.tsx"));

export function App() {
  const state = useSession((session) => session.state);
  const route = useRoute();
  if (route.page === "link")
    return (
      <Suspense>
        <LinkIn token={route.token} />
      </Suspense>
    );
  if (state === "unreachable") return <Unreachable />;
  if (state === "out")
    return (
      <Suspense>
        <SignIn />
      </Suspense>
    );
  if (state !== "in") return null;
  return framed ? (
    <Suspense>
      <Framed>
        <Shell />
      </Framed>
    </Suspense>
  ) : (
    <Shell />
  );
}
