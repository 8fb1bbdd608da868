/* What pages gain with JavaScript. Every action works without it: links, forms, details. See docs/design-system.md. */
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act, root = document) => root.addEventListener(type, act);
  const words = document.body.dataset;
  const seen = (element) => element && element.getClientRects().length > 0;

  function say(text, tags = "") {
    const note = document.createElement("div");
    note.className = `note ${tags}`;
    const icon = $("svg.icon")?.cloneNode(true), use = icon && $("use", icon);
    if (use) { use.setAttribute("href", use.getAttribute("href").replace(/#.*/, tags ? "#alert-circle" : "#info-circle")); note.append(icon); }
    note.append(Object.assign(document.createElement("p"), { textContent: text }));
    $("#notes")?.replaceChildren(note);
  }

  /* Dialogs and menus: focus goes in and comes back. */
  function open(id) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return;
    $$("details[data-menu][open]").forEach((menu) => { menu.open = false; });
    dialog.showModal();
    const input = $("input", dialog);
    if (input) { input.select(); input.dispatchEvent(new Event("palette:open")); }
  }
  on("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && !event.ctrlKey && !event.metaKey && document.getElementById(opener.dataset.dialog)) { event.preventDefault(); open(opener.dataset.dialog); }
    if (event.target.matches("dialog")) event.target.close();
    $$("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const copy = event.target.closest("[data-copy]");
    if (copy) { const field = $(copy.dataset.copy); navigator.clipboard.writeText(field.value || field.textContent).then(() => say(`${copy.textContent.trim()}: ✓`)); }
  });

  /* A shut action says its reason again instead of acting. */
  on("click", (event) => {
    const shut = event.target.closest('[aria-disabled="true"]');
    if (!shut) return;
    event.preventDefault();
    const reason = document.getElementById(shut.getAttribute("aria-describedby"));
    if (reason) say(reason.textContent.trim().replace(/\s+/g, " "), "warning");
  });

  /* Forms: sent once; a plain page that comes back from the cache may send again. */
  on("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  on("htmx:afterRequest", (event) => { const form = event.target.closest?.("form"); if (form) delete form.dataset.sent; });
  on("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; }), window);
  on("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    delete form.dataset.sent;
    const theme = event.submitter.value;
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" }).then(() => {
      if (theme === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
      $$("[name=theme]", form).forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter)));
    }).catch(() => say(words.failedText, "error"));
  });

  /* Requests: old content stays, a thin bar after 300 ms, a word after 8 s. */
  const waits = new Map();
  on("htmx:beforeRequest", (event) => {
    const { target, xhr } = event.detail;
    waits.set(xhr, [
      setTimeout(() => { document.documentElement.dataset.busy = "yes"; target?.setAttribute("aria-busy", "true"); }, 300),
      setTimeout(() => say(words.slowText), 8000), target]);
  });
  on("htmx:afterRequest", (event) => {
    const wait = waits.get(event.detail.xhr);
    if (!wait) return;
    waits.delete(event.detail.xhr);
    clearTimeout(wait[0]); clearTimeout(wait[1]); wait[2]?.removeAttribute("aria-busy");
    if (!waits.size) delete document.documentElement.dataset.busy;
  });
  for (const type of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) on(type, () => say(words.failedText, "error"));

  /* Position stamp: says only that the ledger moved; fragments marked data-live then ask again, unless the reader is inside. */
  const stamp = $("[data-live-url]");
  if (stamp) {
    const [live, updated, offline, many, one] = stamp.dataset.words.split("|");
    const text = $("[data-stamp-text]", stamp), button = $("[data-live-show]", stamp), link = $("[data-stamp-position]", stamp);
    let etag = "", mark = "", asked = Date.now(), heard = 0, failed = 0, stream = null, letGo = null, held = new Set(), moves = 0;
    // One stream a browser: whoever holds the lock listens and tells the other windows.
    const others = window.BroadcastChannel && navigator.locks ? new BroadcastChannel("position") : null;
    // A reader is inside. What is exchanged along with a part (`data-live-with`) counts too.
    const busy = (part) => part && (part.contains(document.activeElement) || part.matches(":hover") || $("details[data-menu][open]", part));
    const isLive = () => stream?.readyState === 1 || Date.now() - heard < 8000;
    stamp.dataset.position = (stamp.dataset.position || "").replace(/\D/g, "");
    const tell = () => {
      const state = failed ? "offline" : isLive() ? "live" : "updated";
      stamp.dataset.state = state;
      const now = state === "live" ? live : state === "updated" ? updated.replace("{n}", Math.round((Date.now() - asked) / 1000))
        : offline.replace("{t}", new Date(failed).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
      if (text.textContent !== now) text.textContent = now;
    };
    const moved = (position, tag) => {
      // An entry that commits late leaves the position as it is and changes the tag.
      const fresh = String(position) !== stamp.dataset.position || (mark && tag !== mark);
      failed = 0; asked = Date.now(); mark = tag;
      if (fresh) {
        stamp.dataset.position = position; moves += 1;
        if (link) link.lastChild.textContent = `#${Number(position).toLocaleString("en")}`;
        for (const part of $$("[data-live]")) {
          if (busy(part) || (part.dataset.liveWith && busy($(part.dataset.liveWith)))) held.add(part); else htmx.trigger(part, "refresh");
        }
        if (held.size) { button.hidden = false; button.textContent = moves === 1 ? one : many.replace("{n}", moves); } else moves = 0;
      }
      tell();
    };
    on("click", () => { held.forEach((part) => htmx.trigger(part, "refresh")); held.clear(); moves = 0; button.hidden = true; }, button);
    const ask = async () => {
      if (document.hidden || isLive()) return;
      try {
        const answer = await fetch(stamp.dataset.liveUrl, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
        if (answer.status === 304) { failed = 0; asked = Date.now(); } else if (answer.ok) { etag = answer.headers.get("ETag") || ""; moved((await answer.json()).position, etag.replace(/^W\/|"/g, "")); } else failed ||= Date.now();
      } catch { failed ||= Date.now(); }
      tell();
    };
    const open = () => {
      stream = new EventSource(stamp.dataset.streamUrl);
      stream.onmessage = (event) => { moved(event.data, event.lastEventId); share(); };
      stream.onopen = () => { failed = 0; tell(); };
      stream.onerror = () => { if (stream?.readyState === 2) letGo?.(); ask(); };
    };
    const share = () => { if (stream?.readyState === 1 && mark) others?.postMessage([stamp.dataset.position, mark]); };
    const listen = () => {
      if (!stamp.dataset.streamUrl || document.hidden || letGo) return;
      const waiting = new AbortController();
      const end = new Promise((done) => { letGo = () => { letGo = null; waiting.abort(); stream?.close(); stream = null; done(); }; });
      if (others) navigator.locks.request("position", { signal: waiting.signal }, () => { open(); return end; }).catch(() => {}); else open();
    };
    if (others) others.onmessage = (event) => { heard = Date.now(); if (!document.hidden) moved(...event.data); };
    on("visibilitychange", () => { if (document.hidden) letGo?.(); else { listen(); ask(); } });
    on("pagehide", () => letGo?.(), window); on("pageshow", listen, window);
    on("online", ask, window); on("offline", ask, window);
    setInterval(ask, 15000); setInterval(share, 4000); setInterval(tell, 1000); listen();
  }

  /* Board: dragging sends the same Move form as the menu. Nothing moves before the server has said so. */
  let dragged = null;
  const ready = (root = document) => {
    $$("[data-card]", root).forEach((card) => { if ($("[data-move-form]", card)) card.draggable = true; });
    $$("[data-needs-js]", root).forEach((element) => { element.hidden = false; });
    $("[data-focus]", root)?.focus();
  };
  const clear = () => $$(".column.over").forEach((column) => column.classList.remove("over"));
  on("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card][draggable]");
    if (dragged) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", dragged.dataset.deal); dragged.classList.add("dragged"); }
  });
  on("dragover", (event) => {
    const column = dragged && event.target.closest("[data-column]");
    if (!column) return;
    event.preventDefault();
    if (!column.classList.contains("over")) { clear(); column.classList.add("over"); }
  });
  on("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; clear(); });
  on("drop", (event) => {
    const column = dragged && event.target.closest("[data-column]");
    if (!column) return;
    event.preventDefault();
    const stage = column.dataset.stage;
    if (stage === dragged.dataset.stage) return;
    const button = $(`[data-move-form] [name=to_stage][value="${CSS.escape(stage)}"]`, dragged);
    if (!button) { say(words.skipText, "warning"); return; }
    dragged.setAttribute("aria-busy", "true");
    button.click();
  });
  on("htmx:afterRequest", (event) => event.target.closest?.("[data-card]")?.removeAttribute("aria-busy"));
  on("htmx:load", (event) => ready(event.detail.elt));
  on("htmx:afterSwap", (event) => {
    const dialog = event.target.closest?.("#palette");
    if (dialog?.dataset.go && $("[data-query]", dialog)?.dataset.query === $("input", dialog).value.trim()) { delete dialog.dataset.go; $("a:not([aria-disabled])", dialog)?.click(); }
  });

  /* Keyboard. Single keys rest while typing and can be switched off. */
  const step = (items, by) => {
    const visible = items.filter(seen);
    const next = visible[Math.max(0, Math.min(visible.length - 1, visible.findIndex((item) => item === document.activeElement || item.parentElement.contains(document.activeElement)) + by))];
    next?.focus(); next?.scrollIntoView({ block: "nearest" });
  };
  const cards = (column) => $$("[data-card] h3 a", column);
  function alongBoard(key) {
    const columns = $$("[data-column]").filter((column) => seen(column) && cards(column).length);
    const card = document.activeElement.closest?.("[data-card]");
    if (!card) { cards(columns[0])[0]?.focus(); return; }
    const at = columns.indexOf(card.closest("[data-column]")), here = cards(columns[at]), row = here.findIndex((link) => card.contains(link));
    if (key === "ArrowDown" || key === "ArrowUp") here[row + (key === "ArrowDown" ? 1 : -1)]?.focus();
    else { const there = columns[at + (key === "ArrowRight" ? 1 : -1)]; if (there) (cards(there)[row] || cards(there).at(-1)).focus(); }
  }
  let went = 0;
  on("keydown", (event) => {
    const { key, target } = event;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") { event.preventDefault(); open("palette"); return; }
    if ((event.ctrlKey || event.metaKey) && key === "Enter") { const form = target.closest("form[data-ctrl-enter]"); if (form) { event.preventDefault(); form.requestSubmit(); } return; }
    if (key === "Escape") { const menu = target.closest("details[data-menu][open]"); if (menu) { menu.open = false; $("summary", menu).focus(); } return; }
    const dialog = $("dialog[open]");
    if (dialog?.id === "palette" && (key === "ArrowDown" || key === "ArrowUp")) {
      const links = $$("a", dialog), at = links.indexOf(document.activeElement) + (key === "ArrowDown" ? 1 : -1);
      event.preventDefault(); (links[at] || $("input", dialog)).focus(); return;
    }
    if (dialog?.id === "palette" && key === "Enter" && target.matches("input")) {
      event.preventDefault();
      // Enter may come before the results of what was typed: it then waits for them, and never opens old ones.
      if ($("[data-query]", dialog)?.dataset.query === target.value.trim()) $("a:not([aria-disabled])", dialog)?.click(); else dialog.dataset.go = "yes";
      return;
    }
    const row = event.altKey && (key === "ArrowUp" || key === "ArrowDown") && !target.matches("select") && target.closest("[data-reorders]");
    if (row) { event.preventDefault(); $(key === "ArrowUp" ? "[data-up]" : "[data-down]", row).click(); return; }
    const typing = target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || dialog) return;
    if (key.startsWith("Arrow") && $("[data-board]") && (target === document.body || target.closest("[data-board]")) && !target.closest(".menu")) { event.preventDefault(); alongBoard(key); return; }
    if (document.body.dataset.singleKeys === "off" || event.repeat && key !== "j" && key !== "k") return;
    const find = (name, value) => $$(`[${name}]`).find((element) => element.getAttribute(name).toLowerCase() === value.toLowerCase() && (seen(element) || element.closest("dialog, nav")));
    if (Date.now() - went < 1500) { went = 0; const link = find("data-go", key); if (link) { event.preventDefault(); location.assign(link.href); } return; }
    if (key === "g") { went = Date.now(); return; }
    if (key === "?") { event.preventDefault(); open("keys"); return; }
    if (key === "j" || key === "k") { const rows = $$("[data-rows]").find(seen); if (rows) step([...rows.children].map((row) => $("a, button", row)).filter(Boolean), key === "j" ? 1 : -1); return; }
    if (key === "m" && target.closest("[data-card]")) { const move = $("[data-move]", target.closest("[data-card]")); if (move) { event.preventDefault(); move.focus(); move.click(); } return; }
    const focus = find("data-key-focus", key), press = find("data-key", key);
    if (focus) { event.preventDefault(); focus.focus(); focus.scrollIntoView({ block: "nearest" }); } else if (press) { event.preventDefault(); press.click(); }
  });
  ready();
})();
