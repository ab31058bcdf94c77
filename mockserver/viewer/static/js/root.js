// The root of the server as this page reaches it: a proxy may serve it below a path.

/** root is the URL of the page, with a slash at its end. */
export const root = new URL("../../", import.meta.url);

/** base is the base URL of the server, without a slash at its end. */
export const base = root.href.slice(0, -1);
