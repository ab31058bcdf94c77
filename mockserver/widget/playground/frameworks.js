// The sample page as a component of a framework: the same script tag, markup and code. A framework with an SDK of the vendor's own has
// its code in the page, in a script element that browsers do not run.

const OWN = /<script type="text\/plain" data-framework="([^"]+)">\n([\s\S]*?)<\/script>\n?/g;

/** own returns the frameworks with code of their own. */
export const own = (html) => new Map([...html.matchAll(OWN)].map(([, framework, code]) => [framework, code]));

const indent = (text, by) => text.split("\n").map((line) => (line.trim() ? by + line : "")).join("\n");

// parts splits a sample page into its markup, its style sheets, the address of the provider's script, and its own code.
function parts(html) {
  const address = /<script src="([^"]+)"><\/script>/.exec(html)?.[1] ?? "";
  const code = /<script>\n([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const markup = html.slice(html.indexOf("<body>") + 6).replace(/<script[\s\S]*?<\/script>\n?/g, "").replace("</html>", "").trim();
  const styles = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)">/g)].map(([, href]) => href);
  return {address, code: code.replace(/^ {2}/gm, "").trimEnd(), markup, styles};
}

const load = ({address, code, styles}) => [
  ...styles.map((href) => `document.head.append(Object.assign(document.createElement("link"), {rel: "stylesheet", href: "${href}"}));`),
  `const script = Object.assign(document.createElement("script"), {src: "${address}"});`,
  "script.onload = () => {", indent(code, "  "), "};", "document.head.append(script);",
].join("\n");

/** component returns the source for html, react, vue or a framework with code of its own. */
export function component(framework, source) {
  const code = own(source).get(framework);
  if (code) return code;
  const html = source.replace(OWN, "");
  if (framework === "html") return html;
  const page = parts(html);
  if (framework === "vue") {
    return `<script setup>\nimport { onMounted } from "vue";\n\nonMounted(() => {\n${indent(load(page), "  ")}\n});\n</script>\n\n<template>\n${indent(page.markup, "  ")}\n</template>\n`;
  }
  return `import { useEffect } from "react";\n\nexport function Verification() {\n  useEffect(() => {\n${indent(load(page), "    ")}\n    return () => script.remove();\n  }, []);\n  return (\n    <>\n${indent(page.markup, "      ")}\n    </>\n  );\n}\n`;
}
