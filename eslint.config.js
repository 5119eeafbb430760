import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: [".venv/**", "results/**"] },
  js.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    rules: { eqeqeq: "error", "prefer-const": "error", "no-shadow": "error", "no-var": "error" },
  },
  { files: ["tests/**"], languageOptions: { globals: globals.node } },
];
