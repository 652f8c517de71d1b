// Pipedrive's official client, unpatched, goes through what pdsync does: fields, options, persons, pages, search, users.
// Told by the environment where the stand-in is (PIPEDRIVE_URL, PIPEDRIVE_TOKEN); prints what it saw as one JSON object.
"use strict";

const { v1, v2 } = require("pipedrive");

const url = process.env.PIPEDRIVE_URL;
const apiKey = process.env.PIPEDRIVE_TOKEN;
const configuration = new v2.Configuration({ apiKey, basePath: `${url}/api/v2` });
const persons = new v2.PersonsApi(configuration);
const fields = new v2.PersonFieldsApi(configuration);
const users = new v1.UsersApi(new v1.Configuration({ apiKey, basePath: `${url}/v1` }));

async function allPages(ask) {
  const pages = [];
  let cursor;
  do {
    const answer = await ask(cursor);
    pages.push(answer.data);
    cursor = answer.additional_data.next_cursor;
  } while (cursor);
  return pages;
}

// The client rejects with the body of the answer.
async function refusal(promise) {
  try {
    await promise;
  } catch (body) {
    return body;
  }
  throw new Error("this call should have been refused");
}

async function main() {
  const seen = {};
  seen.me = (await users.getCurrentUser()).data;

  const text = (await fields.addPersonField({ AddPersonFieldRequest: { field_name: "plezi_url", field_type: "varchar" } })).data;
  const list = (
    await fields.addPersonField({
      AddPersonFieldRequest: { field_name: "sync_to_plezi", field_type: "enum", options: [{ label: "Yes" }, { label: "No" }] },
    })
  ).data;
  const field_code = list.field_code;
  const added = await fields.addPersonFieldOptions({ field_code, AddDealFieldOptionsRequestInner: [{ label: "Perhaps" }] });
  const id = added.data[0].id;
  await fields.updatePersonFieldOptions({ field_code, UpdateDealFieldOptionsRequestInner: [{ id, label: "Later" }] });
  seen.options = (await fields.getPersonField({ field_code })).data.options.map((option) => option.label);
  await fields.deletePersonFieldOptions({ field_code, DeleteDealFieldOptionsRequestInner: [{ id }] });
  await fields.updatePersonField({ field_code, UpdatePersonFieldRequest: { field_name: "Sync to Plezi" } });
  const fieldPages = await allPages((cursor) => fields.getPersonFields({ limit: 10, cursor }));
  seen.fieldNames = fieldPages.flat().map((field) => field.field_name);

  const yes = list.options[0].id;
  for (let number = 1; number <= 7; number += 1) {
    const created = await persons.addPerson({
      AddPersonRequest: {
        name: `Lucile Rivière ${number}`,
        emails: [{ value: `lucile.${number}@example.com`, primary: true, label: "work" }],
        custom_fields: { [field_code]: yes, [text.field_code]: `https://plezi.example/contacts/${number}` },
      },
    });
    seen.created = created.data;
  }
  const patched = await persons.updatePerson({
    id: 1,
    UpdatePersonRequest: { name: "Zoé O'Brien", emails: [], custom_fields: { [field_code]: null } },
  });
  seen.patched = patched.data;
  seen.pages = (await allPages((cursor) => persons.getPersons({ limit: 3, cursor }))).map((page) => page.map((person) => person.id));
  seen.descending = (
    await allPages((cursor) => persons.getPersons({ limit: 4, sort_by: "add_time", sort_direction: "desc", cursor }))
  ).map((page) => page.length);
  seen.one = (await persons.getPerson({ id: 2, custom_fields: text.field_code })).data.custom_fields;
  const search = await persons.searchPersons({ term: "LUCILE.3@example.com", fields: "email", exact_match: true });
  seen.found = search.data.items.map((item) => item.item.id);
  seen.deleted = (await persons.deletePerson({ id: 7 })).data;
  await fields.deletePersonField({ field_code: text.field_code });
  seen.left = (await persons.getPersons({})).data.map((person) => Object.keys(person.custom_fields));

  seen.missing = await refusal(persons.getPerson({ id: 99 }));
  seen.invalid = await refusal(persons.updatePerson({ id: 1, UpdatePersonRequest: { custom_fields: { [field_code]: "Yes" } } }));
  const stranger = new v2.PersonsApi(new v2.Configuration({ apiKey: "wrong", basePath: `${url}/api/v2` }));
  seen.unauthorized = await refusal(stranger.getPersons({}));
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  process.stderr.write(`${error.stack ?? JSON.stringify(error)}\n`);
  process.exit(1);
});
