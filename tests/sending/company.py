"""A company of many reps, in which every text and number of a row tells whose it is: a canary that must not escape."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

REPS = 200
DEALS = 4
AS_OF = "2026-11-22"

BOOK = """\
version: 1
name: Canary Ltd
currency: USD
tables:
  users:
    source: users.csv
    key: id
    columns: {id: id, name: name, email: email, active: {header: active, type: boolean}, team: team}
    fields: {best: max(deals.amount)}
  accounts:
    source: accounts.csv
    key: id
    columns: {id: id, name: name, owner: owner}
    lookups: {rep: {table: users, column: owner}}
    fields: {total: sum(deals.amount)}
  items:
    source: items.csv
    key: id
    columns: {id: id, deal: deal, product: product, worth: {header: worth, type: money}}
    lookups: {deal: {table: deals, column: deal}, product: {table: products, column: product}}
  products:
    source: products.csv
    key: id
    columns: {id: id, name: name, keeper: keeper}
    lookups: {rep: {table: users, column: keeper}}
    fields: {sold: sum(items.worth)}
  deals:
    source: deals.csv
    key: id
    date: closed
    columns:
      id: id
      owner: owner
      account_id: account
      name: name
      stage: stage
      source: source
      product: product
      helper: helper
      amount: {header: amount, type: money}
      closed: {header: closed, type: date}
    fields: {won: stage like 'Won%', worth: sum(items.worth)}
    lookups:
      rep: {table: users, column: owner}
      account: {table: accounts, column: account_id}
      product: {table: products, column: product}
  quotas:
    source: quotas.csv
    key: [owner, month]
    date: month
    covers: month
    columns: {owner: owner, month: {header: month, type: date}, amount: {header: amount, type: money}}
    lookups: {rep: {table: users, column: owner}}
dimensions:
  owner:
    field: {deals: owner, accounts: owner, quotas: owner, users: id}
    members: users
    where: active
    label: name
  source: source
  account: {field: {deals: account.name}}
  keeper: {field: {deals: account.rep.name}}
  product: {field: {deals: product.name}}
  product_keeper: {field: {deals: product.keeper}}
  helper: {field: {deals: helper}, members: users, label: name}
pipeline: [close]
goals:
  grow: {name: Grow, level: company}
  sell: {name: Sell, level: individual, parent: grow}
kpis:
  won:
    {name: Won, role: lagging, goal: sell, formula: sum(deals.amount where won), unit: money,
     target: sum(quotas.amount)}
  deals: {role: leading, goal: sell, formula: count(deals), target: {total: 300 per month, owner: 2 per month}}
  best_rep: {role: lagging, goal: sell, formula: top(owner by sum(deals.amount)), unit: text}
  best_source: {role: lagging, goal: sell, formula: top(source by sum(deals.amount)), unit: text}
  best_keeper: {role: lagging, goal: sell, formula: top(keeper by sum(deals.amount)), unit: text}
  best_product: {role: lagging, goal: sell, formula: top(product by sum(deals.amount)), unit: text}
  product_keeper: {role: lagging, goal: sell, formula: top(product_keeper by sum(deals.amount)), unit: text}
  best_helper: {role: lagging, goal: sell, formula: top(helper by sum(deals.amount)), unit: text}
  worth: {role: lagging, goal: sell, formula: sum(deals.worth), unit: money}
  sold: {role: lagging, goal: sell, formula: sum(deals.product.sold), unit: money}
  largest: {role: lagging, goal: sell, formula: max(deals.name), unit: text}
  highest: {role: lagging, goal: sell, formula: max(sum(deals.amount) by owner), unit: money}
  part: {role: lagging, goal: sell, formula: share(sum(deals.amount)), unit: percent}
  twice: {role: lagging, goal: sell, formula: part * 2, unit: percent}
  beside: {role: lagging, goal: sell, formula: sum(deals.account.total), unit: money}
  above: {role: lagging, goal: sell, formula: sum(deals.rep.best), unit: money}
  own_accounts: {role: lagging, goal: sell, formula: count(accounts where total > 0)}
  growing: {role: lagging, goal: sell, formula: growth(won), unit: percent, target: 1%}
  aimed: {role: lagging, goal: sell, formula: count(deals) / 1, target: part * 100}
