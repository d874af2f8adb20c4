/** Files on their way into a message: uploaded when chosen, removable, each with its own refusal; what a channel does not take says so. */
import type { Capabilities } from "@parlons/client/channels.ts";
import { newKey, post } from "@parlons/client/http.ts";
import type { Attachment } from "@parlons/client/types.ts";
import { bytes } from "@parlons/ui/format.ts";
import { useState } from "react";
import { cause } from "../data/actions.ts";
import { useTexts } from "../i18n/index.ts";
import { fileFault } from "./ways.ts";

export interface Upload {
  key: string;
  name: string;
  type: string;
  size: number;
  file: Attachment | null;
  error: string | null;
}

/** Why this way does not take a file, judged anew when the way changes. */
function useFault(able: Capabilities) {
  const { t, locale } = useTexts();
  return (each: Upload, at: number): string | null => {
    const fault = fileFault(each, at, able);
    if (fault === null) return null;
    return t(`channels.file.${fault}`, { size: bytes(able.media_bytes, locale), count: able.files });
  };
}

export function useUploads(conversationId: string, able: Capabilities) {
  const fault = useFault(able);
  const [uploads, setUploads] = useState<Upload[]>([]);
  const set = (key: string, change: Partial<Upload>) =>
    setUploads((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  const remove = (key: string) => setUploads((all) => all.filter((each) => each.key !== key));
  const upload = async (file: File, inside: boolean): Promise<Attachment | null> => {
    const key = newKey();
    const { name, type, size } = file;
    setUploads((all) => [...all, { key, name, type, size, file: null, error: null }]);
    const form = new FormData();
    form.append("file", file);
    form.append("conversation_id", conversationId);
    try {
      const stored = await post<Attachment>("/files", form, { key });
      if (inside) remove(key);
      else set(key, { file: stored });
      return stored;
    } catch (error) {
      set(key, { error: cause(error) });
      return null;
    }
  };
  const add = (files: Iterable<File>) => {
    for (const file of files) void upload(file, false);
  };
  /** A picture that will stand in the text: among the files only while it is on its way, or when it failed. */
  const addInside = (file: File) => upload(file, true);
  const clear = () => setUploads([]);
  /** After a message was taken back: its files, before those chosen since. */
  const putBack = (taken: Upload[]) => setUploads((all) => [...taken, ...all]);
  const judged = uploads.map((each, at) => ({ ...each, error: each.error ?? fault(each, at) }));
  const ready = judged.every((each) => each.file !== null && each.error === null);
  const arriving = judged.some((each) => each.file === null && each.error === null);
  return { uploads: judged, add, addInside, remove, clear, putBack, ready, arriving };
}
