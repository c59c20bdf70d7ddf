// The messages of a channel, as one person sees them.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { Component, walk } from "./components.js";
import { Embed, File, loose } from "./embeds.js";
import { html } from "./html.js";
import { act, authorOf, change, store } from "./store.js";
import { Markdown, inline, oneLine } from "./text.js";

const EPHEMERAL = 64;
const LOADING = 128;

export const isPrivate = (message) => Boolean(message.flags & EPHEMERAL);

export function Avatar({ who, name }) {
  const hue = [...who].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 360, 0);
  return html`<span class="avatar" aria-hidden="true" style=${{ backgroundColor: `hsl(${hue} 45% 32%)` }}>
    ${[...name][0]?.toUpperCase()}</span>`;
}

// What a reply shows of the message that it answers, on one line: its words, or the first ones of its card.
export function Gist({ message }) {
  const texts = (message?.embeds ?? []).flatMap((embed) => [embed.title, embed.description]);
  const displays = walk(message?.components).map((each) => each.content);
  const words = [message?.content, ...texts, ...displays].map((each) => oneLine(each ?? "")).find(Boolean);
  if (words) return inline(words);
  return message?.attachments.length ? "a file" : "a message";
}

// One line above a message: what it answers, or who used what.
function Origin({ message }) {
  if (message.message_reference) {
    const asked = store.state.messages.find((each) => each.id === message.message_reference.message_id);
    return html`<div class="asked">↪ ${asked && html`<b>${authorOf(asked)}</b> `}<${Gist} message=${asked} /></div>`;
  }
  const used = message.interaction_metadata;
  if (!used) return null;
  const what = used.name ? `/${used.name}` : "a button";
  return html`<div class="asked">↪ ${used.user.global_name || used.user.username} used ${what}</div>`;
}

function Message({ message, onLoad }) {
  const who = authorOf(message);
  const hidden = isPrivate(message);
  const more = { message, onLoad };
  return html`<div class=${`message${hidden ? " private" : ""}`} data-id=${message.id}>
    <${Avatar} who=${message.author.id} name=${who} />
    <div class="body">
      <${Origin} message=${message} />
      <div class="head">
        <span class="who">${who}</span>${message.author.bot && html`<span class="tag">APP</span>`}
        <time>${new Date(message.timestamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}</time>
      </div>
      ${Boolean(message.flags & LOADING) && html`<div class="thinking sub">${who} is thinking</div>`}
      ${message.content && html`<${Markdown} text=${message.content} />`}
      ${message.embeds.map((embed) => html`<${Embed} embed=${embed} ...${more} />`)}
      ${loose(message, walk(message.components)).map((file) => html`
        <${File} key=${file.id} ...${file} name=${file.filename} onLoad=${onLoad} />`)}
      ${message.components.map((each) => html`<${Component} component=${each} ...${more} />`)}
      ${hidden && html`<div class="only">Only you can see this · <button type="button"
        onClick=${() => act({ do: "dismiss", message: message.id }).then(focusText)}>Dismiss message</button></div>`}
    </div>
    <button type="button" class="more" aria-label=${`Actions for the message of ${who}`}
      onClick=${() => change({ menuOf: message })}>⋯</button>
  </div>`;
}

function focusText() {
  document.getElementById("text")?.focus();
}

export function Messages({ here, messages, sent }) {
  const list = useRef();
  const atEnd = useRef(true);
  const toEnd = () => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  };
  useLayoutEffect(() => { atEnd.current = true; }, [sent]);
  useLayoutEffect(toEnd);
  // the log shrinks when a command is filled in, and its end stays in sight
  useEffect(() => {
    const watching = new ResizeObserver(toEnd);
    watching.observe(list.current);
    return () => watching.disconnect();
  }, []);
  const scrolled = (event) => {
    const { scrollHeight, scrollTop, clientHeight } = event.target;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 80;
  };
  return html`<div id="messages" role="log" aria-live="polite" aria-label="Messages" tabindex="0" ref=${list}
    onScroll=${scrolled}>
    ${here && html`<p class="sub">This is the beginning of ${here}.</p>`}
    ${messages.map((message) => html`<${Message} key=${message.id} message=${message} onLoad=${toEnd} />`)}
  </div>`;
}

// What can be done with a message, and what the bot's own menu offers for it.
export function MessageMenu({ message }) {
  const dialog = useRef();
  useEffect(() => {
    if (message) dialog.current.showModal();
    else dialog.current.close();
  }, [message]);
  const leave = () => store.menuOf && change({ menuOf: null });
  const choice = (label, then) => html`<button type="button" onClick=${() => { leave(); then(); }}>${label}</button>`;
  const copied = () => [message.content, ...walk(message.components).map((each) => each.content)]
    .filter(Boolean).join("\n");
  return html`<dialog id="menu" aria-label="Actions for this message" ref=${dialog} onClose=${leave}>
    ${message && html`
      ${store.state.menu.map((command) => choice(`Apps: ${command}`, () => act({
        do: "use", message: message.id, command,
      })))}
      ${!isPrivate(message) && choice("Reply", () => { change({ reply: message }); focusText(); })}
      ${choice("Copy the text", () => navigator.clipboard?.writeText(copied()))}
      ${isPrivate(message)
        ? choice("Dismiss", () => act({ do: "dismiss", message: message.id }).then(focusText))
        : choice("Delete", () => act({ do: "delete", message: message.id }).then(focusText))}
      ${choice("Close", () => {})}`}
  </dialog>`;
}
