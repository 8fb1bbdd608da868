"""Small files for tests of the import, and the reference file."""

from pathlib import Path

from pipeline.commands.importing.files import Files, Upload

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "crm-sales-opportunities"
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"
TEAMS = b"sales_agent,manager,regional_office\nAnna Snelling,Dustin Brinkmann,Central\nCarl Lin,Summer Sewald,West\n"
PRODUCTS = b"product,series,sales_price\nGTX Pro,GTX,4821\nMG Special,MG,55\n"
ACCOUNTS = b"account,sector,office_location,subsidiary_of\nCancity,retail,Kenya,Isdom\nIsdom,technolgy,Kenya,\n"
WON = "A1,Anna Snelling,GTX Pro,Cancity,Won,2016-10-20,2017-03-01,1054"
LOST = "A2,Carl Lin,MG Special,Isdom,Lost,2016-10-20,2017-03-01,0"
ENGAGING = "A3,Carl Lin,MG Special,Isdom,Engaging,2016-11-20,,"


def files(*rows: str, map: str = "", header: str = HEADER, name: str = "deals.csv", data: bytes | None = None) -> Files:
    """A file of these rows, with one product list, one account list and two agents."""
    text = "\n".join([header, *rows]) + "\n"
    return Files(
        Upload(name, text.encode() if data is None else data),
        Upload("accounts.csv", ACCOUNTS),
        Upload("products.csv", PRODUCTS),
        Upload("sales_teams.csv", TEAMS),
        Upload("map.yaml", map.encode()) if map else None,
    )


def reference(with_map: bool = False) -> Files:
    """The whole reference input."""
    names = {"deals": "sales_pipeline", "accounts": "accounts", "products": "products", "teams": "sales_teams"}
    found = {name: Upload(f"{file}.csv", (SAMPLES / f"{file}.csv").read_bytes()) for name, file in names.items()}
    if with_map:
        found["map"] = Upload("map.yaml", (SAMPLES / "map.yaml").read_bytes())
    return Files(**found)
