// React's development build, so that strict mode mounts everything twice as it does on a developer's machine.
export default {
  mode: "development",
  define: {"process.env.NODE_ENV": JSON.stringify("development")},
  esbuild: {jsx: "automatic", jsxImportSource: "react"},
  build: {minify: false},
};
