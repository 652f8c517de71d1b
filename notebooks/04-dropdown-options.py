# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Drop-down options
#
# Lists must match (R24): a value without a counterpart on the other side is left out of the sync. Both lists side by side,
# the pairs that would mend it, and how many people each concerns.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
field = ""  # the Pipedrive field to show as a matrix; empty: the one with most differences

# %%
import altair as alt
import polars as pl

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

BLUE, RED, GREY = "#0072b2", "#d55e00", "#bbbbbb"

here = pdsync.open_account(account)
report = here.audit()
options = here.options.to_polars().with_columns(
    on=pl.col("side").str.to_titlecase(),
    meets=pl.when(pl.col("counterpart").is_null())
    .then(pl.lit("no counterpart"))
    .otherwise(pl.lit("has a counterpart")),
)
here

# %% [markdown]
# ## Which options meet nobody
#
# Of a long list, those without a counterpart and those that most records hold.

# %%
lost = options.filter(meets="no counterpart")
few = (
    options.sort(pl.col("counterpart").is_not_null(), -pl.col("records"))
    .group_by("field", "on", maintain_order=True)
    .head(25)
)
if not options.height:
    said = "The mapping names no field with options"
elif lost.height:
    said = f"{lost.height} of {options.height} options have no counterpart; "
    said += f"{lost['records'].sum():,} values would be left out"
else:
    said = "Every option has a counterpart"
alt.Chart(few).mark_bar().encode(
    x=alt.X("records:Q", title="records that hold it"),
    y=alt.Y("label:N", sort="-x", title=None, axis=alt.Axis(labelLimit=220)),
    color=alt.Color(
        "meets:N",
        scale=alt.Scale(domain=["has a counterpart", "no counterpart"], range=[BLUE, RED]),
        title=None,
    ),
    column=alt.Column("on:N", title=None, align="all"),
    row=alt.Row("field:N", title=None, spacing=10, align="each"),
).resolve_scale(y="independent").properties(width=240, height={"step": 18}, title=said)

# %% [markdown]
# ## Both lists as a matrix
#
# People who are on both sides (by address): what they hold here, and what there. Off the diagonal are differences between
# the two databases, or pairs that nobody has written down yet.

# %%
worst = lost.group_by("field").len().sort("len", "field", descending=[True, False])
chosen = field or (worst["field"][0] if worst.height else (options["field"][0] if options.height else ""))


def holders(snapshot: pdsync.Snapshot, label: str) -> pl.LazyFrame:
    held = snapshot.options.lazy().filter(pl.col("label").is_not_null())
    mine = options.filter(side=snapshot.side, field=chosen).select("option").lazy()
    addresses = snapshot.addresses.lazy().select("id", "key").unique()
    codes = snapshot.fields.lazy().filter(pl.col("name") == chosen).select(pl.col("column").alias("field"))
    return held.join(codes, on="field", how="semi").join(mine, on="option", how="semi").join(addresses, on="id").select(
        "key", pl.col("label").alias(label)
    )  # fmt: skip


matrix = (
    holders(here.persons, "Pipedrive").join(holders(here.contacts, "Plezi"), on="key")
    .group_by("Pipedrive", "Plezi").agg(people=pl.len()).collect()
)  # fmt: skip
agree, people = matrix.filter(pl.col("Pipedrive") == pl.col("Plezi"))["people"].sum(), matrix["people"].sum()
lists = {
    side: sorted(options.filter(side=side, field=chosen)["label"].to_list(), key=str.casefold)
    for side in ("pipedrive", "plezi")
}
cells = alt.Chart(matrix).encode(
    x=alt.X(
        "Plezi:N",
        title=f"{chosen} in Plezi",
        axis=alt.Axis(labelAngle=-40),
        scale=alt.Scale(domain=lists["plezi"]),
    ),
    y=alt.Y("Pipedrive:N", title=f"{chosen} in Pipedrive", scale=alt.Scale(domain=lists["pipedrive"])),
)
(
    cells.mark_rect().encode(color=alt.Color("people:Q", scale=alt.Scale(scheme="blues"), title="people"))
    + cells.mark_text().encode(
        text="people:Q",
        color=alt.condition(
            f"datum.people > {(matrix['people'].max() or 0) / 2}", alt.value("white"), alt.value("black")
        ),
    )
).properties(
    width={"step": 52},
    height={"step": 26},
    title=f"{chosen}: {agree:,} of {people:,} people on both sides hold the option of the same name"
    if people
    else "Nobody on both sides holds an option of one field on each",
)

# %% [markdown]
# ## Proposed pairs
#
# Each line goes under `options: pairs:` of its field in the mapping, once somebody has agreed.

# %%
mismatches = (
    report.findings.lazy()
    .filter(pl.col("code").cast(pl.String) == "option-mismatch")
    .group_by("finding", maintain_order=True)
    .agg(pl.col("field", "message", "fix").cast(pl.String).first())
    .select("field", pl.col("message").alias("what"), pl.col("fix").alias("what to do"))
    .collect()
)
pdsync.Table.of("Options that differ", mismatches, shown=200)
