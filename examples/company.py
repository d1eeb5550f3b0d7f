"""Tarnfield Software at work: who is there, what the market is like, and what happens day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from examples.dice import Dice
from examples.names import FIRST_NAMES, LAST_NAMES, company_name, plain

WARM_UP = date(2024, 5, 1)
"""The company works from here on, so that deals are already under way when the exports begin."""
FIRST_DAY = date(2024, 12, 1)
LAST_DAY = date(2026, 11, 22)


# ---- people


@dataclass(frozen=True)
class User:
    id: str
    name: str
    role: str
    team: str
    manager: str
    hired: date
    strength: int = 100
    """How well a seller sells, in percent of the core."""
    left: date | None = None

    def capacity(self, day: date) -> int:
        """How much of a full load the user carries on a day, in percent: new people ramp up over four months."""
        if day < self.hired or (self.left is not None and day > self.left):
            return 0
        return (15, 40, 65, 85, 100)[min((day - self.hired).days // 30, 4)]


SELLER, DEVELOPER = "Account Executive", "Sales Development"
EAST, WEST, DEVELOPMENT = "005TF0000000002", "005TF0000000003", "005TF0000000004"

USERS = (
    User("005TF0000000001", "Helena Strandvik", "VP Sales", "Leadership", "", date(2019, 2, 4)),
    User(EAST, "Greta Hollowell", "Sales Manager", "East", "005TF0000000001", date(2020, 1, 13)),
    User(WEST, "Samir Castellane", "Sales Manager", "West", "005TF0000000001", date(2021, 6, 7)),
    User(DEVELOPMENT, "Ivo Pemberley", "Sales Manager", "Development", "005TF0000000001", date(2022, 3, 21)),
    User("005TF0000000011", "Maren Oakhurst", SELLER, "East", EAST, date(2020, 5, 11), 160),
    User("005TF0000000012", "Tobias Fennimore", SELLER, "East", EAST, date(2021, 9, 1), 105),
    User("005TF0000000013", "Inès Callowhill", SELLER, "East", EAST, date(2023, 2, 6), 90),
    User("005TF0000000014", "Zoë Brandvold", SELLER, "East", EAST, date(2025, 9, 15), 95),
    User("005TF0000000021", "Dario Lindqvist-Moe", SELLER, "West", WEST, date(2019, 8, 19), 140),
    User("005TF0000000022", "Priya Valmontagne", SELLER, "West", WEST, date(2022, 11, 14), 100),
    User("005TF0000000023", "Keaton Marshfield", SELLER, "West", WEST, date(2023, 7, 10), 60, date(2026, 3, 31)),
    User("005TF0000000024", "Oskar Tallowby", SELLER, "West", WEST, date(2023, 10, 2), 95),
    User("005TF0000000025", "Nadia Żurawik", SELLER, "West", WEST, date(2026, 5, 4), 90),
    User("005TF0000000031", "Lena Whitcombe", DEVELOPER, "Development", DEVELOPMENT, date(2022, 4, 4)),
    User("005TF0000000032", "Rui Falcãozinho", DEVELOPER, "Development", DEVELOPMENT, date(2023, 9, 18)),
    User("005TF0000000033", "Ada Birchallow", DEVELOPER, "Development", DEVELOPMENT, date(2025, 6, 2)),
)
SELLERS = tuple(user for user in USERS if user.role == SELLER)
DEVELOPERS = tuple(user for user in USERS if user.role == DEVELOPER)
QUEUE = "00GTF0000000001"
"""A Salesforce queue: it owns leads and is no user."""
NOBODY = "000000000000000AAA"
"""What Salesforce writes for an empty lookup."""


# ---- days


def workday(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies so many months later."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months(first: date, last: date) -> Iterator[date]:
    """The first day of every month from that of `first` to that of `last`."""
    day = month_start(first)
    while day <= last:
        yield day
        day = month_start(day, 1)


def stamp(dice: Dice, day: date) -> str:
    """A timestamp in UTC within the day in New York; evenings there are the next day in UTC."""
    hour = dice.weighted([(dice.between(13, 22), 92), (dice.between(23, 27), 8)])
    minute, second = dice.below(60), dice.below(60)
    return f"{day + timedelta(days=hour // 24)}T{hour % 24:02d}:{minute:02d}:{second:02d}.000+0000"


# ---- the market

SOURCES = (("Website", 32), ("Webinar", 16), ("Outbound", 18), ("Event", 12), ("Referral", 12), ("Partner", 10))
QUALIFIES = {"Website": 36, "Webinar": 40, "Outbound": 34, "Event": 46, "Referral": 64, "Partner": 54}
CONVERTS = {"Website": 50, "Webinar": 48, "Outbound": 46, "Event": 54, "Referral": 70, "Partner": 64}
WINS = {"Website": 23, "Webinar": 20, "Outbound": 17, "Event": 25, "Referral": 38, "Partner": 31}
LEADS_BY_MONTH = (105, 100, 112, 102, 104, 94, 80, 74, 116, 120, 104, 66)
COUNTRIES = (("United States", 70), ("Canada", 12), ("Germany", 6), ("Norway", 4), ("Brazil", 4), ("Poland", 4))
SEGMENTS = (("Small", 58), ("Mid-size", 31), ("Enterprise", 11))
MONTHLY_FEE = {"Small": (750, 1_650), "Mid-size": (1_800, 3_900), "Enterprise": (4_800, 10_500)}
CYCLE = {"Small": (28, 80), "Mid-size": (48, 125), "Enterprise": (85, 190)}
ASSESSED = {"Small": 25, "Mid-size": 45, "Enterprise": 70}
TITLES = (
    ("CEO", 8),
    ("CFO", 7),
    ("COO", 9),
    ("VP Operations", 12),
    ("Head of IT", 18),
    ("Logistics Manager", 26),
    ("Warehouse Lead", 12),
    ("Analyst", 8),
)


@dataclass(frozen=True)
class Account:
    id: str
    name: str
    segment: str
    country: str
    owner: str
    since: date | None = None
    """Since when a customer of the time before this CRM has been one."""
    cancelled: date | None = None


@dataclass(frozen=True)
class Contact:
    id: str
    account: str
    first: str
    last: str
    title: str
    email: str


@dataclass(frozen=True)
class Lead:
    id: str
    contact: tuple[str, str]
    company: str
    source: str
    status: str
    owner: str
    created: str
    qualified: date | None
    converted: date | None
    opportunity: str


@dataclass(frozen=True)
class Line:
    opportunity: str
    product: str
    billing: str
    quantity: int
    price: int
    """For a year where billing is recurring."""


@dataclass(frozen=True)
class Opportunity:
    id: str
    account: Account
    kind: str
    source: str
    owner: str
    stage: str
    amount: int
    created: date
    close: date
    proposal: date | None
    modified: date

    @property
    def closed(self) -> bool:
        return self.stage.startswith("Closed")

    @property
    def won(self) -> bool:
        return self.stage == "Closed Won"


@dataclass(frozen=True)
class Activity:
    day: date
    kind: str
    status: str
    owner: str
    who: str
    what: str


def status_of(dice: Dice, day: date, done: str, undone: Sequence[tuple[str, int]], planned: str) -> str:
    """The status of an activity: planned ahead of the last day, else done more often than not."""
    return planned if day > LAST_DAY else dice.weighted([(done, 88), *undone])


@dataclass
class Company:
    """The company at work: each method lets something happen and keeps the rows that it leaves."""

    dice: Dice
    accounts: list[Account] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    tasks: list[Activity] = field(default_factory=list)
    events: list[Activity] = field(default_factory=list)
    customers: list[Account] = field(default_factory=list)
    companies: int = 0

    def found(self) -> None:
        """The customers of the time before this CRM."""
        for _ in range(128):
            since = date(2018, 3, 1) + timedelta(days=self.dice.below(2_200))
            account = self.account(WARM_UP, self.dice.weighted(SEGMENTS))
            gone = WARM_UP + timedelta(days=self.dice.below(930)) if self.dice.chance(16) else None
            self.accounts[-1] = replace(account, since=since, cancelled=gone if gone and gone <= LAST_DAY else None)
            self.customers.append(self.accounts[-1])

    def work(self, day: date) -> None:
        """One day of the company."""
        busy = 100 if day.weekday() < 5 else 22
        growth = 100 + (day - WARM_UP).days * 45 // 900
        thousandths = 26 * LEADS_BY_MONTH[day.month - 1] * busy * growth // 10_000 * self.dice.between(50, 150) // 100
        for _ in range(thousandths // 1_000 + (self.dice.below(1_000) < thousandths % 1_000)):
            self.lead(day)
        if day.weekday() < 5 and self.dice.chance(23):
            account = self.dice.pick(self.customers)
            if account.cancelled is None:
                self.opportunity(account, day, "Expansion", "Customer")

    def account(self, day: date, segment: str) -> Account:
        """A new account with one to three people in it."""
        dice, number = self.dice, len(self.accounts) + 1
        name = company_name(self.companies)
        self.companies += 1
        owner = self.seller(day).id
        account = Account(f"001TF{number:010d}", name, segment, dice.weighted(COUNTRIES), owner)
        self.accounts.append(account)
        for _ in range(dice.between(1, 3)):
            first, last = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
            email = f"{plain(first)}.{plain(last)}@{plain(name)}.example.com"
            contact_id = f"003TF{len(self.contacts) + 1:010d}"
            self.contacts.append(Contact(contact_id, account.id, first, last, dice.weighted(TITLES), email))
        return account

    def seller(self, day: date) -> User:
        return self.dice.weighted([(user, user.capacity(day) * (300 + user.strength)) for user in SELLERS])

    def lead(self, day: date) -> None:
        """A lead comes in, is worked, and becomes a deal or doesn't."""
        dice = self.dice
        source = dice.weighted(SOURCES)
        owner = dice.weighted([(user.id, user.capacity(day)) for user in DEVELOPERS])
        qualified = workday(day + timedelta(days=dice.bell(1, 12))) if dice.chance(QUALIFIES[source]) else None
        converted = workday(qualified + timedelta(days=dice.bell(1, 15))) if qualified else None
        if not dice.chance(CONVERTS[source]) or (converted and converted > LAST_DAY):
            converted = None
        if qualified and qualified > LAST_DAY:
            qualified = None
        person, company, opportunity = (dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)), "", ""
        if converted:
            account = self.account(converted, dice.weighted(SEGMENTS))
            company = account.name
            if not dice.chance(3):
                opportunity = self.opportunity(account, converted, "New Business", source)
        else:
            company = company_name(self.companies)
            self.companies += dice.below(2)
        lead_id = f"00QTF{len(self.leads) + 1:010d}"
        status = self.lead_status(day, qualified, converted)
        self.leads.append(
            Lead(lead_id, person, company, source, status, owner, stamp(dice, day), qualified, converted, opportunity)
        )
        self.work_lead(lead_id, owner, day, converted, 1 + (qualified is not None))

    def lead_status(self, day: date, qualified: date | None, converted: date | None) -> str:
        if converted:
            return "Converted"
        if qualified:
            return "Qualified"
        if day > LAST_DAY - timedelta(days=14):
            return self.dice.weighted([("New", 50), ("Working", 50)])
        return self.dice.weighted([("Disqualified", 70), ("Nurturing", 30)])

    def work_lead(self, lead_id: str, owner: str, day: date, converted: date | None, effort: int) -> None:
        """Calls and e-mails to a lead, and often a first meeting before it converts."""
        dice = self.dice
        for _ in range(dice.between(effort, effort + 1)):
            day = workday(day + timedelta(days=dice.between(0, 4)))
            status = status_of(dice, day, "Completed", [("Not Started", 8), ("Deferred", 4)], "Not Started")
            kind = dice.weighted([("Call", 55), ("Email", 43), ("System", 2)])
            self.tasks.append(Activity(day, kind, status, owner, lead_id, dice.weighted([("", 90), (NOBODY, 10)])))
        if converted and dice.chance(60):
            status = status_of(dice, converted, "Held", [("No show", 8), ("Cancelled", 4)], "Planned")
            self.events.append(Activity(converted, "Meeting", status, owner, lead_id, ""))

    def opportunity(self, account: Account, created: date, kind: str, source: str) -> str:
        """A deal from its first day to its last, or to today."""
        dice, seller = self.dice, self.seller(created)
        assessed = kind == "New Business" and dice.chance(ASSESSED[account.segment])
        chance = (WINS[source] if kind == "New Business" else 46) * seller.strength // 100 + (8 if assessed else 0)
        wins = dice.chance(chance)
        proposes = wins or dice.chance(58)
        days = dice.bell(*CYCLE[account.segment]) * (100 if wins else 110) // (100 if kind == "New Business" else 180)
        close = self.closing_day(created, days)
        days = (close - created).days
        owner = seller.id if seller.left is None or close <= seller.left else seller.manager
        proposal = workday(created + timedelta(days=days * dice.between(40, 60) // 100)) if proposes else None
        stage = self.stage(created, close, proposal, "Closed Won" if wins else "Closed Lost")
        proposal = proposal if proposal and proposal <= min(close, LAST_DAY) else None
        modified = close if stage.startswith("Closed") else max(created, LAST_DAY - timedelta(days=dice.below(30)))
        opportunity_id = f"006TF{len(self.opportunities) + 1:010d}"
        share = 100 if kind == "New Business" else 40
        monthly = dice.bell(*MONTHLY_FEE[account.segment]) * share // 1_000 * 10
        amount = self.propose(opportunity_id, monthly, created) if proposal else monthly * 12
        self.opportunities.append(
            Opportunity(opportunity_id, account, kind, source, owner, stage, amount, created, close, proposal, modified)
        )
        if wins and close <= LAST_DAY and kind == "New Business":
            self.customers.append(account)
            index = self.accounts.index(account)
            gone = close + timedelta(days=dice.between(300, 700)) if dice.chance(14) else None
            self.accounts[index] = replace(account, owner=owner, cancelled=gone if gone and gone <= LAST_DAY else None)
        self.work_deal(self.opportunities[-1], seller, assessed=assessed)
        return opportunity_id

    def closing_day(self, created: date, days: int) -> date:
        """The end of a sales cycle; a quarter's end pulls in what is due soon after it."""
        close = created + timedelta(days=days)
        quarter = month_start(close, -((close.month - 1) % 3))
        late = (close - quarter).days
        if late <= 18 and quarter - timedelta(days=1) > created and self.dice.chance(45):
            close = quarter - timedelta(days=self.dice.between(1, 6))
        earlier = close - timedelta(days=(0, 0, 0, 0, 0, 1, 2)[close.weekday()])
        return max(earlier, created + timedelta(days=3))

    def stage(self, created: date, close: date, proposal: date | None, end: str) -> str:
        if close <= LAST_DAY:
            return end
        if proposal and proposal <= LAST_DAY:
            return "Negotiation" if (LAST_DAY - proposal).days > 14 else "Proposal"
        return "Demo" if (LAST_DAY - created).days > 12 else "Discovery"

    def propose(self, opportunity_id: str, monthly: int, day: date) -> int:
        """The lines of a proposal; their total."""
        dice = self.dice
        seats = dice.between(5, 40)
        lines = [Line(opportunity_id, "Platform", "Recurring", seats, monthly * 12 // seats // 12 * 12)]
        if dice.chance(26 + (day.year - 2024) * 5):
            lines.append(Line(opportunity_id, "Insights", "Recurring", 1, monthly * 3))
        if dice.chance(20):
            lines.append(Line(opportunity_id, "Support Plus", "Recurring", 1, monthly * 3 // 2))
        if dice.chance(65):
            lines.append(Line(opportunity_id, "Onboarding", "One-time", 1, monthly * 2))
        self.lines += lines
        return sum(line.quantity * line.price for line in lines)

    def work_deal(self, deal: Opportunity, seller: User, *, assessed: bool) -> None:
        """The calls, e-mails and meetings of a deal, and what is planned for the next two weeks."""
        dice = self.dice
        people = [contact for contact in self.contacts if contact.account == deal.account.id]
        heads = [contact for contact in people if contact.title.startswith(("C", "VP"))]
        until = min(deal.close, LAST_DAY + timedelta(days=14))
        day = deal.created
        while (day := workday(day + timedelta(days=dice.between(6, 18)))) <= until:
            status = status_of(dice, day, "Completed", [("Not Started", 8), ("Deferred", 4)], "Not Started")
            kind = dice.weighted([("Call", 45), ("Email", 52), ("System", 3)])
            what = dice.weighted([(deal.id, 86), (deal.account.id, 8), ("a0XTF0000000007", 3), (NOBODY, 3)])
            self.tasks.append(Activity(day, kind, status, self.worker(deal, seller, day), dice.pick(people).id, what))
        for share, kind in ((15, "Demo"), (35, "ROI assessment"), (62, "Proposal review"), (85, "Meeting")):
            day = workday(deal.created + timedelta(days=(deal.close - deal.created).days * share // 100))
            if day > until or (kind == "ROI assessment" and not assessed) or (share > 60 and not deal.proposal):
                continue
            status = status_of(dice, day, "Held", [("No show", 7), ("Cancelled", 5)], "Planned")
            who = dice.pick(heads or people) if kind == "ROI assessment" else dice.pick(people)
            self.events.append(Activity(day, kind, status, self.worker(deal, seller, day), who.id, deal.id))

    def worker(self, deal: Opportunity, seller: User, day: date) -> str:
        return seller.id if seller.left is None or day <= seller.left else deal.owner


def at_work(dice: Dice) -> Company:
    """The company after its last day."""
    company = Company(dice)
    company.found()
    for days in range((LAST_DAY - WARM_UP).days + 1):
        company.work(WARM_UP + timedelta(days=days))
    return company
