/** The dashboard's own, so that both look like one thing: `dashboard/src/styles/tokens.css`. A test compares them. */
export const tokens = {
  ground: 'light-dark(#f5f7f7, #0e1415)',
  surface: 'light-dark(#ffffff, #151d1f)',
  line: 'light-dark(#dde4e4, #273335)',
  'line-strong': 'light-dark(#8b9a9b, #617274)',
  ink: 'light-dark(#152022, #e6eded)',
  'ink-3': 'light-dark(#5a6a6c, #8fa0a2)',
  accent: 'light-dark(#0b6b6e, #57c7c2)',
  'accent-strong': 'light-dark(#085558, #7ad8d3)',
  'accent-ink': 'light-dark(#ffffff, #06201f)',
  good: 'light-dark(#14713c, #6bcf94)',
  'good-soft': 'light-dark(#e2f4e9, #14301f)',
  warn: 'light-dark(#875200, #e5b565)',
  'warn-soft': 'light-dark(#fcf0da, #35280f)',
  bad: 'light-dark(#b3261e, #f29a92)',
  'bad-soft': 'light-dark(#fce8e6, #3b1a18)',
  info: 'light-dark(#1f5fa8, #8dbdf2)',
  'info-soft': 'light-dark(#e5eff9, #16283b)',
  radius: '8px',
} as const;

const properties = Object.entries(tokens).map(([name, value]) => `--${name}:${value}`);

/** Of the pages for people. */
export const style = `
:root{color-scheme:light dark;${properties.join(';')}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.note{margin:0;padding:.5rem 1rem;text-align:center;font-size:.875rem;background:var(--warn-soft);color:var(--warn)}
main{max-width:28rem;margin:1.5rem auto;padding:1.5rem;background:var(--surface);border:1px solid var(--line);border-radius:var(--radius)}
@media(max-width:30rem){main{margin:0;border-width:0 0 1px;border-radius:0;padding:1.25rem 1rem}}
h1{margin:0 0 .25rem;font-size:1.25rem;line-height:1.3}
p{margin:.5rem 0}
.muted{color:var(--ink-3);font-size:.9375rem;font-weight:400}
.label{margin:.75rem 0 0}
.amount{margin:0;font-size:2.25rem;font-weight:650;line-height:1.15;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dl{margin:1rem 0 0}
.row{display:grid;grid-template-columns:1fr auto;align-items:center;gap:0 .75rem;padding:.625rem 0;border-top:1px solid var(--line)}
dt{grid-column:1;color:var(--ink-3);font-size:.875rem}
dd{grid-column:1;margin:0;font-weight:550;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.row dd+dd{grid-row:1/3;grid-column:2}
.sum{padding:0;border:0}
button,.button{font:inherit;font-weight:600;padding:.5rem .875rem;border:1px solid var(--line-strong);border-radius:var(--radius);background:transparent;color:var(--accent);cursor:pointer;text-decoration:none;display:inline-block}
button:hover,.button:hover{color:var(--accent-strong);border-color:var(--accent)}
.primary,.primary:hover{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
.wide{width:100%;text-align:center;padding:.75rem;margin-top:.75rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.state{margin:0 0 1rem;padding:.75rem 1rem;border-radius:var(--radius);font-weight:600}
.state[data-tone=good]{color:var(--good);background:var(--good-soft)}
.state[data-tone=bad]{color:var(--bad);background:var(--bad-soft)}
.state[data-tone=warn]{color:var(--warn);background:var(--warn-soft)}
.state[data-tone=wait]{color:var(--info);background:var(--info-soft)}
h2{margin:1.25rem 0 .25rem}
ul{padding-left:1.25rem;margin:.25rem 0 1rem}
li+li{margin-top:.25rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
`;
