// The page of `try`: somebody's view of a small Discord. It is drawn anew from `store` whenever that changes.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Composer } from "./composer.js";
import { Form } from "./form.js";
import { html } from "./html.js";
import { MessageMenu, Messages } from "./messages.js";
import { Header, Places } from "./places.js";
import { act, listen, mentioned, store, whenChanged } from "./store.js";
import { Traffic } from "./traffic.js";

function First({ state }) {
  // out of the way once there is something to read, and there again for who opens it
  const begun = state.messages.length > 1;
  const [open, setOpen] = useState(!begun);
  useEffect(() => setOpen(!begun), [begun]);
  if (!state.suggestions.length && !Object.keys(state.extras).length) return null;
  const run = (what) => act(what.text ? { ...what, text: mentioned(what.text) } : what);
  return html`<details id="first" open=${open} onToggle=${(event) => setOpen(event.target.open)}>
    <summary>Things to try</summary>
    <div>
      ${state.suggestions.map((each) => html`<button key=${each.label} type="button"
        onClick=${() => run(each.act)}>${each.label}</button>`)}
      ${Object.entries(state.extras).map(([id, label]) => html`<button key=${id} type="button"
        onClick=${() => act({ do: "extra", name: id })}>${label}</button>`)}
    </div>
  </details>`;
}

function App({ state, lost, busy, said, alarm, sent, command, reply, form, menuOf, places, traffic }) {
  const bot = state.users[state.bot];
  const direct = state.channel === "direct";
  const here = direct ? bot : `# ${state.channels[state.channel] ?? ""}`;
  const view = `${state.person}-${state.channel}`;
  useEffect(() => {
    if (state.title) document.title = state.title;
  }, [state.title]);
  return html`
    <a class="skip" href="#text">Skip to the message box</a>
    <div id="banner" role="status" hidden=${!(lost || state.banner)}>${lost || state.banner}</div>
    <${Header} state=${state} places=${places} traffic=${traffic} />
    <div id="columns">
      <${Places} state=${state} open=${places} />
      <main aria-busy=${String(busy)}>
        <h2 id="where">${here}</h2>
        ${state.person && html`<${First} key=${`first-${view}`} state=${state} />`}
        <${Messages} key=${view} here=${direct ? `your direct messages with ${bot}` : here} messages=${state.messages}
          sent=${sent} />
        <p id="typing" class="sub" role="status">
          ${state.typing > 0 && html`<span class="thinking">${bot} is typing</span>`}
        </p>
        <p id="said" role="status" hidden=${!said}>${said}</p>
        <p id="notice" class="alarm" role="alert" hidden=${!alarm}>${alarm}</p>
        <${Composer} command=${command} reply=${reply} />
      </main>
      <${Traffic} traffic=${traffic} />
    </div>
    <${Form} form=${form} />
    <${MessageMenu} message=${menuOf} />`;
}

whenChanged(() => render(html`<${App} ...${store} />`, document.body));
listen();
