// What a message is built of beside its words: buttons and menus, and the layout of Components V2.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { File, Picture, colored } from "./embeds.js";
import { html } from "./html.js";
import { act, store } from "./store.js";
import { Markdown } from "./text.js";

export const TYPE = {
  row: 1, button: 2, menu: 3, text: 4, people: 5, roles: 6, anyone: 7, channels: 8, section: 9, display: 10,
  thumbnail: 11,
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
  const { channels, kinds, members, roles, users } = store.state;
  const taken = new Set((component.default_values ?? []).map((each) => each.id));
  const listed = (pairs) => pairs.map(([value, label]) => ({ value, label, default: taken.has(value) }));
  const people = members.map((id) => [id, users[id]]);
  if (component.type === TYPE.people) return listed(people);
  if (component.type === TYPE.roles) return listed(Object.entries(roles));
  if (component.type === TYPE.anyone) {
    return listed([...people, ...Object.entries(roles).map(([id, label]) => [id, `@${label}`])]);
  }
  if (component.type === TYPE.channels) {
    const offered = (id) => !component.channel_types?.length || component.channel_types.includes(kinds[id]);
    return listed(Object.entries(channels).filter(([id]) => offered(id)).map(([id, label]) => [id, `# ${label}`]));
  }
  return component.options ?? [];
}

export const takesSeveral = (component) => (component.max_values ?? 1) > 1 || component.min_values === 0;

// the picture of a server's own emoji is on another host
const sign = (emoji) => (emoji && !emoji.id ? emoji.name : "");

function labelOf({ emoji, label, description }) {
  return [sign(emoji), label, description && `(${description})`].filter(Boolean).join(" ");
}

// A menu of one choice; the browser's own, so that a phone opens its own list. Each edit of the message (`edited`)
// shows what the bot says is chosen, as Discord does.
export function OneOf({ component, label, edited, ...more }) {
  const field = useRef();
  const options = optionsOf(component);
  const chosen = options.find((each) => each.default)?.value ?? "";
  useLayoutEffect(() => { field.current.value = chosen; }, [edited, chosen]);
  return html`<select aria-label=${label} disabled=${component.disabled} ref=${field} ...${more}>
    ${!chosen && html`<option value="" disabled=${more.required !== false} selected>
      ${component.placeholder || "Make a choice"}</option>`}
    ${options.map((each) => html`<option key=${each.value} value=${each.value} selected=${Boolean(each.default)}>
      ${labelOf(each)}</option>`)}
  </select>`;
}

function SeveralOf({ component, label, onChoose }) {
  const options = optionsOf(component);
  const [taken, take] = useState(() => options.filter((each) => each.default).map((each) => each.value));
  const toggle = (value) => take(taken.includes(value) ? taken.filter((each) => each !== value) : [...taken, value]);
  const names = options.filter((each) => taken.includes(each.value)).map((each) => each.label);
  const full = taken.length >= (component.max_values ?? 1);
  return html`<details class="several">
    <summary>${label}${names.length > 0 && html`: <b>${names.join(", ")}</b>`}</summary>
    <fieldset disabled=${component.disabled}>
      <legend class="hidden">${label}</legend>
      ${options.map((each) => html`<label class="tick" key=${each.value}>
        <input type="checkbox" checked=${taken.includes(each.value)} onChange=${() => toggle(each.value)}
          disabled=${full && !taken.includes(each.value)} />
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
    return html`<${OneOf} component=${component} label=${label} edited=${message.edited_timestamp}
      onChange=${chosen} />`;
  }
  // begun anew when the bot says that something else is chosen
  const chosen = optionsOf(component).filter((each) => each.default).map((each) => each.value).join();
  return html`<${SeveralOf} key=${chosen} component=${component} label=${label} onChoose=${choose} />`;
}

function Button({ component, message }) {
  const words = [sign(component.emoji), component.label].filter(Boolean).join(" ") || `:${component.emoji?.name}:`;
  if (component.style === LINK) {
    const safe = /^https?:\/\//.test(component.url) ? component.url : undefined;
    return html`<a class="button" href=${safe} target="_blank" rel="noreferrer noopener">${words} ↗</a>`;
  }
  const press = () => act({ do: "press", message: message.id, custom_id: component.custom_id });
  return html`<button type="button" class=${`style${component.style}`} disabled=${component.disabled}
    onClick=${press}>${words}</button>`;
}

function Spoiler({ hidden, children }) {
  return hidden ? html`<details class="covered"><summary>SPOILER</summary>${children}</details>` : children;
}

function Section({ component, ...more }) {
  return html`<div class="section">
    <div>${component.components.map((each) => html`<${Component} component=${each} ...${more} />`)}</div>
    <${Component} component=${component.accessory} ...${more} />
  </div>`;
}

function Container({ component, ...more }) {
  return html`<${Spoiler} hidden=${component.spoiler}>
    <article class="embed container" style=${colored(component.accent_color)}>
      ${component.components.map((each) => html`<${Component} component=${each} ...${more} />`)}
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

// what an edit changes stays at its place, and so does the keyboard's focus
function Row({ component, ...more }) {
  return html`<div class="row">
    ${component.components.map((each) => html`<${Component} component=${each} ...${more} />`)}
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
  [TYPE.anyone]: Menu,
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
