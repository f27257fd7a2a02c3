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

  const say = (en, zh) => (language() === "zh" ? zh : en);
  // The first title of a picture is the one that is read aloud and shown; English comes first.
  let spoken = "en";
  const titles = (within, first = spoken) => first !== language() && all("svg[role=img]", within).forEach((svg) => {
    for (const kind of ["desc", "title"]) {
      const wanted = svg.querySelector(`:scope>${kind}${language() === "zh" ? "[lang]" : ":not([lang])"}`);
      if (wanted) svg.prepend(wanted);
    }
  });
  const prepare = (within) => all(".command:not(:has(button))", within).forEach((command) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.innerHTML = "<i>Copy</i><i lang=zh>复制</i>";
    command.append(button);
  });

  // Every page has its language, its theme and its buttons; one has the list of claims.
  let list = null;
  const speak = () => {
    root.lang = language();
    root.classList.add("js");
    all("option[data-zh],title[data-zh]").forEach((option) => {
      option.dataset.en ??= option.textContent;
      option.textContent = option.dataset[language()];
    });
    titles(document.querySelector("main"));
    spoken = language();
    list?.count();
  };
  const store = (hash) => {
    const state = new URLSearchParams();
    for (const [name, field] of Object.entries(list?.filters ?? {})) if (field.value) state.set(name, field.value);
    if (language() !== usual.lang || url.has("lang")) state.set("lang", language());
    const theme = document.querySelector("input[name=ui-theme]:checked").value;
    if (theme !== "auto" || url.has("theme")) state.set("theme", theme);
    const query = state.toString();
    try {
      history.replaceState(null, "", (query ? "?" + query : location.pathname) + (hash ?? location.hash));
    } catch { /* a page without an address of its own keeps no state */ }
  };

  const start = () => {
    all("input[name=ui-lang]").forEach((radio) => radio.addEventListener("change", () => { remember("lang", radio.value); speak(); store(); }));
    all("input[name=ui-theme]").forEach((radio) => radio.addEventListener("change", () => { remember("theme", radio.value); store(); }));
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
    const follow = () => {
      const name = decodeURIComponent(location.hash.slice(1));
      const target = document.getElementById(name);
      if (list?.follow(name)) return;
      for (let around = target?.closest("details"); around; around = around.parentNode.closest("details")) around.open = true;
      target?.scrollIntoView();
    };
    prepare(document.querySelector("main"));
    if (document.querySelector(".tools")) list = listed();
    addEventListener("hashchange", follow);
    speak(); follow();
  };

  const listed = () => {
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

    // The bodies wait packed, as text; the first that is opened unpacks them all.
    let unpacked;
    const bodies = () => unpacked ??= (async () => {
      const packed = Uint8Array.from(atob($("bodies").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Response(stream).json();
    })();
    const fill = async (...opened) => {
      const waiting = opened.filter((details) => details.querySelector(":scope>.wait"));
      if (!waiting.length) return;
      let found;
      try { found = await bodies(); } catch { return; /* the link that stands there leads on */ }
      for (const details of waiting) {
        const wait = details.querySelector(":scope>.wait");
        if (!wait) continue;
        wait.outerHTML = found[details.id];
        titles(details, "en");
        prepare(details);
      }
    };

    const rank = { ERROR: 0, fails: 0, passes: 5, UNDECIDED: 1, WEAKER: 2, REFUTED: 3, false: 3, conditional: 4, CONFIRMED: 5, ends: 6, "NOT-APPLICABLE": 7, "NOT-TESTABLE": 8 };
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
      $("found").textContent = say(`${shown} of ${items.length} claims`, `${items.length} 个论断中显示 ${shown} 个`);
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
      count();
    };

    const follow = (name) => {
      const item = byId.get(name);
      if (!item) return false;
      if (!item.shown) clear();
      item.details.open = true;
      const rest = () => item.details.scrollIntoView();
      rest();
      // Rows above that come near the window get their own heights in the frames after.
      requestAnimationFrame(() => { rest(); requestAnimationFrame(() => { rest(); requestAnimationFrame(rest); }); });
      fill(item.details).then(rest);
      return true;
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
    $("open").addEventListener("click", async () => {
      const shown = items.filter((item) => item.shown);
      await fill(...shown.map((item) => item.details));
      for (const { details } of shown.filter((item) => !item.details.open)) {
        together.add(details);
        details.open = true;
      }
    });
    $("close").addEventListener("click", () => items.forEach((item) => { item.details.open = false; }));
    const together = new Set(); // opened by one press, of which none becomes the address
    // `toggle` does not bubble, but it can be caught on its way down.
    document.addEventListener("toggle", (event) => {
      const item = byId.get(event.target.id);
      if (!item || together.delete(event.target)) return;
      const hash = "#" + encodeURIComponent(item.details.id);
      if (item.details.open) { fill(item.details); store(hash); }
      else if (location.hash === hash) store("");
    }, true);

    // The contents show where the reader is.
    const places = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
    const watch = new IntersectionObserver((seen) => {
      const entry = seen.find((one) => one.isIntersecting);
      if (!entry) return;
      all(".contents [aria-current]").forEach((link) => link.removeAttribute("aria-current"));
      const link = places.get(entry.target.id);
      link?.setAttribute("aria-current", "true");
      const box = link?.closest("nav");
      if (box) box.scrollTop = link.offsetTop - box.clientHeight / 2;
    }, { rootMargin: "0px 0px -70% 0px" });
    chapters.forEach((section) => watch.observe(section));

    document.querySelector(".tools").hidden = false;
    arrange(); filter();
    return { filters, follow, count };
  };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
})();
