/** Sign-in by e-mail and password. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { cause } from "../data/actions.ts";
import { signIn } from "../data/session.ts";
import { useTexts } from "../i18n/index.ts";
import { Field } from "./Field.tsx";
import styles from "./session.module.css";

export default function SignIn() {
  const { t } = useTexts();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t("session.title")} · Parlons`;
  }, [t]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(email.trim(), password);
    } catch (problem) {
      setError(cause(problem));
      setBusy(false);
    }
  };
  return (
    <Field>
      <h1 className={styles.greeting}>{t("session.hello")}</h1>
      <form onSubmit={(event) => void submit(event)} className={styles.fields}>
        <TextInput
          label={t("session.email")}
          type="email"
          name="email"
          autoComplete="username"
          size="md"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("session.password")}
          name="password"
          autoComplete="current-password"
          size="md"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{
            "aria-label": t("session.showPassword"),
            tabIndex: 0,
          }}
        />
        <p className={styles.error} role="alert">
          {error}
        </p>
        <Button type="submit" size="md" fullWidth loading={busy}>
          {t("session.open")}
        </Button>
        <p className={styles.sub}>{t("session.forgotten")}</p>
      </form>
    </Field>
  );
}
