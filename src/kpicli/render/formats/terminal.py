"""The scorecard for people at a terminal: leading KPIs, lagging KPIs, members, goals, and what to know about them."""

from __future__ import annotations

from kpicli.render.page.contributions import draw_contributions
from kpicli.render.page.foot import draw_absences, draw_data, draw_hint, draw_legend, draw_windows
from kpicli.render.page.goals import draw_goals
from kpicli.render.page.heading import draw_heading
from kpicli.render.page.headlines import draw_headlines
from kpicli.render.page.members import draw_members
from kpicli.render.screen import Screen
from kpicli.scorecard import Scorecard


def render(card: Scorecard) -> str:
    """The card on a page of 100 columns in Unicode, without colours."""
    return draw(card, Screen())


def draw(card: Scorecard, screen: Screen) -> str:
    """The card as it suits a screen."""
    headlines = draw_headlines(card, screen)
    members = draw_members(card, screen)
    return screen.draw(
        [
            *draw_heading(card, screen),
            *headlines.lines,
            *members.lines,
            *draw_legend(card, headlines, members, screen),
            *draw_goals(card, screen),
            *draw_contributions(card, screen),
            *draw_windows(card, screen),
            *draw_absences(card, screen),
            *draw_data(card, screen),
            *draw_hint(headlines.hidden | members.hidden, screen),
        ]
    )
