// Counts while somebody writes. The server counts as well, and has the last word on what fits a channel.
(() => {
  const form = document.getElementById("release-form");
  if (!form) return;
  const chinese = document.documentElement.lang.startsWith("zh");
  const count = (field) => {
    const shown = document.createElement("p");
    shown.className = "hint counted";
    const tell = () => {
      const written = [...field.value].length, most = Number(field.getAttribute("maxlength")) || 0;
      shown.textContent = (chinese ? `已写 ${written} 字` : `${written} characters`) + (most ? ` / ${most}` : "");
    };
    field.insertAdjacentElement("afterend", shown);
    field.addEventListener("input", tell);
    tell();
  };
  for (const name of ["title", "body"]) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement && field.type !== "hidden") count(field);
  }

  // An empty text has nothing to lose.
  const button = form.querySelector("button[name=template]"), body = form.elements.namedItem("body");
  if (button && body) {
    const asked = button.dataset.confirm, first = body.value;
    const ask = () => {
      if (body.value.trim() && body.value !== first) button.dataset.confirm = asked;
      else delete button.dataset.confirm;
    };
    form.addEventListener("input", ask);
    ask();
  }
})();
