/** @jsxImportSource .. */
/**
 * `widget-leave.js`: fetched when the doors are closed. Name, address, message: it becomes work for somebody, like any contact.
 */
import type { Refused } from "@parlons/chat/api.ts";
import type { Part } from "../context";
import { sentIcon } from "../icons";
import type { Form } from "@parlons/chat/state.ts";
import { type LeaveWord, said } from "./words";

const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

function faults(form: Form): Partial<Record<keyof Form, LeaveWord>> {
  return {
    ...(form.name.trim() ? {} : { name: "required" }),
    ...(ADDRESS.test(form.email.trim()) ? {} : { email: form.email.trim() ? "email_wrong" : "required" }),
    ...(form.text.trim() ? {} : { text: "required" }),
  };
}

async function submit({ chat, state }: Part, event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const { form } = state;
  const wrong = Object.keys(faults(form))[0];
  chat.set({ notice: null, form: { ...form, tried: true } });
  if (wrong) return (event.target as HTMLElement).querySelector<HTMLElement>(`[name=${wrong}]`)?.focus();
  try {
    await chat.outbox.leave();
  } catch (error) {
    // Its class stands in another file: known by what it says.
    const refused = (error as Refused).code ? (error as Refused) : null;
    chat.set({
      notice:
        refused?.code === "message-too-long"
          ? { word: "too_long", values: { n: state.config?.text_max ?? 0 } }
          : refused?.status === 429
            ? { word: "slow_down", values: { n: refused.waitSeconds } }
            : { word: "trouble" },
    });
  }
}

export function Leave(part: Part) {
  const { chat, state, say } = part;
  const { form } = state;
  const words = said(part.language);
  const found = form.tried ? faults(form) : {};
  if (state.offline)
    return (
      <div class="log" role="status">
        <div class="done">
          {sentIcon}
          <p>{words.done.replace("{email}", state.offline.email)}</p>
          <button type="button" class="link" onclick={() => chat.set({ offline: null })}>
            {words.again}
          </button>
        </div>
      </div>
    );
  const field = (name: "name" | "email" | "text", autocomplete: string) => {
    const shared = {
      id: name,
      name,
      autocomplete,
      value: form[name],
      "aria-invalid": found[name] ? "true" : undefined,
      "aria-describedby": `${name}-fault`,
      oninput: (event: Event) =>
        chat.set({
          form: {
            ...chat.state.form,
            [name]: (event.currentTarget as HTMLInputElement).value,
          },
        }),
    };
    return (
      <div key={name}>
        <label for={name}>{name === "text" ? say("placeholder") : words[name]}</label>
        {name === "text" ? <textarea {...shared} /> : <input type={name === "email" ? "email" : "text"} {...shared} />}
        <small id={`${name}-fault`}>{found[name] ? words[found[name]] : ""}</small>
      </div>
    );
  };
  return (
    <form class="leave" novalidate onsubmit={(event) => submit(part, event)}>
      <p>{words.intro}</p>
      {field("name", "name")}
      {field("email", "email")}
      {field("text", "off")}
      <button type="submit" class="main">
        {words.send}
      </button>
    </form>
  );
}
