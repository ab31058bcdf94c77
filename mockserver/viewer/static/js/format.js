// Formats numbers, times and sizes. Does not use the DOM.

const DAY = 86_400_000, HOUR = 3_600_000, MINUTE = 60_000, SECOND = 1000;

/** duration formats a duration (ms) in at most two units: "29 s", "2 h 5 min", "3 d". */
export function duration(ms) {
  if (!Number.isFinite(ms)) return "";
  if (ms < 0) return "-" + duration(-ms);
  if (ms < 10) return `${Math.round(ms * 100) / 100} ms`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND && ms % SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  const units = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]];
  const first = units.findIndex(([size]) => ms >= size);
  const [size, name] = units[first];
  const rest = units[first + 1];
  const whole = Math.floor(ms / size);
  const more = rest ? Math.floor((ms % size) / rest[0]) : 0;
  return `${whole} ${name}` + (more ? ` ${more} ${rest[1]}` : "");
}

/** countdown formats the time until a moment, in whole seconds to avoid flicker. */
export function countdown(ms) {
  return ms <= 0 ? "due now" : "in " + duration(Math.ceil(ms / SECOND) * SECOND);
}

const UNITS = {
  ms: 1, s: SECOND, sec: SECOND, m: MINUTE, min: MINUTE, h: HOUR, hour: HOUR, hours: HOUR, d: DAY, day: DAY, days: DAY,
};

/** parseDuration parses "90", "90s", "5 min", "1h30m", "2d" into ms, or returns NaN. */
export function parseDuration(text) {
  const source = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(source)) return Number(source) * SECOND;
  const part = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*/y;
  let total = 0;
  while (part.lastIndex < source.length) {
    const match = part.exec(source);
    if (!match || !Object.hasOwn(UNITS, match[2])) return NaN;
    total += Number(match[1]) * UNITS[match[2]];
  }
  return source ? total : NaN;
}

/** wire formats ms as a duration of the control API: "90s", "1500ms". */
export function wire(ms) {
  const whole = Math.ceil(ms);
  return whole % SECOND ? `${whole}ms` : `${whole / SECOND}s`;
}

const two = (n) => String(n).padStart(2, "0");

/** clockTime is the local time of day, to the second. */
export function clockTime(time) {
  const t = new Date(time);
  return Number.isNaN(t.getTime()) ? "" : `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

/** dateTime is the local date and time, to the second. */
export function dateTime(time) {
  const t = new Date(time);
  if (Number.isNaN(t.getTime())) return "";
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${clockTime(t)}`;
}

/** exactTime is the local time of day, to the millisecond. */
export function exactTime(time) {
  const t = new Date(time);
  return Number.isNaN(t.getTime()) ? "" : `${clockTime(t)}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

/** size formats a number of bytes. */
export function size(n) {
  if (!Number.isFinite(n)) return "";
  if (n < 1000) return `${n} B`;
  return n < 1_000_000 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1_000_000).toFixed(1)} MB`;
}

/** plural formats a count: "1 attempt", "3 attempts". */
export function plural(n, one, many = one + "s") {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

const TAIL = 22; // characters of a path's end that are always shown

/** cut splits a path before its distinguishing end, so that it can be shortened in the middle. It leaves the query out. */
export function cut(url) {
  const [path, query] = url.split("?", 2);
  const at = Math.max(path.lastIndexOf("/", path.length - 2), path.length - TAIL);
  const rest = query === undefined ? "" : "?…";
  return at > 0 ? [path.slice(0, at), path.slice(at) + rest] : ["", path + rest];
}

/** address shortens a URL to host and path, which distinguish endpoints. */
export function address(url) {
  return typeof url === "string" ? url.replace(/^https?:\/\//, "") : "";
}
