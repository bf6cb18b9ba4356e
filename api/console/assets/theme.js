// Before anything is drawn: light or dark, as the reader chose or the device prefers.
(() => {
  const kept = localStorage.getItem("huiying-theme");
  const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
})();
