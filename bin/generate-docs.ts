// make docs: writes what docs/ says of the API and of the protocols, from the schemas and the route table.
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generate-docs-files.ts';

for (const [path, text] of Object.entries(generatedFiles())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(path);
}
