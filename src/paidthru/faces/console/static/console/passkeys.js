/* Asks the device for a passkey. The server has put its question into the form; the answer is posted with it.
   Without WebAuthn the button stays as it is, switched off, and the page says so; the other ways remain. */
(() => {
  "use strict";

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "");

  const question = (way, options) => {
    const asked = options.publicKey;
    asked.challenge = bytes(asked.challenge);
    if (way === "create") asked.user.id = bytes(asked.user.id);
    for (const name of ["excludeCredentials", "allowCredentials"])
      if (asked[name]) asked[name] = asked[name].map((one) => ({ ...one, id: bytes(one.id) }));
    return { publicKey: asked };
  };

  const answer = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (made.response[name]) response[name] = text(made.response[name]);
    return JSON.stringify({
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response,
      clientExtensionResults: {},
    });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential || !navigator.credentials) continue;
    const way = form.dataset.passkey;
    const button = form.querySelector("button[type=submit]");
    const said = form.querySelector("[data-passkey-said]");
    button.disabled = false;
    said.textContent = "";
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      button.disabled = true;
      said.textContent = "Your device asks you now…";
      try {
        const asked = question(way, JSON.parse(form.dataset.options));
        form.elements.credential.value = answer(await navigator.credentials[way](asked));
        form.submit();
      } catch (error) {
        said.textContent =
          error.name === "InvalidStateError"
            ? "This device has a passkey for you already."
            : "That came to nothing: no passkey, or it took too long. Try again.";
        button.disabled = false;
      }
    });
  }
})();
