# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Missing names
#
# A contact without first and last name cannot reach Pipedrive (R13), and a person without one cannot fill it in Plezi.
# Which forms let them in, and what could be filled in.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed

# %%
import altair as alt
import polars as pl

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

BLUE, ORANGE = "#0072b2", "#e69f00"

here = pdsync.open_account(account)
report = here.audit()
here

# %% [markdown]
# ## How many

# %%
summary = report.summary.to_polars().filter(pl.col("code").str.contains("name") & (pl.col("findings") > 0))
counts = summary.select("code", "persons", "contacts").unpivot(
    index="code", variable_name="who", value_name="records"
)
nameless = summary.filter(pl.col("code").str.starts_with("missing"))
persons, contacts = nameless["persons"].sum(), nameless["contacts"].sum()

alt.Chart(counts).mark_bar().encode(
    x=alt.X("records:Q", title="records"),
    y=alt.Y("code:N", sort="-x", title=None),
    yOffset=alt.YOffset("who:N", sort=["persons", "contacts"]),
    color=alt.Color(
        "who:N", scale=alt.Scale(domain=["persons", "contacts"], range=[BLUE, ORANGE]), title=None
    ),
).properties(
    width=480,
    height={"step": 16},
    title=f"{persons:,} names of persons and {contacts:,} of contacts are missing",
)

# %% [markdown]
# ## Which forms let them in

# %%
named = pl.col("code").cast(pl.String).str.starts_with("missing")
of_contacts = report.findings.lazy().filter(named & (pl.col("side").cast(pl.String) == "plezi"))
origins = (
    of_contacts.group_by(pl.col("group").cast(pl.String).replace("", "(not known)").alias("form"))
    .agg(contacts=pl.col("id").n_unique())
    .sort("contacts", descending=True)
    .head(15)
    .collect()
)
total = origins["contacts"].sum()
said = (
    f"'{origins['form'][0]}' let in {origins['contacts'][0]} of {total} contacts without a full name"
    if total
    else "Every contact has a first and a last name"
)
alt.Chart(origins).mark_bar(color=ORANGE).encode(
    x=alt.X("contacts:Q", title="contacts without a first or last name", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("form:N", sort="-x", title=None),
).properties(width=480, height={"step": 20}, title=said)

# %% [markdown]
# ## Order and split
#
# Names whose parts stand in the wrong place: one word that may be either, or several words in one field.


# %%
def parts(snapshot: pdsync.Snapshot) -> pl.DataFrame:
    columns = snapshot.records.columns
    if not {"first_name", "last_name"} <= set(columns):
        return pl.DataFrame(schema={"what": pl.String, "records": pl.UInt32, "side": pl.String})
    first, last = pl.col("first_name"), pl.col("last_name")
    split = (
        pl.when(first.is_null() & last.is_null()).then(pl.lit("no name at all"))
        .when(last.is_null() & first.str.contains(r"\s")).then(pl.lit("whole name in the first name"))
        .when(first.is_null() & last.str.contains(r"\s")).then(pl.lit("whole name in the last name"))
        .when(last.is_null()).then(pl.lit("one word, in the first name"))
        .when(first.is_null()).then(pl.lit("one word, in the last name"))
        .when(first.str.contains(r"\p{L}{2}") & (first == first.str.to_uppercase()) & (last != last.str.to_uppercase()))
        .then(pl.lit("first name in capitals: perhaps the last name"))
        .otherwise(None)
    )  # fmt: skip
    counted = snapshot.records.lazy().group_by(split.alias("what")).agg(pl.len().alias("records"))
    return counted.drop_nulls("what").with_columns(pl.lit(snapshot.side.capitalize()).alias("side")).collect()


faults = pl.concat([parts(here.persons), parts(here.contacts)])
common = faults.group_by("what").agg(pl.col("records").sum()).sort("records", descending=True)
alt.Chart(faults).mark_bar().encode(
    x=alt.X("records:Q", title="records"),
    y=alt.Y("what:N", sort="-x", title=None, axis=alt.Axis(labelLimit=320)),
    color=alt.Color(
        "side:N", scale=alt.Scale(domain=["Pipedrive", "Plezi"], range=[BLUE, ORANGE]), title=None
    ),
).properties(
    width=420,
    height={"step": 20},
    title=f"Most often: {common['what'][0]} ({common['records'][0]} records)"
    if faults.height
    else "No name is misplaced",
)

# %% [markdown]
# ## Proposed repairs
#
# Where the address reads `first.last@` and its words agree with the one that is there, the missing one can be proposed.
# Proposals are for people to check: an address is chosen by its owner, not by a register.


# %%
def proposals(snapshot: pdsync.Snapshot) -> pl.LazyFrame:
    records, addresses = snapshot.records.lazy(), snapshot.addresses.lazy().filter(pl.col("position") == 0)
    words = pl.col("key").str.split("@").list.first().str.split(".")
    given, family = words.list.first(), words.list.last()
    missing = records.filter(pl.col("last_name").is_null() & pl.col("first_name").is_not_null())
    return (
        missing.join(addresses.select("id", "key"), on="id")
        .filter(
            (words.list.len() == 2)
            & (given == pl.col("first_name").str.to_lowercase())
            & family.str.contains(r"^\p{L}{2,}$")
        )
        .select(
            pl.lit(snapshot.side.capitalize()).alias("side"),
            "id",
            "first_name",
            family.str.to_titlecase().alias("proposed last name"),
            pl.col("key").alias("because of"),
        )
    )


proposed = pl.concat([proposals(here.persons), proposals(here.contacts)]).sort("side", "because of").collect()
pdsync.Table.of("Last names that the address suggests", proposed, shown=200)
