// Keys go to the terminal from the first one on: without this they are lost until it was clicked.
const given = () => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && !document.body.classList.contains("-closed")) keys.focus();
};
new MutationObserver(given).observe(document.body, { attributes: true, attributeFilter: ["class"] });
window.addEventListener("focus", given);
