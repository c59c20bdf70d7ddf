// Where messages are written and commands are filled in.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { Combobox } from "./combobox.js";
import { html } from "./html.js";
import { Gist } from "./messages.js";
import { act, change, commands, fileToSend, mentioned, store, suggest } from "./store.js";

const MOST_SUGGESTED = 8;
const OPTION = { whole: 4, yes: 5, person: 6, channel: 7, role: 8, number: 10, file: 11 };

const LISTED = [OPTION.person, OPTION.channel, OPTION.role];

const isList = (option) => option.choices?.length > 0 || LISTED.includes(option.type);

function choicesOf(option) {
  const { channels, members, roles, users } = store.state;
  if (option.type === OPTION.person) return members.map((id) => [id, users[id]]);
  if (option.type === OPTION.channel) return Object.entries(channels).map(([id, label]) => [id, `# ${label}`]);
  if (option.type === OPTION.role) return Object.entries(roles);
  return option.choices.map((each) => [each.value, each.name]);
}

// The options as they are sent; `filled` holds by name what was typed or chosen.
async function optionsToSend(command, filled, without) {
  const options = [];
  for (const { name, type } of command.options) {
    let value = filled[name];
    if (name === without || value === undefined || value === "" || value === false) continue;
    if (type === OPTION.file) value = await fileToSend(value);
    options.push({ name, type, value });
  }
  return options;
}

// A text option for which the bot suggests while it is typed.
function Suggested({ command, option, filled, common }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState([]);
  const [open, setOpen] = useState(false);
  const turn = useRef(0);
  const close = () => {
    turn.current += 1;
    setOpen(false);
  };
  const look = async (typed) => {
    const asked = (turn.current += 1);
    const options = await optionsToSend(command, filled, option.name);
    const choices = await suggest(command.name, option.name, typed, options).catch(() => []);
    if (asked !== turn.current) return;
    setFound(choices.slice(0, MOST_SUGGESTED).map(({ name, value }) => ({ key: String(value), words: name, value })));
    setOpen(true);
  };
  const type = (typed) => {
    filled[option.name] = typed;
    setText(typed);
    look(typed);
  };
  const take = (choice) => {
    filled[option.name] = choice.value;
    setText(choice.words);
    close();
  };
  return html`<${Combobox} ...${common} list=${`${common.id}-list`} label=${`Suggestions for ${option.name}`}
    options=${found} open=${open} first=${-1} value=${text} onType=${type} onTake=${take} onClose=${close}
    onFocus=${() => look(text)} />`;
}

function Option({ command, option, filled }) {
  const id = `option-${option.name}`;
  const common = {
    id, name: option.name, required: option.required, "aria-describedby": `${id}-help`, autocomplete: "off",
  };
  const note = (event) => { filled[option.name] = event.target.value; };
  let control;
  if (isList(option)) {
    control = html`<select ...${common} onChange=${note}>
      <option value="">-</option>
      ${choicesOf(option).map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}
    </select>`;
  } else if (option.type === OPTION.yes) {
    control = html`<input ...${common} type="checkbox" required=${false}
      onChange=${(event) => { filled[option.name] = event.target.checked; }} />`;
  } else if (option.type === OPTION.file) {
    control = html`<input ...${common} type="file"
      onChange=${(event) => { [filled[option.name]] = event.target.files; }} />`;
  } else if (option.type === OPTION.whole || option.type === OPTION.number) {
    control = html`<input ...${common} type="number" min=${option.min_value} max=${option.max_value}
      onInput=${note} />`;
  } else if (option.autocomplete) {
    control = html`<${Suggested} command=${command} option=${option} filled=${filled}
      common=${{ ...common, maxlength: option.max_length }} />`;
  } else control = html`<input ...${common} maxlength=${option.max_length} onInput=${note} />`;
  return html`<div class="field">
    <label for=${id}>${option.name}${option.required && " (needed)"}</label>
    ${control}
    <div class="sub" id=${`${id}-help`}>${option.description}</div>
  </div>`;
}

function found(text) {
  if (!text.startsWith("/")) return [];
  const wanted = text.slice(1).toLowerCase();
  return commands().filter((command) => command.name.includes(wanted))
    .map((command) => ({ key: command.name, words: `/${command.name}`, sub: command.description, command }));
}

export function Composer({ command, reply }) {
  const [text, setText] = useState("");
  const [closed, setClosed] = useState(false);
  const form = useRef();
  const filled = useRef({});
  const picks = command ? [] : found(text);
  const focusText = () => form.current.querySelector("#text").focus();

  // where the next key belongs: the first option of a command; then, as before, the message
  useLayoutEffect(() => {
    filled.current = {};
    if (!command) return;
    setText("");
    (form.current.querySelector("#options input, #options select") ?? form.current.querySelector("#send")).focus();
  }, [command]);

  const leave = () => {
    change({ command: null });
    focusText();
  };
  const type = (typed) => {
    setText(typed);
    setClosed(false);
  };
  const send = async (event) => {
    event.preventDefault();
    if (command) {
      const options = await optionsToSend(command, filled.current);
      leave();
      await act({ do: "run", command: command.name, options });
    } else if (picks.length) change({ command: picks[0].command });
    else if (text.trim()) {
      setText("");
      change({ reply: null });
      focusText();
      await act({ do: "say", text: mentioned(text), reply: reply?.id });
    }
  };
  const escape = (event) => event.key === "Escape" && change({ reply: null });

  return html`<form id="composer" autocomplete="off" ref=${form} onSubmit=${send} onKeyDown=${escape}>
    ${reply && html`<div id="reply"><span>Replying to: <${Gist} message=${reply} /></span>
      <button type="button" onClick=${() => { change({ reply: null }); focusText(); }}>Cancel the reply</button></div>`}
    ${command && html`<div id="options" key=${command.name}>
      <div class="sub">${command.description}</div>
      ${command.options.map((option) => html`<${Option} key=${option.name} command=${command} option=${option}
        filled=${filled.current} />`)}
      <button type="button" onClick=${leave}>Another command</button>
    </div>`}
    <div class="line">
      <label class="hidden" for="text">Message, or / for commands</label>
      <${Combobox} id="text" list="picker" label="Commands" options=${picks} open=${!closed} first=${0}
        value=${command ? `/${command.name}` : text} readonly=${Boolean(command)} maxlength="2000"
        placeholder="Message, or / for commands" onType=${type} onTake=${(pick) => change({ command: pick.command })}
        onClose=${() => setClosed(true)} onFocus=${() => setClosed(false)} />
      <button id="send" type="submit" class="style1">Send</button>
    </div>
  </form>`;
}
