// Everything here makes pages quicker to use; nothing depends on it.
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");

  // --- light or dark ---------------------------------------------------------------------------------
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.documentElement.dataset.bsTheme = next;
      localStorage.setItem("huiying-theme", next);
    });
  }

  // --- clocks: <time class="clock" data-due="…" data-amber="…" data-now="…"> counts by itself ---------------
  // By the county's clock, which wrote data-now: that of a phone or an old machine may be wrong by hours.
  const ahead = new WeakMap();
  const spoken = (seconds) => {
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    const [d, h, m] = [days, hours % 24, minutes % 60];
    if (chinese) return days ? `${d} 天 ${h} 小时` : hours ? `${h} 小时 ${m} 分` : minutes ? `${m} 分钟` : `${Math.floor(seconds)} 秒`;
    return days ? `${d} d ${h} h` : hours ? `${h} h ${m} min` : minutes ? `${m} min` : `${Math.floor(seconds)} s`;
  };
  const tick = () => {
    for (const clock of document.querySelectorAll(".clock[data-due]")) {
      if (!ahead.has(clock)) ahead.set(clock, Date.parse(clock.dataset.now) - Date.now());
      const now = Date.now() + ahead.get(clock);
      const left = (Date.parse(clock.dataset.due) - now) / 1000;
      const state = left < 0 ? "late" : now >= Date.parse(clock.dataset.amber || "x") ? "soon" : "ok";
      const words = left < 0 ? (chinese ? `已逾期 ${spoken(-left)}` : `overdue by ${spoken(-left)}`)
        : (chinese ? `还剩 ${spoken(left)}` : `${spoken(left)} left`);
      if (clock.textContent !== words) clock.textContent = words;
      if (!clock.classList.contains(state)) {
        const turned = state === "late" && (clock.classList.contains("ok") || clock.classList.contains("soon"));
        clock.classList.remove("ok", "soon", "late");
        clock.classList.add(state);
        if (turned) clock.dispatchEvent(new CustomEvent("huiying:late", { bubbles: true }));
      }
    }
  };
  setInterval(tick, 1000);
  tick();

  // --- drafts: a form with data-draft keeps its words in this browser until they arrived ------------------
  // They are their writer's: whoever signs in next at the same machine finds none of them.
  const writer = document.querySelector("meta[name=officer]")?.content, mine = `huiying-draft:${writer}:`;
  if (writer) Object.keys(sessionStorage).filter((k) => k.startsWith("huiying-draft:") && !k.startsWith(mine)).forEach((k) => sessionStorage.removeItem(k));
  // A form that somebody has begun to fill in is not taken away (board.js).
  document.addEventListener("input", (event) => event.target.closest("form")?.setAttribute("data-begun", ""));
  const arrived = document.querySelector("meta[name=draft-arrived]");
  if (arrived) {
    sessionStorage.removeItem(mine + arrived.content);
    const sent = sessionStorage.getItem(`${mine}sending:${arrived.content}`);
    if (sent) sessionStorage.setItem(`${mine}sent:${arrived.content}`, sent);
  }
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = mine + form.dataset.draft;
    const fields = () => [...form.elements].filter((f) => f.name && !["hidden", "file", "password", "submit"].includes(f.type) && f.type !== undefined);
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (kept && !form.hasAttribute("data-answered")) {
      for (const field of fields()) {
        const values = kept[field.name];
        if (!values) continue;
        if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
        else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
        else field.value = values[0];
      }
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
    // Sent once more from a page gone back to, it is the same submission: it goes under the key it arrived with.
    const sent = back && sessionStorage.getItem(`${mine}sent:${form.dataset.draft}`);
    if (sent) form.elements.key.value = sent;
    form.addEventListener("submit", () => sessionStorage.setItem(`${mine}sending:${form.dataset.draft}`, form.elements.key.value));
    form.addEventListener("input", () => {
      const values = {};
      for (const field of fields()) {
        if (["checkbox", "radio"].includes(field.type) && !field.checked) continue;
        const chosen = field.multiple ? [...field.selectedOptions].map((o) => o.value) : [field.value];
        (values[field.name] ||= []).push(...chosen);
      }
      sessionStorage.setItem(key, JSON.stringify(values));
    });
  }

  // --- one press is one submission ----------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.confirm && !confirm(button.dataset.confirm)) return event.preventDefault();
    setTimeout(() => { if (button && !event.defaultPrevented) button.disabled = true; });
  });
  addEventListener("pageshow", () => document.querySelectorAll("button:disabled").forEach((b) => { b.disabled = false; }));
})();
