// The form (modal) that the bot opened.

import { useEffect, useRef, useState } from "preact/hooks";

import { OneOf, TYPE, optionsOf, takesSeveral } from "./components.js";
import { html } from "./html.js";
import { act, change, fileToSend, store } from "./store.js";
import { Markdown } from "./text.js";

const PARAGRAPH = 2;
const TICKED = [TYPE.radio, TYPE.checkboxes];

const isNeeded = (input) => input.required !== false;

// [{ row, input, label, description }] of what can be filled in, and texts between.
function fieldsOf(form) {
  return form.components.map((row) => {
    const input = row.component ?? row.components?.[0] ?? null;
    return { row, input, label: row.label ?? input?.label ?? input?.custom_id, description: row.description };
  });
}

function isTicked({ type, ...input }) {
  return TICKED.includes(type) || (type >= TYPE.people && type <= TYPE.channels && takesSeveral(input))
    || (type === TYPE.menu && takesSeveral(input));
}

function Ticks({ input }) {
  const kind = input.type === TYPE.radio ? "radio" : "checkbox";
  return optionsOf(input).map((option) => html`<label class="tick" key=${option.value}>
    <input type=${kind} name=${input.custom_id} value=${option.value} defaultChecked=${Boolean(option.default)}
      required=${kind === "radio" && isNeeded(input)} />
    <span>${option.label}${option.description && html`<span class="sub">${option.description}</span>`}</span>
  </label>`);
}

function Control({ input, ...common }) {
  const named = { ...common, name: input.custom_id, required: isNeeded(input) };
  switch (input.type) {
    case TYPE.text: {
      const size = { maxlength: input.max_length, minlength: input.min_length, placeholder: input.placeholder };
      return input.style === PARAGRAPH
        ? html`<textarea ...${named} ...${size} rows="3" defaultValue=${input.value ?? ""}></textarea>`
        : html`<input ...${named} ...${size} defaultValue=${input.value ?? ""} />`;
    }
    case TYPE.upload:
      return html`<input ...${named} type="file" multiple=${(input.max_values ?? 1) > 1} />`;
    case TYPE.checkbox:
      return html`<input ...${named} type="checkbox" required=${false} defaultChecked=${Boolean(input.default)} />`;
    default:
      return html`<${OneOf} ...${named} component=${input} />`;
  }
}

function Field({ row, input, label, description }) {
  if (row.type === TYPE.display) return html`<${Markdown} text=${row.content} />`;
  if (!input) return null;
  const id = `field-${input.custom_id}`;
  const help = description && html`<div class="sub" id=${`${id}-help`}>${description}</div>`;
  const described = description ? `${id}-help` : null;
  const optional = input.type !== TYPE.checkbox && !isNeeded(input);
  const words = html`${label}${optional && html`<span class="sub"> · optional</span>`}`;
  if (isTicked(input)) {
    return html`<fieldset class="field" aria-describedby=${described}>
      <legend>${words}</legend>${help}<${Ticks} input=${input} />
    </fieldset>`;
  }
  return html`<div class=${`field${input.type === TYPE.checkbox ? " single" : ""}`}>
    <label for=${id}>${words}</label>${help}
    <${Control} input=${input} id=${id} aria-describedby=${described} />
  </div>`;
}

async function valueOf(input, data) {
  const all = data.getAll(input.custom_id);
  switch (input.type) {
    case TYPE.text: return all[0] ?? "";
    case TYPE.checkbox: return all.length > 0;
    // a browser sends an empty file where none was chosen
    case TYPE.upload: return Promise.all(all.filter((file) => file.name).map(fileToSend));
    default: return all.filter(Boolean);
  }
}

export function Form({ form }) {
  const dialog = useRef();
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setFailed("");
    if (form) dialog.current.showModal();
    else dialog.current.close();
  }, [form]);
  const leave = () => store.form && change({ form: null });
  const submit = async (event) => {
    event.preventDefault();
    const data = new FormData(event.target);
    const inputs = fieldsOf(form).map((each) => each.input).filter(Boolean);
    const values = Object.fromEntries(await Promise.all(
      inputs.map(async (input) => [input.custom_id, await valueOf(input, data)]),
    ));
    setBusy(true);
    const { error } = await act({ do: "submit", form: form.id, values });
    setBusy(false);
    // what was typed stays where it can be mended
    if (error) setFailed(error);
    else if (store.form === form) leave();
  };
  return html`<dialog id="form" aria-labelledby="form-title" ref=${dialog} onClose=${leave}>
    ${form && html`<form method="dialog" key=${form.id} onSubmit=${submit}>
      <h2 id="form-title">${form.title}</h2>
      ${fieldsOf(form).map((each) => html`<${Field} ...${each} />`)}
      <p class="alarm" role="alert" hidden=${!failed}>${failed}</p>
      <div class="row">
        <button type="submit" class="style1" disabled=${busy}>Submit</button>
        <button type="button" onClick=${leave}>Cancel</button>
      </div>
    </form>`}
  </dialog>`;
}
