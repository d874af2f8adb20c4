/** Files on their way into a message: uploaded when chosen, removable, each with its own refusal. */
import { newKey, post } from "@parlons/client/http.ts";
import type { Attachment } from "@parlons/client/types.ts";
import { useState } from "react";
import { cause } from "../data/actions.ts";

export interface Upload {
  key: string;
  name: string;
  file: Attachment | null;
  error: string | null;
}

export function useUploads(conversationId: string) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const set = (key: string, change: Partial<Upload>) =>
    setUploads((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const key = newKey();
      setUploads((all) => [...all, { key, name: file.name, file: null, error: null }]);
      const form = new FormData();
      form.append("file", file);
      form.append("conversation_id", conversationId);
      post<Attachment>("/files", form, { key })
        .then((stored) => set(key, { file: stored }))
        .catch((error: unknown) => set(key, { error: cause(error) }));
    }
  };
  const remove = (key: string) => setUploads((all) => all.filter((each) => each.key !== key));
  const clear = () => setUploads([]);
  const ready = uploads.every((each) => each.file !== null);
  return { uploads, add, remove, clear, ready };
}
