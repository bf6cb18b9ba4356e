// Keeps a page true while it is open: rows of the board by themselves, other pages as soon as nobody is writing there.
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const say = (zh, en) => (chinese ? zh : en);
  const live = document.querySelector("[data-live]");
  if (!live) return;

  // --- what has changed ------------------------------------------------------------------------------------
  const announce = (words) => { const place = document.getElementById("announce"); if (place) place.textContent = words; };
  const body = live.querySelector("tbody");
  const place = (row) => {
    const after = [...body.rows].find((other) => other !== row && (other.dataset.order || "~") > row.dataset.order);
    body.insertBefore(row, after || body.querySelector(".following"));
  };
  // The table and what stands in its place while there is no row.
  const show = () => {
    const none = !body.rows.length;
    document.getElementById("listed").hidden = none;
    document.getElementById("none").hidden = !none;
  };
  const count = async () => {
    const answer = await fetch(`${live.dataset.tally}?${live.dataset.query}`, { headers: { "HX-Request": "true" } });
    if (answer.ok) document.getElementById("tally").outerHTML = await answer.text();
  };
  let waiting;
  const soon = (act) => { clearTimeout(waiting); waiting = setTimeout(act, 400); };
  const fetchRow = async (incident) => {
    const answer = await fetch(`${live.dataset.rows}/${incident}?${live.dataset.query}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    const fresh = made.content.querySelector("tr"), old = document.getElementById(`i-${incident}`);
    soon(count);
    if (!fresh) { old?.remove(); return show(); }
    const focused = old?.contains(document.activeElement);
    if (old) old.replaceWith(fresh);
    else if (body.querySelector(".following") && fresh.dataset.order > (body.rows[body.rows.length - 2]?.dataset.order || "")) return;
    if (new URLSearchParams(live.dataset.query).get("order") !== "newest") place(fresh);
    else if (!old) body.prepend(fresh);
    htmx.process(fresh);
    fresh.classList.add("changed");
    if (focused) fresh.querySelector("a")?.focus();
    show();
    announce(say(`${fresh.dataset.called}有新的进展`, `${fresh.dataset.called} has moved on`));
  };

  // A page somebody is writing on is not taken away; it says that there is something new.
  const busy = () => document.activeElement?.closest("form:not(.filters)")
    || document.querySelector("#live details[open] form, #live form[data-begun]");
  const renew = () => {
    const notice = document.getElementById("moved-on");
    if (busy()) { if (notice) notice.hidden = false; return; }
    const opened = [...document.querySelectorAll("details[id][open]")].map((d) => d.id);
    htmx.ajax("GET", location.href, { target: "#live", select: "#live", swap: "outerHTML" }).then(() => {
      for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
      announce(say("内容已更新", "This page was brought up to date"));
    });
  };

  const changed = (incident) => {
    if (live.dataset.live === "board") return fetchRow(incident);
    if (!live.dataset.incident || live.dataset.incident === incident) soon(renew);
  };

  // What is not heard of is not on the page; a wall that stands still must not look as if all were quiet.
  const unheard = Object.assign(document.createElement("p"), { className: "notice soon", hidden: true });
  unheard.setAttribute("role", "status");
  document.querySelector("main > *")?.prepend(unheard);
  let lost = false;
  const listen = () => {
    const events = new EventSource("/api/v1/events");
    events.addEventListener("incident", (event) => changed(JSON.parse(event.data).incident));
    events.addEventListener("ready", (event) => {
      unheard.hidden = true;
      // What happened while nothing was heard may be missing on the page.
      if (lost && !JSON.parse(event.data).resumed) live.dataset.live === "board" ? location.reload() : renew();
      lost = false;
    });
    events.addEventListener("error", () => {
      lost = true;
      setTimeout(() => {
        if (!lost) return;
        unheard.textContent = say("实时更新已中断，正在重新连接；所示内容可能不是最新。", "Live updates have stopped; connecting again. This page may be out of date.");
        unheard.hidden = false;
      }, 5000);
      // A browser connects again by itself unless the answer was a refusal: a proxy's while we start, or no session any more.
      if (events.readyState === EventSource.CLOSED) setTimeout(again, 5000);
    });
  };
  const again = async () => {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 401 && live.dataset.live === "board") location.reload();
    else listen();
  };
  listen();

  // --- what turns red, for whoever asked to be told --------------------------------------------------------------
  const button = document.querySelector("[data-alarm]");
  if (!button) return;
  button.hidden = false;
  let sound = null;
  const tell = () => {
    button.setAttribute("aria-pressed", String(Boolean(sound)));
    button.textContent = sound ? say("响铃提醒已开启", "Alarm is on") : say("逾期时响铃提醒", "Sound an alarm when overdue");
  };
  button.addEventListener("click", async () => {
    if (sound) { sound.close(); sound = null; return tell(); }
    sound = new AudioContext();
    tell();
    ring(1);
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  });
  const ring = (times) => {
    for (let n = 0; n < times; n += 1) {
      const tone = sound.createOscillator(), volume = sound.createGain(), at = sound.currentTime + n * 0.45;
      tone.frequency.value = n % 2 ? 660 : 880;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
      tone.connect(volume).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 0.42);
    }
  };
  document.addEventListener("huiying:late", (event) => {
    const row = event.target.closest("[data-called]");
    const duty = event.target.parentElement.querySelector(".duty")?.firstChild?.textContent || "";
    const words = `${row?.dataset.called || ""} ${duty} ${say("已逾期", "is overdue")}`;
    announce(words);
    if (!sound) return;
    ring(4);
    // Numbers and duties only: a title does not belong on a locked screen.
    if ("Notification" in window && Notification.permission === "granted") new Notification(say("时限逾期", "Overdue"), { body: words });
  });
})();
