"""The page's HTML, filled by jinja2 with autoescape on; nothing is loaded from outside.

Pictures are still ones; where there are ``data`` the page's own script draws figures in their place
that answer to the pointer and to sliders.  Without scripts the still ones stay.
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
:root { --ink: #1d2733; --soft: #5b6773; --line: #dde2e7; --accent: #0072b2; }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink);
       margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; padding-bottom: .25rem;
     border-bottom: 2px solid var(--accent); }
p.lead, figcaption, .soft { color: var(--soft); }
figure { margin: 1rem 0; }
figure img { max-width: 100%; height: auto; display: block; margin: 0 auto; }
figure[data-live]:not(.la-live):not(:has(img)) { display: none; }
figcaption { font-size: .86rem; text-align: center; margin-top: .3rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .6rem 0; }
th, td { text-align: right; padding: .22rem .7rem; border-bottom: 1px solid var(--line);
         font-variant-numeric: tabular-nums; white-space: nowrap; }
.plain td:last-child { white-space: normal; overflow-wrap: anywhere; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 600; white-space: normal; vertical-align: bottom; }
.plain td { text-align: left; }
.facts { display: grid; gap: .7rem;
         grid-template-columns: repeat(auto-fit, minmax(min(100%, 9.5rem), 1fr));
         margin: 1.1rem 0; }
.facts div { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; }
.facts b { display: block; font-size: 1.12rem; }
.facts span { color: var(--soft); font-size: .82rem; }
.warn { background: #fdf1e7; border-left: 4px solid #d55e00; padding: .5rem .8rem; }
.wide { overflow-x: auto; }
.pair { display: grid; gap: 1rem;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
        align-items: center; }
.pair figure:last-child:nth-child(odd) { grid-column: 1 / -1; }
.pair figure:last-child:nth-child(odd) img { max-width: min(100%, 42rem); }
code { font-size: .86em; overflow-wrap: anywhere; }
nav { font-size: .88rem; display: flex; flex-wrap: wrap; gap: .3rem .9rem; }
nav a { color: var(--accent); }
.controls { background: rgba(255, 255, 255, .97); border: 1px solid var(--line); z-index: 4;
            border-radius: 6px; padding: .5rem .8rem; margin: .8rem 0; font-size: .86rem; }
.controls [data-sliders] { display: grid; gap: .3rem 1.2rem; align-items: end;
            grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); }
.controls button { font: inherit; padding: .2rem .5rem; }
.readings { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin-top: .4rem; }
.readings b { font-variant-numeric: tabular-nums; margin-right: .3rem; }
.readings span { color: var(--soft); font-size: .92em; }
@media (min-width: 50rem) and (min-height: 44rem) { .controls { position: sticky; top: 0; } }
h1 { overflow-wrap: anywhere; }
@media (max-width: 30rem) { body { padding: 1rem .7rem 3rem; font-size: 14px; }
            th, td { padding: .18rem .4rem; font-size: .84rem; } h1 { font-size: 1.35rem; }
            .plain td { white-space: normal; } figure .wide img { min-width: 44rem; } }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; }
            h2, h2 + p { break-after: avoid; } p { break-inside: avoid; }
            tr, figure { break-inside: avoid; }
            nav, .controls [data-sliders], .controls [data-note], .la-say { display: none; }
            .controls { position: static; break-inside: avoid; } .wide { overflow: visible; }
            .pair { display: grid; grid-template-columns: 1fr 1fr; } table { font-size: 8.5pt; }
            th, td { padding: .12rem .35rem; } .warn { print-color-adjust: exact; } }
@page { margin: 14mm; }
{{ style | safe }}
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p class="lead">{{ subtitle }}</p>
<nav>{% for s in sections %}<a href="#{{ s.id }}">{{ s.title }}</a>{% endfor %}</nav>
<div class="facts">
{% for name, value in facts %}<div><b>{{ value }}</b><span>{{ name }}</span></div>
{% endfor %}</div>
{% for text in warnings %}<p class="warn">{{ text }}</p>
{% endfor %}
{% for s in sections %}
{% if s.controls and data %}<div class="controls" id="la-controls" hidden>
<div data-sliders></div><div class="readings" id="la-readings"></div>
<p class="soft" data-note style="margin:.4rem 0 0"></p></div>{% endif %}
<section id="{{ s.id }}">
<h2>{{ s.title }}</h2>
{% if s.text %}<p>{{ s.text }}</p>{% endif %}
{% if s.figures %}<div class="{{ 'pair' if s.figures | length > 1 and s.side_by_side else '' }}">
{% for f in s.figures %}<figure{% if f.live and data %} data-live="{{ f.live }}"
 data-caption="{{ f.live_caption or f.caption }}"{% endif %}>
{% if f.uri %}<div class="wide"><img alt="{{ f.caption }}" src="{{ f.uri }}"></div>{% endif %}
<figcaption>{{ f.caption }}</figcaption></figure>
{% endfor %}</div>{% endif %}
{% for t in s.tables %}<div class="wide"><table{% if not t.head %} class="plain"{% endif %}>
{% if t.head %}<thead><tr>{% for c in t.head %}<th>{{ c }}</th>{% endfor %}</tr></thead>{% endif %}
<tbody>
{% for row in t.rows %}<tr>{% for c in row %}<td>{{ c }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
{% endfor %}
</section>
{% endfor %}
<p class="soft">Conventions: {{ conventions }}.</p>
{% if data %}<script type="application/json" id="la-data">{{ data | safe }}</script>
<script>{{ script | safe }}</script>
{% endif %}</body>
</html>
"""
