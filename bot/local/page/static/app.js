import { element, markdown } from "./text.js";

const $ = (id) => document.getElementById(id);
const kept = { person: localStorage.person, channel: localStorage.channel };
let state = null;
let chosen = null;
let replyTo = null;
let drawn = "";

// ------------------------------------------------------------------ talking

async function ask(path, body) {
  const answer = await fetch(path, body && {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function act(what) {
  say("");
  document.body.setAttribute("aria-busy", "true");
  try {
    const result = await ask("act", { person: state.person, channel: state.channel, ...what });
    if (result.error) say(result.error);
    if (result.said) say(result.said);
    if (result.form) openForm(result.form);
    return result;
  } catch {
    say("The program that serves this page does not answer. Is it still running?");
    return { error: "gone" };
  } finally {
    document.body.removeAttribute("aria-busy");
    await refresh();
  }
}

function say(words) {
  $("notice").textContent = words;
  $("notice").hidden = !words;
}

async function refresh() {
  const query = new URLSearchParams({ person: kept.person ?? "", channel: kept.channel ?? "" });
  try {
    state = await ask(`state?${query}`);
  } catch {
    // somebody who was kept in this browser may not be in this world
    if (kept.person) { delete kept.person; return refresh(); }
    return undefined;
  }
  Object.assign(kept, { person: state.person, channel: state.channel });
  Object.assign(localStorage, kept);
  draw();
  if (!$("traffic").hidden) drawTraffic();
  return undefined;
}

function listen(pause = 250) {
  const socket = new WebSocket(`ws://${location.host}/app/live`);
  socket.addEventListener("open", () => { pause = 250; $("banner").dataset.lost = ""; drawBanner(); refresh(); });
  socket.addEventListener("message", refresh);
  socket.addEventListener("close", () => {
    $("banner").dataset.lost = "The program was stopped, or starts anew: this page goes on by itself when it is back.";
    drawBanner();
    setTimeout(() => listen(Math.min(pause * 2, 4000)), pause);
  });
}

// ------------------------------------------------------------------ drawing

function name(kind, id) {
  if (kind === "#") return `#${state.channels[id] ?? "unknown"}`;
  if (kind === "@&") return `@${state.roles[id] ?? "unknown"}`;
  return `@${state.users[id] ?? "unknown"}`;
}

const text = (words) => markdown(words, name);

// what is typed as @name is sent as Discord sends it
const mentioned = (words) => words.replaceAll(`@${state.users[state.bot]}`, `<@${state.bot}>`);

function drawBanner() {
  const words = $("banner").dataset.lost || state?.banner || "";
  $("banner").textContent = words;
  $("banner").hidden = !words;
}

function draw() {
  const now = JSON.stringify(state);
  if (now === drawn) return;
  drawn = now;
  document.title = state.title;
  $("title").textContent = state.title;
  drawBanner();
  $("people").replaceChildren($("people").firstElementChild, ...state.people.map((person) => element(
    "button", {
      type: "button", "aria-pressed": String(person.id === state.person),
      onclick: () => { kept.person = person.id; leaveCommand(); refresh(); },
    }, person.name, element("small", {}, person.what),
  )));
  const place = (id, label) => element("li", {}, element("button", {
    type: "button", "aria-current": String(id === state.channel),
    onclick: () => { kept.channel = id; leaveCommand(); $("places").classList.remove("open"); refresh(); },
  }, label));
  $("places").replaceChildren(...state.servers.flatMap((server) => [
    element("h2", {}, server.name),
    element("ul", {}, server.channels.map((channel) => place(channel.id, `# ${channel.name}`))),
  ]), element("h2", {}, "Direct messages"), element("ul", {}, place("direct", state.users[state.bot])));
  const here = state.channel === "direct" ? state.users[state.bot] : `# ${state.channels[state.channel]}`;
  $("where").textContent = here;
  drawFirst();
  drawMessages();
}

function drawFirst() {
  // out of the way once there is something to read, and there again for who opens it
  const begun = String(state.messages.length > 1);
  if ($("first").dataset.begun !== begun) $("first").open = begun === "false";
  $("first").dataset.begun = begun;
  $("first").lastElementChild.replaceChildren(
    ...state.suggestions.map((each) => element("button", { type: "button", onclick: () => act({ ...each.act, ...(each.act.text && { text: mentioned(each.act.text) }) }) }, each.label)),
    ...Object.entries(state.extras).map(([id, label]) => element(
      "button", { type: "button", onclick: () => act({ do: "extra", name: id }) }, label,
    )),
  );
}

function drawMessages() {
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const focused = document.activeElement?.dataset?.key;
  const held = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const shown = state.messages.map((message) => {
    const print = JSON.stringify(message);
    const old = held.get(message.id);
    if (old && old.print === print && old.seenBy === state.person) return old;
    const made = drawMessage(message);
    made.print = print;
    made.seenBy = state.person;
    return made;
  });
  list.replaceChildren(...shown);
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function drawMessage(message) {
  const hidden = Boolean(message.flags & 64);
  const thinking = Boolean(message.flags & 128);
  const who = message.author.global_name || message.author.username;
  const item = element("div", { class: `message${hidden ? " private" : ""}`, "data-id": message.id },
    message.message_reference && element("div", { class: "asked" }, `↪ ${message.asked || "a message"}`),
    message.interaction_metadata && element("div", { class: "asked" },
      `↪ ${message.interaction_metadata.user.global_name || ""} used ${message.interaction_metadata.name ? `/${message.interaction_metadata.name}` : "a button"}`),
    element("div", {}, element("span", { class: "who" }, who), message.author.bot && element("span", { class: "tag" }, "APP"), " ",
      element("time", {}, new Date(message.timestamp).toLocaleTimeString())),
    thinking ? element("div", { class: "thinking sub" }, `${who} is thinking`) : "",
    message.content ? element("div", { class: "content" }, text(message.content)) : "",
    message.embeds.map((embed) => drawEmbed(embed, message)),
    message.attachments.filter((file) => !message.embeds.some((embed) => embed.image?.url === `attachment://${file.filename}`)).map(drawFile),
    message.components.map((row) => drawComponent(row, message)),
    hidden ? element("div", { class: "only" }, "Only you can see this · ", element("button", {
      type: "button", "data-key": `dismiss-${message.id}`, onclick: () => act({ do: "dismiss", message: message.id }),
    }, "Dismiss message")) : "",
    element("button", {
      type: "button", class: "more", "aria-label": `Actions for the message of ${who}`, "data-key": `more-${message.id}`,
      onclick: () => openMenu(message),
    }, "⋯"));
  return item;
}

function drawEmbed(embed, message) {
  const box = element("article", { class: "embed" },
    embed.author?.name && element("div", { class: "asked" }, text(embed.author.name)),
    embed.title && element("h3", {}, text(embed.title)),
    embed.description && element("div", {}, text(embed.description)),
    (embed.fields ?? []).map((field) => [element("h4", {}, text(field.name)), element("div", {}, text(field.value))]),
    embed.image?.url && drawImage(embed.image.url, message),
    embed.footer?.text && element("div", { class: "footer" }, embed.footer.text));
  if (embed.color !== undefined && embed.color !== null) {
    box.style.borderLeftColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  }
  return box;
}

function drawImage(url, message) {
  const file = message.attachments.find((each) => url === `attachment://${each.filename}` || url.endsWith(each.url));
  const toEnd = () => { if (state.messages.at(-1)?.id === message.id) $("messages").scrollTop = $("messages").scrollHeight; };
  return file && element("img", { src: file.url, alt: file.description || file.filename, onload: toEnd });
}

function drawFile(file) {
  const picture = (file.content_type ?? "").startsWith("image/");
  return element("div", { class: "file" }, picture
    ? element("img", { src: file.url, alt: file.description || file.filename })
    : element("a", { href: file.url, download: file.filename, class: "mention" }, `📎 ${file.filename} (${file.size} bytes)`));
}

function drawComponent(component, message) {
  const key = `${message.id}-${component.custom_id}`;
  switch (component.type) {
    case 1: return element("div", { class: "row" }, component.components.map((each) => drawComponent(each, message)));
    case 2: return element("button", {
      type: "button", class: `style${component.style}`, disabled: component.disabled, "data-key": key,
      onclick: () => act({ do: "press", message: message.id, custom_id: component.custom_id }),
    }, [component.emoji?.name, component.label].filter(Boolean).join(" "));
    case 10: return element("div", { class: "content" }, text(component.content));
    case 17: case 9: return element("div", { class: "embed" }, component.components.map((each) => drawComponent(each, message)),
      component.accessory && drawComponent(component.accessory, message));
    case 3: case 5: case 6: case 8: return drawMenu(component, message, key);
    default: return "";
  }
}

function menuOptions(component) {
  const taken = new Set((component.default_values ?? []).map((each) => each.id));
  const listed = (pairs) => pairs.map(([value, label]) => ({ value, label, default: taken.has(value) }));
  if (component.type === 5) return listed(state.members.map((id) => [id, state.users[id]]));
  if (component.type === 6) return listed(Object.entries(state.roles));
  if (component.type === 8) return listed(Object.entries(state.channels).map(([id, label]) => [id, `# ${label}`]));
  return component.options;
}

function drawMenu(component, message, key) {
  const several = (component.max_values ?? 1) > 1 || component.min_values === 0;
  const label = component.placeholder || "Make a choice";
  const options = menuOptions(component);
  const menu = element("select", { "aria-label": label, "data-key": key, multiple: several, size: several ? Math.min(options.length, 5) : false },
    several ? "" : element("option", { value: "", disabled: true, selected: !options.some((each) => each.default) }, label),
    options.map((each) => element("option", { value: each.value, selected: Boolean(each.default) },
      each.description ? `${each.label} (${each.description})` : each.label)));
  const send = () => act({
    do: "choose", message: message.id, custom_id: component.custom_id, kind: component.type,
    values: [...menu.selectedOptions].map((option) => option.value).filter(Boolean),
  });
  if (!several) { menu.addEventListener("change", send); return menu; }
  return element("div", { class: "row" }, menu, element("button", { type: "button", "data-key": `${key}-send`, onclick: send }, "Choose"));
}

async function drawTraffic() {
  const exchanges = await ask("traffic");
  $("traffic").replaceChildren(element("h2", {}, "The last action on the wire"), ...exchanges.map((each) => element("details", {},
    element("summary", {}, `${each.at} ${each.kind} ${each.name} ${each.status ?? ""}`),
    each.sent === null ? "" : [element("b", {}, "sent"), element("pre", {}, JSON.stringify(each.sent, null, 1))],
    each.received === null ? "" : [element("b", {}, "received"), element("pre", {}, JSON.stringify(each.received, null, 1))])));
}

// -------------------------------------------------------------- forms, menus

function openForm(form) {
  const dialog = $("form");
  const fields = form.components.map((row) => {
    const input = row.component ?? row.components?.[0];
    if (!input) return "";
    const id = `field-${input.custom_id}`;
    const label = row.label ?? input.label ?? input.custom_id;
    let control;
    if (input.type === 4) {
      control = element(input.style === 2 ? "textarea" : "input", {
        id, name: input.custom_id, maxlength: input.max_length, required: input.required !== false, rows: input.style === 2 ? 4 : false,
      });
      control.value = input.value ?? "";
    } else {
      control = element("select", { id, name: input.custom_id }, menuOptions(input).map((each) => element(
        "option", { value: each.value, selected: Boolean(each.default) }, each.label)));
    }
    return element("div", { class: "field" }, element("label", { for: id }, label), control,
      row.description && element("div", { class: "sub" }, row.description));
  });
  const close = () => dialog.close();
  dialog.replaceChildren(element("form", {
    method: "dialog",
    onsubmit: async (event) => {
      event.preventDefault();
      const values = Object.fromEntries(new FormData(event.target));
      close();
      await act({ do: "submit", form: form.id, values });
    },
  }, element("h2", { id: "form-title" }, form.title), fields, element("div", { class: "row" },
    element("button", { type: "submit", class: "style1" }, "Submit"),
    element("button", { type: "button", onclick: close }, "Cancel"))));
  dialog.showModal();
}

function openMenu(message) {
  const dialog = $("menu");
  const choice = (label, then) => element("button", { type: "button", onclick: () => { dialog.close(); then(); } }, label);
  dialog.replaceChildren(
    ...state.menu.map((command) => choice(`Apps: ${command}`, () => act({ do: "use", message: message.id, command }))),
    message.flags & 64 ? "" : choice("Reply", () => {
      replyTo = message.id;
      $("reply").hidden = false;
      $("reply").replaceChildren(`Replying to: ${message.content.slice(0, 80) || "a message"} `, element(
        "button", { type: "button", onclick: leaveReply }, "Cancel the reply"));
      $("text").focus();
    }),
    choice("Copy the text", () => navigator.clipboard?.writeText(message.content)),
    choice("Delete", () => act({ do: "delete", message: message.id })),
    choice("Close", () => {}));
  dialog.showModal();
}

function leaveReply() {
  replyTo = null;
  $("reply").hidden = true;
}

// ------------------------------------------------------------------ composer

function leaves(node, path = []) {
  const here = [...path, node.name];
  const nested = (node.options ?? []).filter((option) => option.type <= 2);
  if (!nested.length) return [{ name: here.join(" "), description: node.description, options: node.options ?? [] }];
  return nested.flatMap((each) => leaves(each, here));
}

function picks() {
  const typed = $("text").value;
  if (chosen || !typed.startsWith("/")) return [];
  const wanted = typed.slice(1).toLowerCase();
  return state.commands.flatMap((command) => leaves(command)).filter((command) => command.name.includes(wanted));
}

function drawPicker(selected = 0) {
  const found = picks();
  $("picker").hidden = !found.length;
  $("text").setAttribute("aria-expanded", String(Boolean(found.length)));
  $("picker").replaceChildren(...found.map((command, at) => element("li", {
    role: "option", id: `pick-${at}`, "aria-selected": String(at === selected), onmousedown: (event) => { event.preventDefault(); choose(command); },
  }, `/${command.name} `, element("span", { class: "sub" }, command.description))));
  if (found.length) $("text").setAttribute("aria-activedescendant", `pick-${selected}`);
  else $("text").removeAttribute("aria-activedescendant");
  $("picker").children[selected]?.scrollIntoView({ block: "nearest" });
  $("picker").dataset.selected = selected;
}

function choose(command) {
  chosen = command;
  $("text").value = `/${command.name}`;
  $("text").readOnly = true;
  $("picker").hidden = true;
  $("text").setAttribute("aria-expanded", "false");
  $("options").hidden = false;
  $("options").replaceChildren(
    element("div", { class: "sub" }, command.description),
    ...command.options.map(drawOption),
    element("button", { type: "button", onclick: () => { leaveCommand(); $("text").focus(); } }, "Another command"));
  ($("options").querySelector("input, select") ?? $("send")).focus();
}

function leaveCommand() {
  if (!chosen) return;
  chosen = null;
  $("text").readOnly = false;
  $("text").value = "";
  $("options").hidden = true;
  // a field that must be filled would hold up the form, seen or not
  $("options").replaceChildren();
}

function drawOption(option) {
  const id = `option-${option.name}`;
  const label = element("label", { for: id }, option.name, option.required ? " (needed)" : "");
  const help = element("div", { class: "sub", id: `${id}-help` }, option.description);
  const common = { id, name: option.name, required: option.required, "aria-describedby": `${id}-help` };
  const listed = (pairs) => element("select", common, element("option", { value: "" }, "-"),
    pairs.map(([value, words]) => element("option", { value }, words)));
  let control;
  if (option.choices?.length) control = listed(option.choices.map((each) => [each.value, each.name]));
  else if (option.type === 5) control = element("input", { ...common, type: "checkbox", required: false });
  else if (option.type === 6) control = listed(state.members.map((each) => [each, state.users[each]]));
  else if (option.type === 7) control = listed(Object.entries(state.channels));
  else if (option.type === 8) control = listed(Object.entries(state.roles));
  else if (option.type === 11) control = element("input", { ...common, type: "file" });
  else if (option.type === 4 || option.type === 10) control = element("input", { ...common, type: "number", min: option.min_value, max: option.max_value });
  else control = element("input", { ...common, maxlength: option.max_length });
  control.dataset.type = option.type;
  const field = element("div", { class: "field" }, label, control, help);
  if (option.autocomplete) suggestInto(field, control, option);
  return field;
}

function suggestInto(field, input, option) {
  const list = element("ul", { class: "suggestions", role: "listbox", id: `${input.id}-list`, "aria-label": `Suggestions for ${option.name}`, hidden: true });
  for (const [key, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(key, value);
  field.append(list);
  let turn = 0;
  let selected = -1;
  const show = (open) => { list.hidden = !open || !list.children.length; input.setAttribute("aria-expanded", String(!list.hidden)); };
  const take = (choice) => { input.value = choice.name; input.dataset.value = choice.value; show(false); };
  const look = async () => {
    delete input.dataset.value;
    const mine = (turn += 1);
    const options = await readOptions(option.name);
    const result = await ask("act", { do: "type", person: state.person, channel: state.channel, command: chosen.name, option: option.name, text: input.value, options });
    if (mine !== turn) return;
    selected = -1;
    list.replaceChildren(...(result.choices ?? []).map((choice, at) => element("li", {
      role: "option", id: `${list.id}-${at}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); take(choice); },
    }, choice.name)));
    [...list.children].forEach((item, at) => { item.choice = result.choices[at]; });
    show(document.activeElement === input);
  };
  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "Escape") { show(false); event.stopPropagation(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      selected = (selected + (event.key === "ArrowDown" ? 1 : list.children.length - 1) + (selected < 0 && event.key === "ArrowUp" ? 1 : 0)) % list.children.length;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === selected)));
      input.setAttribute("aria-activedescendant", list.children[selected].id);
      list.children[selected].scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter" && selected >= 0) { event.preventDefault(); take(list.children[selected].choice); }
  });
}

async function readOptions(without) {
  const options = [];
  for (const control of $("options").querySelectorAll("[data-type]")) {
    const type = Number(control.dataset.type);
    if (control.name === without) continue;
    if (type === 5) { if (control.checked) options.push({ name: control.name, type, value: true }); continue; }
    if (type === 11) {
      const file = control.files[0];
      if (!file) continue;
      const bytes = new Uint8Array(await file.arrayBuffer());
      const data = btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
      options.push({ name: control.name, type, value: { name: file.name, data } });
      continue;
    }
    const value = control.dataset.value ?? control.value;
    if (value !== "") options.push({ name: control.name, type, value });
  }
  return options;
}

$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!state) return;
  if (chosen) {
    const command = chosen.name;
    const options = await readOptions();
    leaveCommand();
    await act({ do: "run", command, options });
  } else if (!$("picker").hidden && picks().length) {
    choose(picks()[Number($("picker").dataset.selected)]);
    return;
  } else if ($("text").value.trim()) {
    const words = mentioned($("text").value);
    const reply = replyTo;
    $("text").value = "";
    leaveReply();
    await act({ do: "say", text: words, reply });
  }
  $("text").focus();
  $("messages").scrollTop = $("messages").scrollHeight;
});

$("text").addEventListener("input", () => drawPicker());
$("text").addEventListener("keydown", (event) => {
  const found = $("picker").hidden ? [] : picks();
  const selected = Number($("picker").dataset.selected);
  if (event.key === "Escape") { if (chosen) leaveCommand(); $("picker").hidden = true; leaveReply(); }
  if (!found.length) return;
  if (event.key === "ArrowDown") { event.preventDefault(); drawPicker((selected + 1) % found.length); }
  if (event.key === "ArrowUp") { event.preventDefault(); drawPicker((selected + found.length - 1) % found.length); }
  if (event.key === "Tab") { event.preventDefault(); choose(found[selected]); }
});
$("options").addEventListener("keydown", (event) => { if (event.key === "Escape") { leaveCommand(); $("text").focus(); } });
$("toggle").addEventListener("click", () => {
  $("toggle").setAttribute("aria-expanded", String($("places").classList.toggle("open")));
});
$("open-traffic").addEventListener("click", () => {
  $("traffic").hidden = !$("traffic").hidden;
  $("open-traffic").setAttribute("aria-expanded", String(!$("traffic").hidden));
  if (!$("traffic").hidden) drawTraffic();
});
$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  localStorage.theme = document.documentElement.dataset.theme = dark ? "light" : "dark";
});
if (localStorage.theme) document.documentElement.dataset.theme = localStorage.theme;
listen();
