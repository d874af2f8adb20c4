/** What a letter may hold: what every mail program shows alike. Its keys are those of the desk's table; none is taken twice. */
import { BulletList, OrderedList } from "@tiptap/extension-list";
import { Image } from "@tiptap/extension-image";
import { Link } from "@tiptap/extension-link";
import { Placeholder } from "@tiptap/extensions";
import { StarterKit } from "@tiptap/starter-kit";

/** Ctrl K is the desk's palette, Ctrl Shift 1 to 9 are the agent's states. */
const Links = Link.extend({
  addCommands() {
    const own = this.parent?.();
    return {
      ...own,
      // With nothing chosen the address stands for itself, instead of a link on no word.
      setLink: (attributes) => (props) =>
        props.state.selection.empty
          ? props.commands.insertContent({ type: "text", text: attributes.href, marks: [{ type: "link", attrs: attributes }] })
          : (own?.setLink?.(attributes)(props) ?? false),
    };
  },
  addKeyboardShortcuts: () => ({
    "Mod-Shift-l": () => {
      dispatchEvent(new Event("edit-link"));
      return true;
    },
  }),
}).configure({ openOnClick: false, defaultProtocol: "https", protocols: ["mailto", "tel"] });

/** Only pictures that were uploaded: what is pasted from a page would tell its owner who reads. */
const Pictures = Image.extend({
  parseHTML: () => [{ tag: 'img[src^="/api/v1/files/FL"]' }],
});

export const extensions = (placeholder: () => string) => [
  StarterKit.configure({
    heading: false,
    code: false,
    codeBlock: false,
    horizontalRule: false,
    strike: false,
    trailingNode: false,
    link: false,
    bulletList: false,
    orderedList: false,
    dropcursor: false,
  }),
  BulletList.extend({ addKeyboardShortcuts: () => ({}) }),
  OrderedList.extend({ addKeyboardShortcuts: () => ({}) }),
  Links,
  Pictures,
  Placeholder.configure({ placeholder }),
];
