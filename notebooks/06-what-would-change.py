# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # What would change
#
# A plan, explored: nothing here is written to either service.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
other_mapping = ""  # another mapping file to compare with; empty: the same one with `conflicts: plezi`

# %%
import tempfile
from pathlib import Path

import altair as alt
import polars as pl

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

BLUE, ORANGE = "#0072b2", "#e69f00"
SIDES = alt.Scale(domain=["pipedrive", "plezi"], range=[BLUE, ORANGE])

here = pdsync.open_account(account)
here

# %% [markdown]
# ## The plan

# %%
plan = here.plan()
plan

# %% [markdown]
# ## By field and side

# %%
changes = plan.changes.lazy()
by_field = changes.group_by("field", "side").agg(values=pl.len()).sort("values", descending=True).collect()
total = by_field["values"].sum()

alt.Chart(by_field).mark_bar().encode(
    x=alt.X("values:Q", title="values that would be written"),
    y=alt.Y("field:N", sort="-x", title=None),
    color=alt.Color("side:N", scale=SIDES, title="written to"),
).properties(
    width=480,
    height={"step": 18},
    title=f"{by_field['field'][0]} changes most: {by_field['values'][0]:,} of {total:,} values"
    if total
    else "Nothing to write",
)

# %% [markdown]
# ## Why

# %%
by_reason = changes.group_by("why", "reason", "side").agg(values=pl.len()).collect()
by_reason = by_reason.with_columns(
    why=pl.when(pl.col("why") == "").then(pl.lit("part of a new record")).otherwise(pl.col("why"))
)
over = changes.filter(
    pl.col("before").is_not_null() & (pl.col("before") != "(empty)") & (pl.col("kind") == "update")
)
replaced = over.select(pl.len()).collect().item()

alt.Chart(by_reason).mark_bar().encode(
    x=alt.X("values:Q", title="values"),
    y=alt.Y("why:N", sort="-x", title=None, axis=alt.Axis(labelLimit=260)),
    color=alt.Color("side:N", scale=SIDES, title="written to"),
).properties(
    width=420,
    height={"step": 18},
    title=f"{replaced:,} of {total:,} values replace something; the others fill what is empty"
    if total
    else "Nothing to write",
)

# %% [markdown]
# ## Extremes
#
# Records of which most would change, and the values that would be replaced.

# %%
most = (
    changes.filter(pl.col("kind") == "update")
    .group_by("side", "pipedrive_id", "plezi_id", "title")
    .agg(values=pl.len(), fields=pl.col("field").str.join(", "))
    .sort("values", "pipedrive_id", descending=[True, False])
    .head(10)
    .collect()
)
pdsync.Table.of("Records of which most would change", most)

# %%
first = over.select("side", "title", "field", "before", "after", "why").head(1_000).collect()
pdsync.Table.of(
    "Values that would be replaced"
    if replaced <= first.height
    else f"Of {replaced:,} values that would be replaced the first",
    first,
)

# %% [markdown]
# ## What another mapping would do

# %%
if other_mapping:
    compared = pdsync.diff(here.mapping(), other_mapping, on=here)
else:
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "contacts.yaml"
        text = here.mapping().path.read_text(encoding="utf-8")
        changed.write_text(text.replace("conflicts: manual", "conflicts: plezi"), encoding="utf-8")
        compared = pdsync.diff(here.mapping(), changed, on=here)
compared

# %%
differs = compared.rows.lazy().group_by("field", "change").agg(values=pl.len()).collect()
alt.Chart(differs).mark_bar().encode(
    x=alt.X("values:Q", title="values", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("field:N", sort="-x", title=None),
    color=alt.Color(
        "change:N",
        scale=alt.Scale(
            domain=["only before", "only after", "different"], range=["#56b4e9", "#d55e00", "#009e73"]
        ),
        title="written",
    ),
).properties(
    width=420,
    height={"step": 20},
    title=f"The other mapping would write {compared.counts['only after']:,} more values, "
    f"{compared.counts['only before']:,} fewer and {compared.counts['different']:,} others"
    if differs.height
    else "Both mappings would write the same",
)
