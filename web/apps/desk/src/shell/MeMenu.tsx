/** Me: language, theme, density, sound, letter keys, sign out. */
import { Button, Popover, SegmentedControl, Switch, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { initials } from "@parlons/ui/format.ts";
import { BellOff, Headset, LogOut } from "lucide-react";
import { useState } from "react";
import { go } from "../data/route.ts";
import { prefer, signOut, usePreference, useSession } from "../data/session.ts";
import { useTexts, wanted } from "../i18n/index.ts";
import { useHasVoice } from "../phone/usePhoneShift.ts";
import styles from "./shell.module.css";

interface ChoiceProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <div className={styles.choice}>
      <span aria-hidden="true">{label}</span>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={label}
        value={value}
        onChange={onChange}
        data={options.map(([key, text]) => ({ value: key, label: text }))}
      />
    </div>
  );
}

async function askNotifications(): Promise<void> {
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}

function Preferences() {
  const { t } = useTexts();
  const locale = wanted(usePreference("locale"));
  const theme = usePreference("theme") ?? "auto";
  const asked = useMediaQuery("(prefers-contrast: more)", false, { getInitialValueInEffect: false });
  const contrast = usePreference("contrast") ?? (asked ? "more" : "usual");
  const density = usePreference("density") ?? "comfortable";
  const sound = usePreference("sound") !== false;
  const keymap = usePreference("keymap");
  const letters = keymap?.letters !== "off";
  return (
    <>
      <Choice
        label={t("me.language")}
        value={locale}
        options={[
          ["fr", "Français"],
          ["en", "English"],
        ]}
        onChange={(value) => prefer({ locale: value as "en" })}
      />
      <Choice
        label={t("me.theme")}
        value={theme}
        options={[
          ["auto", t("me.auto")],
          ["light", t("me.light")],
          ["dark", t("me.dark")],
        ]}
        onChange={(value) => prefer({ theme: value as "auto" })}
      />
      <Choice
        label={t("comfort.contrast.label")}
        value={contrast}
        options={[
          ["usual", t("comfort.contrast.usual")],
          ["more", t("comfort.contrast.more")],
        ]}
        onChange={(value) => prefer({ contrast: value as "more" })}
      />
      <Choice
        label={t("me.density")}
        value={density}
        options={[
          ["comfortable", t("me.comfortable")],
          ["compact", t("me.compact")],
        ]}
        onChange={(value) => prefer({ density: value as "compact" })}
      />
      <Switch
        size="sm"
        label={t("me.sound")}
        checked={sound}
        onChange={(event) => {
          prefer({ sound: event.currentTarget.checked });
          void askNotifications();
        }}
      />
      <Switch
        size="sm"
        label={t("me.letters")}
        checked={letters}
        onChange={(event) =>
          prefer({
            keymap: { ...keymap, letters: event.currentTarget.checked ? "on" : "off" },
          })
        }
      />
    </>
  );
}

export function MeMenu() {
  const { t } = useTexts();
  const me = useSession((session) => session.me);
  const [open, setOpen] = useState(false);
  const voice = useHasVoice();
  const narrow = useMediaQuery("(max-width: 880px)");
  if (!me) return null;
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position={narrow ? "top-end" : "right-end"}
      width={280}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <UnstyledButton
          className={styles.me}
          aria-label={t("me.menu", { name: me.user.name })}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          data-initials={initials(me.user.name)}
        />
      </Popover.Target>
      <Popover.Dropdown className={styles.meMenu} aria-label={t("me.menu", { name: me.user.name })}>
        <div>
          <strong>{me.user.name}</strong>
          <p className={styles.meta}>
            {t(`role.${me.user.role}`)} · {me.tenant.name}
          </p>
        </div>
        <Preferences />
        <Button
          variant="default"
          leftSection={<BellOff size={16} />}
          onClick={() => {
            setOpen(false);
            go({ page: "sounds" });
          }}
        >
          {t("comfort.sounds.title")}
        </Button>
        {voice && (
          <Button
            variant="default"
            leftSection={<Headset size={16} />}
            onClick={() => {
              setOpen(false);
              go({ page: "phone" });
            }}
          >
            {t("phone.title")}
          </Button>
        )}
        <Button variant="default" leftSection={<LogOut size={16} />} onClick={() => void signOut()}>
          {t("me.signOut")}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
