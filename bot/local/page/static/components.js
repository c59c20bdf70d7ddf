// What a message is built of beside its words: buttons and menus, and the layout of Components V2.

import { useState } from "preact/hooks";

import { File, Picture, colored } from "./embeds.js";
import { html } from "./html.js";
import { act, store } from "./store.js";
import { Markdown } from "./text.js";

export const TYPE = {
  row: 1, button: 2, menu: 3, text: 4, people: 5, roles: 6, channels: 8, section: 9, display: 10, thumbnail: 11,
  gallery: 12, file: 13, separator: 14, container: 17, label: 18, upload: 19, radio: 21, checkboxes: 22, checkbox: 23,
};
const LINK = 5;

// Every component below these, nested ones too, in reading order.
export function walk(components) {
  return (components ?? []).flatMap((each) => [
    each, ...walk(each.components), ...walk([each.accessory, each.component].filter(Boolean)),
  ]);
}

// The options of any kind of menu, as { value, label, description, default }.
export function optionsOf(component) {
  const { channels, members, roles, users } = store.state;
  const taken = new Set((component.default_values ?? []).map((each) => each.id));
  const listed = (pairs) => pairs.map(([value, label]) => ({ value, label, default: taken.has(value) }));
  if (component.type === TYPE.people) return listed(members.map((id) => [id, users[id]]));
  if (component.type === TYPE.roles) return listed(Object.entries(roles));
  if (component.type === TYPE.channels) {
    return listed(Object.entries(channels).map(([id, label]) => [id, `# ${label}`]));
  }
  return component.options ?? [];
}

export const takesSeveral = (component) => (component.max_values ?? 1) > 1 || component.min_values === 0;

const labelOf = (option) => (option.description ? `${option.label} (${option.description})` : option.label);

// A menu of one choice; the browser's own, so that a phone opens its own list.
export function OneOf({ component, label, ...more }) {
  const options = optionsOf(component);
  const open = !options.some((each) => each.default);
  return html`<select aria-label=${label} disabled=${component.disabled} ...${more}>
    ${open && html`<option value="" disabled selected>${component.placeholder || "Make a choice"}</option>`}
    ${options.map((each) => html`<option key=${each.value} value=${each.value} selected=${Boolean(each.default)}>
      ${labelOf(each)}</option>`)}
  </select>`;
}

function SeveralOf({ component, label, onChoose }) {
  const options = optionsOf(component);
  const [taken, take] = useState(() => options.filter((each) => each.default).map((each) => each.value));
  const toggle = (value) => take(taken.includes(value) ? taken.filter((each) => each !== value) : [...taken, value]);
  const names = options.filter((each) => taken.includes(each.value)).map((each) => each.label);
  return html`<details class="several">
    <summary>${label}${names.length > 0 && html`: <b>${names.join(", ")}</b>`}</summary>
    <fieldset disabled=${component.disabled}>
      <legend class="hidden">${label}</legend>
      ${options.map((each) => html`<label class="tick" key=${each.value}>
        <input type="checkbox" checked=${taken.includes(each.value)} onChange=${() => toggle(each.value)} />
        ${labelOf(each)}</label>`)}
      <button type="button" onClick=${() => onChoose(taken)}>Choose</button>
    </fieldset>
  </details>`;
}

function Menu({ component, message }) {
  const label = component.placeholder || "Make a choice";
  const choose = (values) => act({
    do: "choose", message: message.id, custom_id: component.custom_id, kind: component.type, values,
  });
  if (!takesSeveral(component)) {
    const chosen = (event) => event.target.value && choose([event.target.value]);
    return html`<${OneOf} component=${component} label=${label} onChange=${chosen} />`;
  }
  // begun anew when the bot says that something else is chosen
  const chosen = optionsOf(component).filter((each) => each.default).map((each) => each.value).join();
  return html`<${SeveralOf} key=${chosen} component=${component} label=${label} onChoose=${choose} />`;
}

function Button({ component, message }) {
  const words = [component.emoji?.name, component.label].filter(Boolean).join(" ");
  if (component.style === LINK) {
    const safe = /^https?:\/\//.test(component.url) ? component.url : undefined;
    return html`<a class="button" href=${safe} target="_blank" rel="noreferrer noopener">${words} ↗</a>`;
  }
  const press = () => act({ do: "press", message: message.id, custom_id: component.custom_id });
  return html`<button type="button" class=${`style${component.style}`} disabled=${component.disabled}
    onClick=${press}>${words}</button>`;
}

function Spoiler({ hidden, children }) {
  return hidden ? html`<details class="covered"><summary>Spoiler</summary>${children}</details>` : children;
}

function Section({ component, ...more }) {
  return html`<div class="section">
    <div>${component.components.map((each) => html`<${Component} key=${each.id} component=${each} ...${more} />`)}</div>
    <${Component} component=${component.accessory} ...${more} />
  </div>`;
}

function Container({ component, ...more }) {
  return html`<${Spoiler} hidden=${component.spoiler}>
    <article class="embed container" style=${colored(component.accent_color)}>
      ${component.components.map((each) => html`<${Component} key=${each.id} component=${each} ...${more} />`)}
    </article>
  <//>`;
}

function Gallery({ component, onLoad }) {
  return html`<div class=${`gallery of${Math.min(component.items.length, 3)}`}>
    ${component.items.map((item) => html`<${Spoiler} hidden=${item.spoiler}>
      <${Picture} url=${item.media.url} description=${item.description} onLoad=${onLoad} />
    <//>`)}
  </div>`;
}

function Thumbnail({ component, onLoad }) {
  return html`<${Spoiler} hidden=${component.spoiler}>
    <div class="thumbnail">
      <${Picture} url=${component.media.url} description=${component.description} onLoad=${onLoad} />
    </div>
  <//>`;
}

function Row({ component, ...more }) {
  return html`<div class="row">
    ${component.components.map((each) => html`<${Component} key=${each.custom_id ?? each.url} component=${each}
      ...${more} />`)}
  </div>`;
}

function Separator({ component }) {
  return html`<hr class=${`${component.spacing === 2 ? "large" : ""} ${component.divider === false ? "bare" : ""}`} />`;
}

const drawn = {
  [TYPE.row]: Row,
  [TYPE.button]: Button,
  [TYPE.menu]: Menu,
  [TYPE.people]: Menu,
  [TYPE.roles]: Menu,
  [TYPE.channels]: Menu,
  [TYPE.section]: Section,
  [TYPE.display]: ({ component }) => html`<${Markdown} text=${component.content} />`,
  [TYPE.thumbnail]: Thumbnail,
  [TYPE.gallery]: Gallery,
  [TYPE.file]: ({ component }) => html`<${File} name=${component.name ?? "a file"} url=${component.file.url}
    size=${component.size} />`,
  [TYPE.separator]: Separator,
  [TYPE.container]: Container,
};

export function Component(props) {
  const Drawn = drawn[props.component.type];
  // said, so that nothing of the bot's is left out without a word
  if (!Drawn) return html`<span class="sub">(a component of type ${props.component.type})</span>`;
  return html`<${Drawn} ...${props} />`;
}
