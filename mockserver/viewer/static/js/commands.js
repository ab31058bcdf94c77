// The page's commands: [key, label, act()], for the keyboard, its help and the palette. The key may be empty.

const click = (selector) => () => document.querySelector(selector)?.click();

/** commands lists them. windows are the dialogs by name. */
export function commands({ list, windows, tour, play }) {
  return [
    ["", "Deliver a test webhook", () => tour.deliver(document.querySelector("button[name=play]"))],
    ["p", "Play a scenario…", () => play.ask()],
    ["n", "Advance to next delivery", click("button[name=advance-next]")],
    ["f", "Freeze or unfreeze the clock", click("button[name=freeze]")],
    ["", "Advance 5 minutes", click("button[name=advance-5m]")],
    ["", "Advance 1 hour", click("button[name=advance-1h]")],
    ["", "Advance 1 day", click("button[name=advance-1d]")],
    ["u", "Connect your app…", windows.connect],
    ["s", "Webhook endpoints", windows.settings],
    ["a", "Make a request…", windows.call],
    ["v", "Send event…", windows.send],
    ["t", "Faults…", windows.faults],
    ["w", "Hold webhooks…", windows.holds],
    ["m", "Conformance checks…", windows.check],
    ["/", "Search", () => document.querySelector("#filter input[name=text]").focus()],
    ["j", "Next row", () => list.move(1)],
    ["k", "Previous row", () => list.move(-1)],
    [".", "Pause or resume the list", click("button[name=pause]")],
    ["x", "Clear the filter", click("#filter-reset:not([hidden])")],
    ["r", "Resend the open delivery", click("#detail button[name=resend]")],
    ["e", "Edit and resend the open delivery", click("#detail button[name=edit]")],
    ["c", "Copy the open row as curl", click("#detail button[name=copy-curl]")],
    ["o", "Show the scenario of the open row", click("#detail button[name=source]")],
    ["h", "Hold or release the open delivery", click("#detail :is(button[name=hold], button[name=release])")],
    ["g", "Release all held webhooks", click("#holding:not([hidden]) button")],
    ["", "Open the playground", click("#tools a[href='playground/']")],
    ["", "Download journal (NDJSON)", click("#take a[data-format=ndjson]")],
    ["", "Download HTTP archive (HAR)", click("#take a[data-format=har]")],
    ["", "First minute: a tour", () => tour.open()],
    ["", "Help", click("#tools a[href='_idmock/help/']")],
    ["?", "Keyboard shortcuts", windows.help],
    ["", "Reset…", windows.reset],
  ];
}
