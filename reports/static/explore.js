"use strict";
(() => {
  // The explorables: the picture that stands there is moved by what was measured beforehand.
  // Nothing is built before it is opened, and nothing moves but by the reader's hand.
  const LEFT = 52, RIGHT = 342, TOP = 8, BOTTOM = 168; // the plotting area of every picture
  const CURVE = 121, DIGITS = 3;
  const built = new Map();
  const chinese = () => document.documentElement.lang === "zh";
  const both = ([en, zh]) => (en === zh ? en : `<i>${en}</i><i lang=zh>${zh}</i>`);

  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  };

  // Numbers as the page prints them: 1.003, −0.02, 2.4×10⁻⁶.
  const number = (value) => {
    if (value === null) return "–";
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(+value.toPrecision(DIGITS)).replace("-", "−");
    const [mantissa, power] = value.toExponential(DIGITS - 1).split("e");
    const raised = [...String(+power)].map((one) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(one)]).join("");
    return `${+mantissa}×10${raised}`.replace("-", "−");
  };

  // Median, 10 % and 90 % quantile of a quantity at a setting, as reports/explored.py has them.
  const place = (data, axes, at) => axes.reduce((sum, axis) => sum * data.axes[axis].length + at[axis], 0);
  const decoded = (quantity, i) => {
    if (quantity.middle[i] === null) return [null, null, null];
    const value = (whole) => (quantity.log ? 10 ** (whole / quantity.scale) : whole / quantity.scale);
    return [quantity.middle[i], quantity.middle[i] - quantity.below[i], quantity.middle[i] + quantity.above[i]].map(value);
  };
  const measured = (data, name, at, end) => {
    const quantity = data.quantities[name];
    const free = quantity.axes.find((axis) => !(axis in at));
    if (!free) return decoded(quantity, place(data, quantity.axes, at));
    const known = data.axes[free]
      .map((_, i) => decoded(quantity, place(data, quantity.axes, { ...at, [free]: i })))
      .filter(([middle]) => middle !== null);
    return known.at(end === "first" ? 0 : -1) ?? [null, null, null];
  };

  const scale = ({ low, high, log }, start, stop) => {
    const bend = (value) => (log ? Math.log10(Math.max(value, 1e-300)) : value);
    const [from, to] = [bend(low), bend(high)];
    return (value) => {
      const share = Math.min(Math.max((bend(value) - from) / (to - from), 0), 1);
      return Math.round(10 * (start + share * (stop - start))) / 10;
    };
  };
  const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
  const texts = (placed, style) =>
    `<g class="t ${style}">${placed.map(([x, y, text]) => `<text x="${x}" y="${y}">${text}</text>`).join("")}</g>`;
  const grid = (across, up, x, y) =>
    `<path class="g" d="${up.ticks.map(([at]) => `M${LEFT} ${y(at)}H${RIGHT}`).join("")}"/>`
    + `<path class="a" d="M${LEFT} ${BOTTOM}H${RIGHT}${across.ticks.map(([at]) => `M${x(at)} ${BOTTOM}v4`).join("")}"/>`
    + texts(up.ticks.map(([at, name]) => [LEFT - 5, y(at) + 4, name]), "r")
    + texts(across.ticks.map(([at, name]) => [x(at), BOTTOM + 17, name]), "m");

  const chosen = ({ by, each }, data, at) => each[place(data, by, at)];
  const draw = {
    lines: (figure, data, at) => {
      const [across, xs] = chosen(figure.across, data, at), up = chosen(figure.up, data, at);
      const x = scale(across, LEFT, RIGHT), y = scale(up, BOTTOM, TOP), now = at[figure.along];
      let body = grid(across, up, x, y);
      if (now !== undefined) body += `<path class="now" d="M${x(now)} ${TOP}V${BOTTOM}"/>`;
      figure.series.forEach(([name, end], style) => {
        const rows = xs
          .map((place, i) => [x(place), ...measured(data, name, { ...at, [figure.along]: i }, end).map((v) => v === null ? null : y(v))])
          .filter((row) => row[1] !== null);
        const lower = rows.map((row) => [row[0], row[2]]), upper = rows.map((row) => [row[0], row[3]]);
        body += `<path class="b s${style}" d="${path([...lower, ...upper.reverse()])}z"/>`
          + `<path class="l s${style}" d="${path(rows)}"/>`;
        if (now < rows.length) body += `<circle class="d s${style}" cx="${rows[now][0]}" cy="${rows[now][1]}" r="4"/>`;
      });
      return body;
    },
    sample: ({ across, up, truth }, data, at) => {
      const x = scale(across, LEFT, RIGHT), y = scale(up, BOTTOM, TOP);
      const seen = data.more.samples[at.n];
      const low = Math.min(...seen.x), high = Math.max(...seen.x);
      const coefficients = data.more.fits[place(data, Object.keys(data.axes), at)];
      const fit = Array.from({ length: CURVE }, (_, i) => {
        const u = (2 * i) / (CURVE - 1) - 1;
        let [next, after] = [0, 0]; // Clenshaw's recurrence
        for (let k = coefficients.length - 1; k > 0; k -= 1) [next, after] = [coefficients[k] + 2 * u * next - after, next];
        return [(u * (high - low) + low + high) / 2, coefficients[0] + u * next - after];
      });
      // A curve that leaves the picture breaks off there.
      const curve = (points) => {
        let [d, inside] = ["", false];
        for (const [a, b] of points) {
          if (b >= up.low && b <= up.high) d += `${inside ? "L" : "M"}${x(a)} ${y(b)}`;
          inside = b >= up.low && b <= up.high;
        }
        return d;
      };
      return grid(across, up, x, y)
        + `<path class="dot s5" d="${seen.x.map((a, i) => `M${x(a)} ${y(seen.y[i])}h0`).join("")}"/>`
        + `<path class="l s1" d="${curve(truth)}"/><path class="l s0" d="${curve(fit)}"/>`;
    },
    // The rows of cells as reports/svg/cells.py draws them: a filled square is a kept element.
    masks: ({ axis }, data, at, figure) => {
      const rows = data.more.masks.map((row) => [...row].map((cell) => parseInt(cell, 16) > at[axis]));
      const side = Math.max(3, Math.min(16, Math.floor((360 - 2) / rows[0].length))), gap = side < 8 ? 1 : 2;
      const kept = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${1 + x * side} ${1 + y * side}h${side - gap}v${side - gap}h${gap - side}z` : "")));
      const count = rows.flat().filter(Boolean).length;
      const cells = figure.querySelectorAll("td");
      [count, rows.flat().length - count].forEach((many, i) => { cells[i].textContent = many; });
      return `<path class="a" d="M0 0H${1 + rows[0].length * side}V${rows.length * side + 1}H0z"/><path class="h" d="${kept.join("") || "M0 0"}"/>`;
    },
  };

  // {degree} is what a slider says, {test.last.low} what was measured.
  const told = ({ said, controls, data }, at) => said.map((template, language) =>
    template.replace(/\{(\w+)(?:\.(first|last))?(?:\.(low|high))?\}/g, (_, name, end, which) => {
      const control = controls.find(({ axis }) => axis === name);
      if (control) return control.values[at[name]][language];
      return number(measured(data, name, at, end)[which ? ["low", "high"].indexOf(which) + 1 : 0]);
    }));

  const knob = (control, id) => {
    const box = document.createElement(control.choice ? "fieldset" : "div");
    box.innerHTML = control.choice
      ? `<legend>${both(control.name)}</legend><div class=row>${control.values.map((value, i) =>
        `<label><input type=radio name="${id}" value=${i}${i === control.start ? " checked" : ""}>${both(value)}</label>`).join("")}</div>`
      : `<b aria-hidden=true></b><label for="${id}">${both(control.name)}</label>`
        + `<input type=range id="${id}" min=0 max=${control.values.length - 1} step=1 value=${control.start}>`;
    return box;
  };

  const build = async (details) => {
    if (built.has(details)) return;
    built.set(details, null);
    const content = await unpacked(details.dataset.packed);
    const { controls, figures, data } = content;
    const still = details.querySelector(".still"), live = document.createElement("div");
    const at = Object.fromEntries(controls.map(({ axis, start }) => [axis, start]));
    live.className = "live";
    live.innerHTML = "<div class=knobs></div><p class=seen role=status></p><div class=figures></div>";
    const [knobs, seen, shown] = live.children;
    const boxes = controls.map((control) => knob(control, `${details.id}-${control.axis}`));
    knobs.append(...boxes);
    shown.append(...[...still.querySelectorAll("figure")].map((figure) => figure.cloneNode(true)));
    const pictures = [...shown.querySelectorAll("svg.plot")];
    for (const svg of pictures) {
      svg.querySelectorAll(":scope>:not(title,desc)").forEach((part) => part.remove());
      svg.append(document.createElementNS(svg.namespaceURI, "g"));
    }

    const spoken = () => controls.forEach((control, i) => {
      const range = boxes[i].querySelector("[type=range]");
      if (!range) return;
      const value = control.values[at[control.axis]];
      range.setAttribute("aria-valuetext", value[+chinese()]);
      boxes[i].querySelector("b").innerHTML = both(value);
    });
    const update = () => {
      const sentences = told(content, at);
      seen.innerHTML = both(sentences);
      pictures.forEach((svg, i) => {
        svg.lastElementChild.innerHTML = draw[figures[i].kind](figures[i], data, at, svg.closest("figure"));
        svg.querySelectorAll(":scope>desc").forEach((desc) => { desc.textContent = sentences[+(desc.getAttribute("lang") === "zh")]; });
      });
      spoken();
    };
    knobs.addEventListener("input", (event) => {
      const axis = controls[boxes.findIndex((box) => box.contains(event.target))].axis;
      at[axis] = +event.target.value;
      update();
    });
    update();
    still.before(live);
    details.classList.add("built");
    built.set(details, spoken);
  };

  // `toggle` does not bubble, but it can be caught on its way down.
  document.addEventListener("toggle", ({ target }) => {
    if (target.open && target.dataset.packed) build(target).catch(() => { /* the still picture stays */ });
  }, true);
  document.addEventListener("change", ({ target }) => {
    if (target.name === "ui-lang") built.forEach((spoken) => spoken?.());
  });
})();
