// The login page: exchanges the token for an HttpOnly cookie.

import { root } from "./root.js";

const form = document.querySelector("#login"), note = document.querySelector("#note");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch(new URL("_idmock/v1/login", root), { method: "POST", body: JSON.stringify({ token: form.elements.token.value }) }).catch(() => null);
  if (response?.ok) {
    location.replace(root.pathname + location.search + location.hash);
    return;
  }
  note.dataset.error = "";
  note.textContent = response ? (await response.json()).detail : "The server does not respond. Is idmock still running?";
  form.elements.token.select();
});
