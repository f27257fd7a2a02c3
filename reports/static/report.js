"use strict";
(() => {
  // Everything below improves a page that is complete without it.
  const $ = (id) => document.getElementById("ui-" + id);
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const url = new URLSearchParams(location.search);
  const root = document.documentElement;

  // Settings of the page: the address wins, then what was chosen last, then the browser's languages.
  const remember = (name, value) => { try { localStorage.setItem("claims-" + name, value); } catch { /* private mode */ } };
  const remembered = (name) => { try { return localStorage.getItem("claims-" + name); } catch { return null; } };
  const language = () => ($("zh").checked ? "zh" : "en");
  const usual = {
    lang: navigator.languages.map((name) => name.slice(0, 2).toLowerCase()).find((name) => /zh|en/.test(name)) ?? "en",
    theme: "auto",
  };
  for (const name of ["lang", "theme"]) {
    const value = url.get(name) || remembered(name) || usual[name];
    const radio = value && all(`input[name=ui-${name}]`).find((input) => input.value === value);
    if (radio) radio.checked = true;
  }

  const start = () => {
    // One word for each thing, so that a search finds it whatever the searcher calls it.
    const same = $("search").dataset.same.split(";").map((line) => line.split(","));
    const alike = (text) => same.reduce((told, [one, ...others]) =>
      others.reduce((left, other) => left.replaceAll(other, one), told), text);
    const filters = { q: $("search"), verdict: $("verdict"), topic: $("topic"), device: $("device"), sort: $("sort") };
    const sorted = $("sorted"), into = sorted.querySelector("ol");
    const chapters = all("section.chapter");
    const items = all(".claims>li").map((li, place) => {
      const details = li.firstElementChild, data = li.dataset;
      return {
        li, details, place, home: li.parentNode, shown: true,
        text: alike((li.closest("section").firstElementChild.textContent + details.firstElementChild.textContent).toLowerCase()),
        verdict: data.v, topic: data.t, device: data.d, surprise: "x" in data,
        replicates: +data.n, time: +data.s, name: details.id,
      };
    });
    const byId = new Map(items.map((item) => [item.details.id, item]));

    // A body that waits as text becomes markup when its claim is opened.
    const fill = (details) => {
      const waiting = details.querySelector(":scope>noscript");
      if (waiting) {
        waiting.outerHTML = waiting.textContent;
        titles(details, "en");
      }
      prepare(details);
    };
    const prepare = (details) => {
      all(".command:not(:has(button))", details).forEach((command) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "copy";
        button.innerHTML = "<i>Copy</i><i lang=zh>复制</i>";
        command.append(button);
      });
    };
    // The first title of a picture is the one that is read aloud and shown; English comes first.
    let spoken = "en";
    const titles = (within, first = spoken) => first !== language() && all("svg[role=img]", within).forEach((svg) => {
      for (const kind of ["desc", "title"]) {
        const wanted = svg.querySelector(`:scope>${kind}${language() === "zh" ? "[lang]" : ":not([lang])"}`);
        if (wanted) svg.prepend(wanted);
      }
    });

    const say = (en, zh) => (language() === "zh" ? zh : en);
    const speak = () => {
      root.lang = language() === "zh" ? "zh" : "en";
      all("option[data-zh],title[data-zh]").forEach((option) => {
        option.dataset.en ??= option.textContent;
        option.textContent = option.dataset[language()];
      });
      titles(document.querySelector("main"));
      spoken = language();
      count();
    };

    const rank = { ERROR: 0, UNDECIDED: 1, WEAKER: 2, REFUTED: 3, CONFIRMED: 4, "NOT-APPLICABLE": 5, "NOT-TESTABLE": 6 };
    const orders = {
      verdict: (a, b) => b.surprise - a.surprise || rank[a.verdict] - rank[b.verdict],
      replicates: (a, b) => b.replicates - a.replicates,
      time: (a, b) => b.time - a.time,
      name: (a, b) => (a.name < b.name ? -1 : 1),
    };
    const arrange = () => {
      const order = orders[filters.sort.value];
      const row = [...items].sort((a, b) => (order && order(a, b)) || a.place - b.place);
      sorted.hidden = !order;
      for (const item of row) (order ? into : item.home).append(item.li);
    };

    const count = () => {
      const shown = items.filter((item) => item.shown).length;
      $("found").textContent = say(`${shown} of ${items.length} sentences`, `${items.length} 句中显示 ${shown} 句`);
      $("none").hidden = shown > 0;
    };
    const filter = () => {
      const words = alike(filters.q.value.toLowerCase()).split(/\s+/).filter(Boolean);
      const { verdict, topic, device } = Object.fromEntries(Object.entries(filters).map(([k, v]) => [k, v.value]));
      for (const item of items) {
        item.shown = words.every((word) => item.text.includes(word))
          && (!verdict || (verdict === "unexpected" ? item.surprise : item.verdict === verdict))
          && (!topic || item.topic === topic) && (!device || item.device === device);
        item.li.hidden = !item.shown;
      }
      const flat = !sorted.hidden;
      chapters.forEach((section) => { section.hidden = flat || !section.querySelector(".claims>li:not([hidden])"); });
      all("[data-only]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.only === verdict));
      count();
    };

    const store = (hash) => {
      const state = new URLSearchParams();
      for (const [name, field] of Object.entries(filters)) if (field.value) state.set(name, field.value);
      if (language() !== usual.lang || url.has("lang")) state.set("lang", language());
      const theme = document.querySelector("input[name=ui-theme]:checked").value;
      if (theme !== "auto" || url.has("theme")) state.set("theme", theme);
      const query = state.toString();
      try {
        history.replaceState(null, "", (query ? "?" + query : location.pathname) + (hash ?? location.hash));
      } catch { /* a page without an address of its own keeps no state */ }
    };

    const follow = () => {
      const name = decodeURIComponent(location.hash.slice(1));
      const item = byId.get(name);
      const around = document.getElementById(name)?.closest("details");
      if (!item && around) around.open = true;
      if (!item) return;
      if (!item.shown) { clear(); }
      fill(item.details);
      item.details.open = true;
      item.details.scrollIntoView();
    };
    const clear = () => {
      for (const field of Object.values(filters)) field.value = "";
      arrange(); filter(); store();
    };

    for (const [name, field] of Object.entries(filters)) {
      const value = url.get(name);
      if (value && (name === "q" || all("option", field).some((option) => option.value === value))) field.value = value;
      field.addEventListener("input", () => { if (name === "sort") arrange(); filter(); store(); });
    }
    document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
    $("clear").addEventListener("click", () => { clear(); filters.q.focus(); });
    $("open").addEventListener("click", () => items.forEach((item) => {
      if (item.shown) { fill(item.details); item.details.open = true; }
    }));
    $("close").addEventListener("click", () => items.forEach((item) => { item.details.open = false; }));
    all("[data-only]").forEach((button) => {
      button.disabled = false;
      button.addEventListener("click", () => {
        filters.verdict.value = filters.verdict.value === button.dataset.only ? "" : button.dataset.only;
        filter(); store();
      });
    });
    all("input[name=ui-lang]").forEach((radio) => radio.addEventListener("change", () => { remember("lang", radio.value); speak(); store(); }));
    all("input[name=ui-theme]").forEach((radio) => radio.addEventListener("change", () => { remember("theme", radio.value); store(); }));

    // `toggle` does not bubble, but it can be caught on its way down.
    document.addEventListener("toggle", (event) => {
      const item = byId.get(event.target.id);
      if (!item) return;
      const hash = "#" + encodeURIComponent(item.details.id);
      if (item.details.open) { fill(item.details); store(hash); }
      else if (location.hash === hash) store("");
    }, true);
    document.addEventListener("click", async (event) => {
      const button = event.target.closest(".copy");
      if (!button) return;
      const code = button.previousElementSibling;
      try { await navigator.clipboard.writeText(code.textContent); } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      const before = button.innerHTML;
      button.textContent = say("Copied", "已复制");
      $("said").textContent = button.textContent;
      setTimeout(() => { button.innerHTML = before; }, 1500);
    });
    addEventListener("hashchange", follow);
    addEventListener("beforeprint", () => items.forEach((item) => { if (item.details.open) fill(item.details); }));

    document.querySelector(".tools").hidden = false;
    arrange(); filter(); speak(); follow();
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
})();
