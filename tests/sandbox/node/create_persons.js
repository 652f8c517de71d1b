// Creates persons through Pipedrive's official client, as other software of a company would.
// Told by the environment where the stand-in is; reads an array of request bodies from standard input, prints the ids.
"use strict";

const { v2 } = require("pipedrive");

async function main() {
  const configuration = new v2.Configuration({
    apiKey: process.env.PIPEDRIVE_TOKEN,
    basePath: `${process.env.PIPEDRIVE_URL}/api/v2`,
  });
  const persons = new v2.PersonsApi(configuration);
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const ids = [];
  for (const AddPersonRequest of JSON.parse(text)) {
    ids.push((await persons.addPerson({ AddPersonRequest })).data.id);
  }
  process.stdout.write(JSON.stringify(ids));
}

main().catch((error) => {
  process.stderr.write(`${error.stack ?? JSON.stringify(error)}\n`);
  process.exit(1);
});
