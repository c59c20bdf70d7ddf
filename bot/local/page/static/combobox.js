// A field with a list of choices above it, for the keyboard as for the pointer: the command picker, and suggestions.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "./html.js";

// options: [{ key, words, sub }]; first: the option that Enter takes before any arrow key (-1: none).
export function Combobox({ id, list, label, options, open, first, onType, onTake, onClose, ...input }) {
  const [selected, select] = useState(first);
  const shown = open && options.length > 0;
  const keys = options.map((each) => each.key).join("\n");
  const items = useRef();
  // before the next key can be pressed
  useLayoutEffect(() => select(first), [keys, open, first]);
  useLayoutEffect(() => {
    if (shown) items.current?.children[selected]?.scrollIntoView({ block: "nearest" });
  }, [shown, selected]);

  const steer = (event) => {
    if (!shown) return;
    const count = options.length;
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "ArrowDown") select((selected + 1) % count);
    else if (event.key === "ArrowUp") select(selected <= 0 ? count - 1 : selected - 1);
    else if ((event.key === "Enter" || (event.key === "Tab" && first >= 0)) && options[selected]) {
      onTake(options[selected]);
    } else return;
    event.preventDefault();
  };
  // the pointer must not take the focus from the field
  const hold = (event) => event.preventDefault();

  return html`
    <input ...${input} id=${id} role="combobox" aria-autocomplete="list" aria-expanded=${String(shown)}
      aria-controls=${list} aria-activedescendant=${shown && selected >= 0 ? `${list}-${selected}` : null}
      onInput=${(event) => onType(event.target.value)} onKeyDown=${steer} onBlur=${onClose} />
    <ul class="choices" id=${list} role="listbox" aria-label=${label} hidden=${!shown} ref=${items}
      onMouseDown=${hold}>
      ${shown && options.map((option, at) => html`
        <li key=${option.key} id=${`${list}-${at}`} role="option" aria-selected=${String(at === selected)}
          onClick=${() => onTake(option)}>
          ${option.words} ${option.sub && html`<span class="sub">${option.sub}</span>`}
        </li>`)}
    </ul>`;
}
