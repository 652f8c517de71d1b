# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Sync history
#
# What was written by run and field, what failed, and what it cost.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
run = "last"  # the run to look into: its id, the beginning of it, or "last"

# %%
import altair as alt
import polars as pl
from great_tables import GT

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"

here = pdsync.open_account(account)
here

# %% [markdown]
# ## All runs

# %%
runs = here.runs.to_polars().sort("started_at")
(
    GT(
        runs.select(
            "id",
            "kind",
            "state",
            "started_at",
            "to_pipedrive",
            "to_plezi",
            "values",
            "stale",
            "failed",
            "remaining",
        )
    )
    .tab_header(title=f"{runs.height} runs, {runs['values'].sum():,} values written")
    .tab_spanner(label="records written to", columns=["to_pipedrive", "to_plezi"])
    .tab_spanner(label="changes", columns=["stale", "failed", "remaining"])
    .cols_label(to_pipedrive="Pipedrive", to_plezi="Plezi", started_at="started (UTC)")
    .fmt_datetime("started_at", date_style="iso", time_style="iso-short")
    .fmt_integer(["to_pipedrive", "to_plezi", "values", "stale", "failed", "remaining"])
    .opt_horizontal_padding(scale=2)
    .tab_options(table_font_size="13px", heading_align="left", table_margin_left="0px")
)

# %%
written = runs.select("id", "to_pipedrive", "to_plezi").unpivot(
    index="id", variable_name="side", value_name="records"
)
done = int(written["records"].sum() or 0)
alt.Chart(written.with_columns(pl.col("side").str.strip_prefix("to_"))).mark_bar().encode(
    x=alt.X("records:Q", title="records written"),
    y=alt.Y("id:N", title=None),
    color=alt.Color(
        "side:N", scale=alt.Scale(domain=["pipedrive", "plezi"], range=[BLUE, ORANGE]), title="written to"
    ),
).properties(width=460, height={"step": 24}, title=f"{runs.height} runs have written {done:,} records")

# %% [markdown]
# ## One run, by field

# %%
chosen = here.run(run)
chosen

# %%
OUTCOMES = ["done", "adopted", "not-stored-as-sent", "stale", "skipped", "failed"]
journal = chosen.journal.lazy()  # of a large run it stays on the disk; only what is counted comes here
by_field = (
    journal.group_by("field", "outcome")
    .agg(values=pl.len())
    .sort("values", "field", "outcome", descending=True)
    .collect()
)
total = by_field["values"].sum()
well = by_field.filter(pl.col("outcome").is_in(["done", "adopted"]))["values"].sum()
alt.Chart(by_field).mark_bar().encode(
    x=alt.X("values:Q", title="values"),
    y=alt.Y("field:N", sort="-x", title=None),
    color=alt.Color(
        "outcome:N",
        scale=alt.Scale(domain=OUTCOMES, range=[BLUE, "#56b4e9", "#f0e442", ORANGE, "#999999", RED]),
        title=None,
    ),
).properties(
    width=460,
    height={"step": 18},
    title=f"{well:,} of {total:,} values were written as planned" if total else "This run wrote nothing",
)

# %% [markdown]
# ## What did not work
#
# *Stale*: somebody changed the value between planning and writing, so it was left alone. The next plan looks at it again.

# %%
troubles = journal.filter(~pl.col("outcome").is_in(["done", "adopted"])).head(1_000).collect()
pdsync.Table.of(
    "Values that were not written as planned" if troubles.height else "Everything was written as planned",
    troubles.select("outcome", "side", "pipedrive_id", "plezi_id", "field", "before", "after", "error"),
)

# %% [markdown]
# ## Budget
#
# Tokens of Pipedrive's daily budget, as each plan counted them beforehand.

# %%
cost = runs.filter(pl.col("tokens").is_not_null())
alt.Chart(cost).mark_bar(color=GREEN).encode(
    x=alt.X("tokens:Q", title="tokens of Pipedrive's daily budget"),
    y=alt.Y("id:N", title=None),
).properties(
    width=460,
    height={"step": 24},
    title=f"The runs cost {int(cost['tokens'].sum() or 0):,} tokens, {int(cost['tokens'].max() or 0):,} at most at once",
)
