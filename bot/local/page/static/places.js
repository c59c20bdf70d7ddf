// Who one is, and where: the line on top, and the servers and channels beside the messages.

import { html } from "./html.js";
import { become, change, go, showTraffic } from "./store.js";

const root = document.documentElement;
if (localStorage.theme) root.dataset.theme = localStorage.theme;

function turnTheme() {
  const { theme } = root.dataset;
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  localStorage.theme = root.dataset.theme = dark ? "light" : "dark";
}

// words where there is room for them, a sign where there is not
function Labelled({ words, sign, ...more }) {
  return html`<button type="button" aria-label=${words} title=${words} ...${more}>
    <span class="wide">${words}</span><span class="narrow" aria-hidden="true">${sign}</span></button>`;
}

export function Header({ state, places, traffic }) {
  return html`<header>
    <${Labelled} id="toggle" words="Channels" sign="☰" aria-expanded=${String(places)} aria-controls="places"
      onClick=${() => change({ places: !places })} />
    <h1 id="title">${state.title}</h1>
    <fieldset id="people">
      <legend>You are</legend>
      ${state.people.map((person) => html`<button key=${person.id} type="button"
        aria-pressed=${String(person.id === state.person)} onClick=${() => become(person.id)}>
        ${person.name}<small>${person.what}</small></button>`)}
    </fieldset>
    <${Labelled} id="theme" words="Light or dark" sign="◐" onClick=${turnTheme} />
    <${Labelled} id="open-traffic" words="Raw traffic" sign="⇅" aria-expanded=${String(Boolean(traffic))}
      aria-controls="traffic" onClick=${() => showTraffic(!traffic)} />
  </header>`;
}

export function Places({ state, open }) {
  const place = (id, label) => html`<li key=${id}><button type="button" aria-current=${String(id === state.channel)}
    onClick=${() => go(id)}>${label}</button></li>`;
  return html`<nav id="places" class=${open ? "open" : ""} aria-label="Servers and channels">
    ${state.servers.map((server) => html`
      <h2>${server.name}</h2>
      <ul>${server.channels.map((channel) => place(channel.id, `# ${channel.name}`))}</ul>`)}
    <h2>Direct messages</h2>
    <ul>${place("direct", state.users[state.bot])}</ul>
  </nav>`;
}
