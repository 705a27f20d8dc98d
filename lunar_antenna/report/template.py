"""The page's HTML, filled by jinja2 with autoescape on; no scripts, nothing loaded from outside."""

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
figcaption { font-size: .86rem; text-align: center; margin-top: .3rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .6rem 0; }
th, td { text-align: right; padding: .22rem .7rem; border-bottom: 1px solid var(--line);
         font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 600; }
.plain td { text-align: left; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem;
         margin: 1.1rem 0; }
.facts div { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; }
.facts b { display: block; font-size: 1.12rem; }
.facts span { color: var(--soft); font-size: .82rem; }
.warn { background: #fdf1e7; border-left: 4px solid #d55e00; padding: .5rem .8rem; }
.wide { overflow-x: auto; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 1rem;
        align-items: center; }
.pair figure:last-child:nth-child(odd) { grid-column: 1 / -1; }
.pair figure:last-child:nth-child(odd) img { max-width: min(100%, 42rem); }
code { font-size: .86em; overflow-wrap: anywhere; }
nav { font-size: .88rem; } nav a { color: var(--accent); margin-right: .9rem; }
@media print { body { max-width: none; } h2 { break-after: avoid; }
               figure, table { break-inside: avoid; } nav { display: none; } }
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
<section id="{{ s.id }}">
<h2>{{ s.title }}</h2>
{% if s.text %}<p>{{ s.text }}</p>{% endif %}
{% if s.figures %}<div class="{{ 'pair' if s.figures | length > 1 and s.side_by_side else '' }}">
{% for f in s.figures %}<figure><img alt="{{ f.caption }}" src="{{ f.uri }}">
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
</body>
</html>
"""
