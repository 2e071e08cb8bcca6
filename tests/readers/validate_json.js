// Validates records against the published schema: node validate_json.js SCHEMA RECORD…
import { readFileSync } from "node:fs";
import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";

const [schema, ...files] = process.argv.slice(2);
const validate = addFormats(new Ajv({ strict: true, allowUnionTypes: true })).compile(
  JSON.parse(readFileSync(schema, "utf8")),
);
let failed = 0;
for (const file of files) {
  if (!validate(JSON.parse(readFileSync(file, "utf8")))) {
    failed += 1;
    console.error(file, validate.errors);
  }
}
console.log(`${files.length} records validated, ${failed} failed`);
process.exit(failed || !files.length ? 1 : 0);
