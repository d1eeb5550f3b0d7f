"""Names of companies and people that don't exist, and their addresses."""

from __future__ import annotations

from unicodedata import normalize


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STEMS = words(
    "Aldermoor Brackwater Cindervale Dunhollow Eastmere Fallowgate Grimsund Hawkridge Ingleford Jadebrook Kestrelby "
    "Larkwater Mosshaven Netherby Oakenfell Pinemarsh Quernstone Ravenscar Saltbridge Thornwick Umberley Vexford "
    "Wolfsden Yarrowdale Zephyrine Ashcombe Birchgrove Copperfield Dovetail Embermoor Fernlea Goosander Hazelmount "
    "Ironwell Junewell Knapsend Lindenau Müritz Nordhavn Ørestrand Pämpelfurt Quillby Rosenfeld São-Bento Tvärsjö "
    "Überlingen Vårdal Wiśnicz Xanten Ystadby Łódzka Ångermark Belmontane Córdell Drăganest Évreville Fjordane "
    "Gökalan Hradistko Ílhavense Jõeveer Kőszegi Lœuvre Mahlow"
)
KINDS = words("Logistics Freight Cargo Warehousing Haulage Parcel Shipping Couriers Storage Lines Express Distribution")
ENDINGS = ("", " Group", " Ltd", " & Sons")
FIRST_NAMES = words(
    "Aino Bastian Cleo Dagny Elio Femke Goran Hedda Imre Jorun Kasimir Liv Matteo Noor Odile Pál Quirin Runa Søren "
    "Thea Ulla Viggo Wanda Xenia Yorick Zelda Ásta Brónagh Chloé Dušan"
)
LAST_NAMES = words(
    "Abernale Brockhurst Castellow Dunmarch Eskeby Farrowin Glimdale Harkvale Isenbrand Jorvikson Kellermoor "
    "Lowenthorpe Marlefield Nyquistad Ollerby Pemmican Quenneth Rothbury Skarnes Tilburne Underhaug Vanterpole "
    "Wexcombe Yndesdal Zellweg Åkerholm Brønsted Çelikkol Dvořáčka Estévanez Fürstner Grünwalde"
)


def company_name(number: int) -> str:
    """A different name for every number below 3,000."""
    turn = number // len(STEMS)
    ending = ENDINGS[turn // len(KINDS) % len(ENDINGS)]
    return f"{STEMS[number % len(STEMS)]} {KINDS[(turn + number) % len(KINDS)]}{ending}"


def plain(name: str) -> str:
    """A name as it stands in an e-mail address."""
    ascii_only = normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "".join(c if c.isalnum() else "-" for c in ascii_only)