scorecards:
  mine:
    name: My numbers
    kpis:
      [won, deals, best_rep, best_source, best_keeper, best_product, product_keeper,
       best_helper, worth, sold, largest, highest, part, twice, beside, above, own_accounts,
       growing, aimed]
    by: owner
    trend: 3
mail: {server: localhost, security: none, from: KPIs <kpi@example.com>}
deliveries:
  reps:
    scorecard: mine
    to: {each: owner, address: users.email}
    subject: "{member}, your numbers for {period}"
    attach: [ATTACHED]
"""


def canary(rep: int) -> str:
    """What stands in each text of a rep, and in no other's."""
    return f"zq{rep:03}zq"


def amount(rep: int, deal: int) -> int:
    """An amount that no other deal has, and of which no sum is another's."""
    return 1_000_003 * (rep + 1) * 1_009 + deal * 7_919 + 13


def write(folder: Path, attached: str, reps: int = REPS) -> Path:
    """The company's book and exports in a folder; the book's path."""
    users, accounts, deals, items, quotas = [], [], [], [], []
    for rep in range(reps):
        mark = canary(rep)
        users.append(f"u{mark},Rep {mark},{mark}@example.com,true,team {mark}")
        accounts.append(f"a{mark},Account {mark},u{mark}")
        quotas.append(f"u{mark},2026-11-01,{amount(rep, 99)}")
        for deal in range(DEALS):
            closed = f"2026-{11 - deal % 2:02}-{deal + 3:02}"
            # Some deals are with an account that somebody else keeps.
            account = canary((rep + 1) % reps) if deal == 1 else mark
            stage = f"Won {mark}" if deal < 3 else f"Open {mark}"
            named = f"d{mark}{deal},u{mark},a{account},Deal {mark} {deal}"
            helper = canary((rep + 2) % reps)
            deals.append(f"{named},{stage},Source {mark},p1,u{helper},{amount(rep, deal)},{closed}")
            items.append(f"i{mark}{deal},d{mark}{deal},p1,{amount(rep, 50 + deal)}")
    _save(folder / "users.csv", "id,name,email,active,team", users)
    _save(folder / "accounts.csv", "id,name,owner", accounts)
    _save(folder / "deals.csv", "id,owner,account,name,stage,source,product,helper,amount,closed", deals)
    _save(folder / "items.csv", "id,deal,product,worth", items)
    _save(folder / "products.csv", "id,name,keeper", [f"p1,Product,u{canary(reps - 1)}"])
    _save(folder / "quotas.csv", "owner,month,amount", quotas)
    book = folder / "kpis.yaml"
    book.write_text(BOOK.replace("ATTACHED", attached), encoding="utf-8")
    return book


def _save(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def parsed(content: bytes) -> EmailMessage:
    """A message as a mail program reads it."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def told(content: bytes) -> str:
    """All texts of a message: as it is sent, its headers, each part as it is read, and what workbooks hold."""
    message = parsed(content)
    texts = [content.decode("ascii"), *(f"{name}: {value}" for name, value in message.items())]
    for part in message.walk():
        texts += [f"{name}: {value}" for name, value in part.items()]
        texts.append(part.get_filename() or "")
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            texts.append(payload.decode("utf-8", "replace"))
            if is_zipfile(BytesIO(payload)):
                with ZipFile(BytesIO(payload)) as packed:
                    texts += [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
    return "\n".join(texts)


def reps_in(text: str) -> set[int]:
    """The reps of whom a text tells, by their canaries."""
    return {int(found) for found in re.findall(r"zq(\d{3})zq", text)}


def amounts_in(text: str) -> set[int]:
    """The whole numbers of a text, however they are grouped."""
    return {int(found.replace(",", "")) for found in re.findall(r"(?<![\d.])\d[\d,]{6,}", text)}
