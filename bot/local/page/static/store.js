// The one state of the page, and all that changes it. What is drawn follows from it alone.

const NOBODY = {
  title: "", banner: "", person: "", people: [], servers: [], channel: "", bot: "", users: {}, roles: {},
  channels: {}, kinds: {},
  members: [], messages: [], typing: 0, commands: [], menu: [], suggestions: [], extras: {},
};

export const store = {
  state: NOBODY, // what the program says: see routes.py
  lost: "", // why the program is out of reach
  said: "", // a line of news
  alarm: "", // a line about something that failed
  busy: false,
  sent: 0, // how often something was sent: the newest message is then scrolled to
  command: null, // the command that is being filled in
  reply: null, // the message that is being answered
  form: null, // the open form
  menuOf: null, // the message whose menu is open
  places: false, // whether the channels are shown on a narrow screen
  traffic: null, // the last action on the wire, while it is shown
};

const kept = { person: localStorage.person, channel: localStorage.channel };
let redraw = () => {};
let turn = 0;
let typed; // looks again when the bot may have stopped typing

export function whenChanged(then) {
  redraw = then;
}

export function change(part) {
  Object.assign(store, part);
  redraw();
}

// ------------------------------------------------------------------ talking

async function ask(path, body) {
  const answer = await fetch(path, body && {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

const mine = (what) => ({ person: store.state.person, channel: store.state.channel, ...what });

export async function act(what) {
  change({ said: "", alarm: "", busy: true, sent: store.sent + 1 });
  let result;
  try {
    result = await ask("act", mine(what));
  } catch {
    result = { error: "The program that serves this page does not answer. Is it still running?" };
  }
  await refresh();
  change({
    busy: false, alarm: result.error ?? "", said: result.said ?? "", form: result.form ?? store.form,
  });
  return result;
}

export async function suggest(command, option, text, options) {
  const result = await ask("act", mine({ do: "type", command, option, text, options }));
  return result.choices ?? [];
}

export async function refresh() {
  const asked = (turn += 1);
  const query = new URLSearchParams({ person: kept.person ?? "", channel: kept.channel ?? "" });
  try {
    const [state, traffic] = await Promise.all([ask(`state?${query}`), store.traffic && ask("traffic")]);
    // an older answer may come after a newer one
    if (asked !== turn) return;
    Object.assign(kept, { person: state.person, channel: state.channel });
    Object.assign(localStorage, kept);
    change({ state, traffic: store.traffic && (traffic ?? store.traffic) });
    clearTimeout(typed);
    if (state.typing > 0) typed = setTimeout(refresh, state.typing * 1000);
  } catch {
    // somebody who was kept in this browser may not be in this world
    if (asked !== turn || !kept.person) return;
    delete kept.person;
    await refresh();
  }
}

export function listen(pause = 250) {
  const socket = new WebSocket(`ws://${location.host}/app/live`);
  let wait = pause;
  socket.addEventListener("open", () => {
    wait = 250;
    change({ lost: "" });
    refresh();
  });
  socket.addEventListener("message", () => refresh());
  socket.addEventListener("close", () => {
    change({ lost: "The program was stopped, or starts anew: this page goes on by itself when it is back." });
    setTimeout(() => listen(Math.min(wait * 2, 4000)), wait);
  });
}

// ------------------------------------------------------------------ choosing

export function become(person) {
  kept.person = person;
  change({ command: null, reply: null, said: "", alarm: "" });
  return refresh();
}

export function go(channel) {
  kept.channel = channel;
  change({ command: null, reply: null, places: false, said: "", alarm: "" });
  return refresh();
}

export function showTraffic(shown) {
  change({ traffic: shown ? [] : null });
  return shown ? refresh() : undefined;
}

function leaves(node, path = []) {
  const here = [...path, node.name];
  const nested = (node.options ?? []).filter((option) => option.type <= 2);
  if (!nested.length) return [{ name: here.join(" "), description: node.description, options: node.options ?? [] }];
  return nested.flatMap((each) => leaves(each, here));
}

export const commands = () => store.state.commands.flatMap((command) => leaves(command));

// ------------------------------------------------------------------ names

export function nameOf(kind, id) {
  const { channels, roles, users } = store.state;
  if (kind === "#") return `#${channels[id] ?? "unknown"}`;
  if (kind === "@&") return `@${roles[id] ?? "unknown"}`;
  return `@${users[id] ?? "unknown"}`;
}

// what is typed as @name is sent as Discord sends it
export function mentioned(words) {
  const { bot, users } = store.state;
  return users[bot] ? words.replaceAll(`@${users[bot]}`, `<@${bot}>`) : words;
}

export const authorOf = (message) => message.author.global_name || message.author.username;

// ------------------------------------------------------------------ files

export async function fileToSend(file) {
  const address = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
  return { name: file.name, data: address.slice(address.indexOf(",") + 1) };
}
