# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Duplicate emails
#
# Two records with one address: nobody can tell whose contact that is. Plezi's own connector writes the first one's data
# over the second (R17); pdsync writes to neither until a person has decided.

# %% tags=["parameters"]
account = "demo"  # the folder with pdsync.toml and .pdsync; "demo": invented people, no account needed
shown = 500  # so many clusters are listed, the largest first
searchable = True  # tables to search and sort, which need scripts; False in report pages, which have none

# %%
import altair as alt
import polars as pl
from IPython.display import display
from itables import init_notebook_mode, show

import pdsync

pdsync.charts()  # pictures, which need neither scripts nor a network
if searchable:
    init_notebook_mode(connected=False)  # its scripts come from this machine

BLUE, ORANGE, RED = "#0072b2", "#e69f00", "#d55e00"
LAYOUT = {"topStart": "search", "topEnd": None, "bottomStart": "info", "bottomEnd": "paging"}


def listed(title: str, rows: pl.DataFrame) -> None:
    """A table to search and sort, or the first rows of it; what stands in it is shown as text, never run."""
    if searchable:
        show(
            rows,
            caption=title,
            layout=LAYOUT,
            classes="display compact",
            show_dtypes=False,
            allow_html=False,
            maxBytes=0,
        )
    else:
        display(pdsync.Table.of(title, rows, shown=shown))


here = pdsync.open_account(account)
report = here.audit()
here

# %% [markdown]
# ## How many, and what would be lost

# %%
found = report.findings.lazy().filter(pl.col("code").cast(pl.String) == "duplicate-email")
members = found.select(
    "finding",
    pl.col("side").cast(pl.String),
    "id",
    pl.col("message").cast(pl.String),
    pl.col("details").str.json_path_match("$.role").alias("role"),
    pl.col("details").str.json_path_match("$.addresses[0].delivered").alias("address"),
).collect()
sharing = members.filter(role="shares")
clusters = (
    sharing.group_by("finding", maintain_order=True)
    .agg(
        persons=(pl.col("side") == "pipedrive").sum(),
        sharing=pl.len(),
        address=pl.col("address").first(),
    )
    .join(members.group_by("finding").agg(contacts=(pl.col("side") == "plezi").sum()), on="finding")
)
overwritten = int(clusters.select((pl.col("persons") - 1).clip(0).sum()).item() or 0)
persons = int(clusters["persons"].sum())

sizes = clusters.group_by("sharing").agg(clusters=pl.len()).sort("sharing")
alt.Chart(sizes).mark_bar(color=BLUE).encode(
    x=alt.X("sharing:O", title="records that share an address", axis=alt.Axis(labelAngle=0)),
    y=alt.Y("clusters:Q", title="clusters", axis=alt.Axis(tickMinStep=1)),
).properties(
    width=420,
    height=200,
    title=f"Plezi's own connector would overwrite {overwritten:,} of {persons:,} persons who share an address"
    if clusters.height
    else "No two records share an address",
)

# %% [markdown]
# ## The clusters
#
# The largest first. Each can be opened in Pipedrive by its id. Contacts are those that hold the address in Plezi.

# %%
who = members.group_by("finding").agg(
    records=pl.format("{}/{}", "side", "id").str.join(", "), what=pl.col("message").first()
)
listed(
    "Clusters",
    clusters.sort("sharing", "address", descending=[True, False])
    .head(shown)
    .join(who, on="finding", maintain_order="left")
    .select("address", "persons", "contacts", "records", "what"),
)

# %% [markdown]
# ## Ways to resolve them, and what each costs
#
# Counted for all clusters at once; in practice each cluster gets the way that fits it.

# %%
names = here.persons.records.lazy().select(
    "id",
    pl.concat_str("first_name", "last_name", separator=" ", ignore_nulls=True)
    .str.to_lowercase()
    .alias("name"),
)
of_persons = sharing.lazy().filter(side="pipedrive").join(names, on="id", how="left")
one_name = (
    of_persons.group_by("finding")
    .agg(people=pl.len(), names=pl.col("name").n_unique())
    .filter((pl.col("people") > 1) & (pl.col("names") == 1))
    .collect()
)
shared = clusters.height - one_name.height

ways = pl.DataFrame(
    {
        "way": ["merge the persons", "give each an address of its own", "leave it to the connector"],
        "fits": [
            f"one person twice, where all bear one name ({one_name.height} of {clusters.height} clusters)",
            f"several people, one mailbox, where names differ ({shared} of {clusters.height} clusters)",
            "never",
        ],
        "edits": [overwritten, overwritten, 0],
        "persons lost": [0, 0, overwritten],
    }
)
pdsync.Table.of("Ways to resolve all clusters", ways)

# %%
kinds = pl.DataFrame({"kind": ["one name", "different names"], "clusters": [one_name.height, shared]})
alt.Chart(kinds).mark_bar().encode(
    x=alt.X("clusters:Q", title="clusters", axis=alt.Axis(tickMinStep=1)),
    y=alt.Y("kind:N", title=None, sort=None),
    color=alt.Color(
        "kind:N", scale=alt.Scale(domain=["one name", "different names"], range=[BLUE, ORANGE]), legend=None
    ),
).properties(
    width=420,
    height=80,
    title=f"One person twice in {one_name.height} of {clusters.height} clusters; several people in the others"
    if clusters.height
    else "Nothing to resolve",
)
