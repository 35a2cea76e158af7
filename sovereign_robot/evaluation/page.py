"""The page that a report is written on: plain HTML and CSS, light and dark, nothing loaded from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape

from sovereign_robot.evaluation.statistics import Rate

_CSS = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #667085; --line: #e3e7ee; --ground: #f6f7f9;
  --card: #fff; --good: #15803d; --bad: #c2261d; --accent: #3b82f6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #98a2b3; --line: #2b3340;
  --ground: #11151b; --card: #1a2029; --good: #4ade80; --bad: #f87171; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 28px 20px 60px; background: var(--ground);
  color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP",
  "Yu Gothic UI", sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 22px; margin: 0 0 18px; } h2 { font-size: 16px; margin: 0 0 12px; }
.ja { color: var(--soft); margin-left: .45em; font-size: .92em; font-weight: normal; }
section, .headline { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px; margin-bottom: 16px; }
.headline { display: grid; grid-template-columns: auto 1fr; gap: 26px; align-items: center; }
.headline p { margin: 4px 0; } .big { font-size: 52px; font-weight: 700; letter-spacing: -.02em; }
.headline.good .big, b.good, tr.good td.outcome { color: var(--good); }
.headline.bad .big, b.bad, tr.bad td.outcome { color: var(--bad); }
.note { color: var(--bad); }
.bar { position: relative; height: 10px; min-width: 120px; border-radius: 5px; margin: 6px 0;
  background: var(--line); }
.bar i { position: absolute; top: 0; bottom: 0; border-radius: 5px; background: var(--accent); opacity: .38; }
.bar b { position: absolute; top: -2px; bottom: -2px; width: 3px; margin-left: -1.5px; border-radius: 2px;
  background: var(--accent); }
.bar u { position: absolute; top: -3px; bottom: -3px; width: 0; border-left: 2px dotted var(--soft); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 22px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 18px; }
figure { margin: 0 0 10px; } figure svg { width: 100%; height: auto; display: block; }
video { width: 100%; border-radius: 8px; display: block; background: #000; aspect-ratio: 4 / 3; }
figcaption { margin-top: 6px; font-size: 13.5px; } figcaption small { display: block; color: var(--soft); }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; }
th, td { text-align: left; padding: 4px 10px 4px 0; vertical-align: middle;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.wide { width: 42%; } td:first-child { white-space: nowrap; }
td.code { font-family: ui-monospace, monospace; word-break: break-all; }
.matrix { overflow-x: auto; } .matrix td, .matrix th { min-width: 86px; vertical-align: top; }
.matrix td:first-child { min-width: 120px; } .matrix .bar { min-width: 70px; height: 8px; }
.matrix small { display: block; color: var(--soft); font-size: 12px; } .matrix tr.sum td { font-weight: 600; }
.matrix .apart { border-left: 2px solid var(--line); padding-left: 10px; }
summary { cursor: pointer; } details table { margin-top: 10px; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 22px; }
.moments { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; }
.moments span { font-size: 12.5px; color: var(--soft); }
.moments img { width: 100%; height: auto; display: block; border-radius: 4px; }
.legend i { display: inline-block; width: 24px; border-top: 2px solid #3b82f6; vertical-align: middle;
  margin: 0 5px 0 16px; }
.legend i:first-child { margin-left: 0; }
.legend .command { border-color: #f59e0b; border-top-style: dashed; }
.legend .limit { border-color: #ef4444; border-top-style: dotted; }
@media (max-width: 620px) { .headline { grid-template-columns: 1fr; gap: 6px; } }
"""

LANGUAGE_NAMES = {"en": ("English", "英語"), "ja": ("Japanese", "日本語")}


def page(title: str, body: str) -> str:
    """The whole document."""
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{_CSS}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def section(english: str, japanese: str, body: str) -> str:
    """One card with a heading in both languages."""
    return f"<section><h2>{both(english, japanese)}</h2>{body}</section>"


def both(english: str, japanese: str) -> str:
    """The same in English and in Japanese."""
    if english == japanese:
        return escape(english)
    return f"{escape(english)}<span class='ja' lang='ja'>{escape(japanese)}</span>"


def rate_bar(rate: Rate, threshold: float | None = None) -> str:
    """The interval as a band, the rate as a mark in it, the threshold as a dotted line."""
    lower, upper = rate.interval
    line = "" if threshold is None else f"<u style='left:{threshold:.2%}'></u>"
    band = f"<i style='left:{lower:.2%};width:{upper - lower:.2%}'></i>"
    return f"<div class='bar'>{band}<b style='left:{rate.value:.2%}'></b>{line}</div>"


def rate_table(head: str, rates: Sequence[tuple[str, Rate]]) -> str:
    """Rates by name; the names are HTML."""
    rows = "".join(
        f"<tr><td>{name}</td><td>{r.value:.0%}</td><td>{r.successes}/{r.n}</td>"
        f"<td class='wide'>{rate_bar(r)}</td></tr>"
        for name, r in rates
    )
    return f"<table><thead><tr><th colspan='4'>{head}</th></tr></thead><tbody>{rows}</tbody></table>"


def facts_table(facts: Mapping[str, str]) -> str:
    """Names and values."""
    rows = "".join(
        f"<tr><td>{escape(k)}</td><td class='code'>{escape(v)}</td></tr>" for k, v in facts.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"
